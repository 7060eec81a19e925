"""What is typed wrong: one line that says what was seen and what to do about it."""

import shlex
from pathlib import Path

import pytest

from core.corpora import explain, formats, read_corpus
from core.errors import InputError
from tests.layouts import layout

TABLE = "image,caption\na.jpg,A cat\n"
NEARLY = "1 name was taken for nearly the same, first"
CASES = {
    "nothing": ([], "photos", ["an empty folder", "captions.csv", "image,caption"]),
    "no such folder": (["photos/a.jpg"], "photo", ["no such file", "did you mean", "/photos?"]),
    "other case": (["photos/a.jpg"], "PHOTOS", ["no such file", "did you mean", "/photos?"]),
    "only hidden": (["photos/.a.jpg"], "photos", ["only hidden files or", "captions.csv"]),
    "empty folders": (["photos/a/"], "photos", ["only hidden files or empty folders"]),
    "too high": (
        ["photos/holiday/images/a.jpg", "photos/holiday/captions.csv"],
        "photos",
        ["1 picture in holiday/images/", "type the folder in it that is one:", "photos/holiday"],
    ),
    "two too high": (
        ["photos/a/b/images/a.jpg", "photos/a/b/captions.csv"],
        "photos",
        ["type the folder in it that is one:", "photos/a/b"],
    ),
    "several": (
        [f"photos/{name}/{file}" for name in "xy" for file in ("images/a.jpg", "captions.csv")],
        "photos",
        ["type one of its folders:", "photos/x, ", "photos/y"],
    ),
    "too low": (
        ["photos/images/a.jpg", "photos/captions.csv"],
        "photos/images",
        ["1 picture", "captions lie in the folder above: type", "--format pictures"],
    ),
    "a zip": (["photos.zip"], "photos.zip", ["an archive", "unpack it: unzip", "then type"]),
    "a zip in it": (["photos/p.zip"], "photos", ["p.zip", "unpack it: unzip"]),
    "packed tar": (["p.tar.gz"], "p.tar.gz", ["unpack it: mkdir", "tar -xf", "gunzip"]),
    "another folder": (
        ["photos/captions.csv", "photos/pics/a.jpg"],
        "photos",
        ["1 picture in pics/", "captions.csv", "rename", "mv", "photos/pics"],
    ),
    "pictures beside": (
        ["photos/captions.csv", "photos/a.jpg"],
        "photos",
        ["1 picture, captions.csv", "move the pictures into", "photos/images"],
    ),
    "only captions": (
        ["photos/captions.csv"],
        "photos",
        ["captions.csv", "there are no pictures", "images/"],
    ),
    "table in images": (
        ["photos/images/captions.csv", "photos/images/a.jpg"],
        "photos",
        ["move the table beside the pictures' folder: mv"],
    ),
    "another table": (
        ["photos/labels.csv", "photos/images/a.jpg"],
        "photos",
        ["labels.csv", "call it captions.csv", "--format pictures"],
    ),
    "tokens without lists": (
        ["photos/Flickr8k.token.txt", "photos/images/a.jpg"],
        "photos",
        ["Flickr8k.token.txt needs the lists", "*trainImages.txt"],
    ),
    "a list is missing": (
        [
            *("photos/F.lemma.token.txt", "photos/F.token.txt", "photos/F.trainImages.txt"),
            *("photos/F.testImages.txt", "photos/images/a.jpg"),
        ],
        "photos",
        ["; F.token.txt needs the list *devImages.txt beside it: put it there"],
    ),
    "texts apart": (
        ["photos/a.txt", "photos/b.txt", "photos/images/a.jpg", "photos/images/b.jpg"],
        "photos",
        ["2 texts are called like pictures, a.txt the first: put each", "photos/images; or"],
    ),
    "texts in a folder": (
        ["photos/texts/a.txt", "photos/images/a.jpg"],
        "photos",
        ["1 text is called like a picture, texts/a.txt the first: put each", "photos/images; or"],
    ),
    "splits of Karpathy's": (
        ["photos/flickr8k.json", "photos/images/a.jpg"],
        "photos",
        ["flickr8k.json holds", "call it dataset_flickr8k.json: mv", "captions_train.json"],
    ),
    "splits without a name": (
        ["photos/dataset.json", "photos/images/a.jpg"],
        "photos",
        ["dataset.json holds Karpathy's splits", "call it dataset_photos.json: mv"],
    ),
    "a picture": (["photos/a.jpg"], "photos/a.jpg", ["a picture", "type the folder that holds it"]),
    "a table": (["photos/captions.csv"], "photos/captions.csv", ["type the folder that holds it"]),
    "another file": (["photos/a.bin"], "photos/a.bin", ["a file", "type the folder that holds it"]),
    "tables deeper": (
        ["photos/a.jpg", "photos/x/y.json"],
        "photos",
        ["x/y.json is not read where it lies", "--format pictures"],
    ),
    "odd name": (["photos/two\nlines.csv"], "photos", ["two\\nlines.csv"]),
}


@pytest.mark.parametrize("case", CASES)
def test_one_line_says_what_was_seen_and_what_to_do(tmp_path, case):
    files, typed, words = CASES[case]
    (tmp_path / "photos").mkdir()
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text(TABLE)
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path / typed)
    line = str(caught.value)
    assert [word for word in words if word not in line] == []
    assert "\n" not in line
    assert len(line.replace(str(tmp_path), "")) < 330
    assert [needs for needs in formats().values() if needs in line] == []
    found = explain(tmp_path / typed)
    assert found.formats == ()
    assert found.seen in line
    assert found.advice in line
    assert found.advice


def test_what_the_advice_says_works(tmp_path):
    layout(tmp_path / "my photos", {"captions.csv": TABLE, "pics/a.jpg": ""})
    advice = explain(tmp_path / "my photos").advice
    source, target = shlex.split(advice.partition("mv ")[2])
    Path(source).rename(target)
    assert explain(tmp_path / "my photos").formats == ("folder",)


def test_texts_beside_their_pictures_are_read_as_the_advice_says(tmp_path):
    layout(tmp_path, {f"{name}.txt": "A dog\n" for name in "ab"} | {"images/a.jpg": ""})
    layout(tmp_path, {"images/b.jpg": ""})
    folder = Path(explain(tmp_path).advice.partition(", in ")[2].partition(";")[0])
    for name in "ab":
        (tmp_path / f"{name}.txt").rename(folder / f"{name}.txt")
    assert len(read_corpus(tmp_path).captions) == 2


def test_karpathys_splits_are_read_under_the_name_of_the_advice(tmp_path):
    entry = '{"filename": "a.jpg", "split": "train", "sentences": [{"raw": "A dog"}]}'
    files = {"dataset.json": f'{{"images": [{entry}]}}', "images/a.jpg": ""}
    layout(tmp_path / "my photos", files)
    advice = explain(tmp_path / "my photos").advice
    source, target = shlex.split(advice.partition("mv ")[2].partition(";")[0])
    Path(source).rename(target)
    corpus = read_corpus(tmp_path / "my photos")
    assert (corpus.name, len(corpus.captions)) == ("my photos", 1)


def test_the_folder_of_an_archive_is_quoted_as_the_rest(tmp_path):
    (tmp_path / "my photos.tar.gz").write_text("x")
    advice = explain(tmp_path / "my photos.tar.gz").advice
    assert advice.endswith(f"then type {shlex.quote(str(tmp_path / 'my photos'))}")


def test_a_corpus_needs_no_advice(tmp_path):
    layout(tmp_path, {"captions.csv": TABLE, "images/a.jpg": "", "notes.md": "x"})
    found = explain(tmp_path)
    assert (found.formats, found.advice) == (("folder",), "")
    assert found.seen == "1 picture in images/, captions.csv, 1 other file"


def test_nothing_is_looked_at_twice_nor_kept(tmp_path, monkeypatch):
    layout(tmp_path, {"a.jpg": ""})
    from core.corpora import _survey

    walked = []
    real = _survey.os.walk
    monkeypatch.setattr(
        _survey.os, "walk", lambda path, **more: walked.append(path) or real(path, **more)
    )
    assert len(read_corpus(tmp_path).images) == 1
    assert len(walked) == len(set(walked))
    layout(tmp_path, {"b.jpg": ""})
    assert len(read_corpus(tmp_path).images) == 2


@pytest.mark.parametrize(
    ("table", "notes"),
    [
        ("image;caption\na.jpg;A cat\n", ["captions.csv is separated by a semicolon"]),
        ("image\tcaption\na.jpg\tA cat\n", ["captions.csv is separated by a tab"]),
        (
            "filename,text\na.jpg,A cat\n",
            [
                f"captions.csv: {ours} is the column {theirs!r}"
                for ours, theirs in (("image", "filename"), ("caption", "text"))
            ],
        ),
        (
            "image,caption,set\na.jpg,A cat,train\n",
            ["captions.csv: the column 'set' is not read; call it split if it says splits"],
        ),
        (
            "image,caption\nimages/a.jpg,A cat\n",
            [NEARLY + " 'images/a.jpg' for 'a.jpg'"],
        ),
        (
            "image,caption\na,A cat\n",
            [NEARLY + " 'a' for 'a.jpg'"],
        ),
        (
            "image,caption\nphotos\\images\\A.JPG,A cat\n",
            [NEARLY + r" 'photos\\images\\A.JPG' for 'a.jpg'"],
        ),
    ],
)
def test_what_is_clear_is_taken_and_said(tmp_path, table, notes):
    corpus = read_corpus(layout(tmp_path, {"captions.csv": table, "images/a.jpg": ""}))
    assert [(image.id, image.place.is_file()) for image in corpus.images] == [("a.jpg", True)]
    assert [caption.text for caption in corpus.captions] == ["A cat"]
    assert list(corpus.notes) == notes


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("a.jpg,A cat\n", "captions.csv:1: no header: the first row is .*put a first line"),
        ("a.jpg;A cat\n", "captions.csv:1: .*'a.jpg;A cat'"),
        ("file,path,caption\na,b,c\n", r"check image \(one of 'file', 'path'\?\)"),
        ("name,words\na.jpg,A cat\n", "needs the columns image and caption.*'name, words'"),
    ],
)
def test_what_is_not_clear_is_one_line(tmp_path, table, message):
    with pytest.raises(InputError, match=message):
        read_corpus(layout(tmp_path, {"captions.csv": table, "images/a.jpg": ""}))


def test_accents_that_are_encoded_otherwise_are_the_same_name(tmp_path):
    layout(
        tmp_path, {"captions.csv": "image,caption\ncafe\u0301.jpg,x\n", "images/caf\u00e9.jpg": ""}
    )
    assert [image.id for image in read_corpus(tmp_path).images] == ["caf\u00e9.jpg"]


def test_a_name_that_may_mean_two_pictures_means_none(tmp_path):
    files = {"images/a.jpg": "", "images/a.png": "", "captions.csv": "image,caption\na,x\n"}
    corpus = read_corpus(layout(tmp_path, files))
    assert [image.id for image in corpus.images] == ["a", "a.jpg", "a.png"]
    assert not any("taken" in note for note in corpus.notes)


def test_json_lines_of_other_keys(tmp_path):
    lines = '{"file_name": "a.jpg", "text": "A cat"}\n'
    corpus = read_corpus(layout(tmp_path, {"captions.jsonl": lines, "images/a.jpg": ""}))
    assert corpus.captions[0].text == "A cat"
    assert corpus.notes[0] == "captions.jsonl: image is the column 'file_name'"
