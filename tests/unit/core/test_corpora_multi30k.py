"""Multi30k's captions; and captions that lie without their pictures, in whatever table."""

import shutil

import pytest

from core.corpora import multi30k, read_captions, read_corpus
from core.errors import InputError
from core.plugins import load
from tests.layouts import layout

ALONE = {
    "captions.csv": 'image,caption\nc.jpg,"A dog, brown"\na.jpg,A cat .\nc.jpg,A dog\n',
    "captions.tsv": "image\tcaption\nc.jpg\tA dog, brown\na.jpg\tA cat .\nc.jpg\tA dog\n",
    "captions.jsonl": (
        '{"image": "c.jpg", "caption": "A dog, brown"}\n'
        '{"image": "a.jpg", "caption": "A cat ."}\n{"image": "c.jpg", "caption": "A dog"}\n'
    ),
    "captions.txt": "image,caption\nc.jpg,A dog, brown\na.jpg,A cat .\nc.jpg,A dog\n",
    "results.csv": (
        "image_name| comment_number| comment\n"
        "c.jpg| 0| A dog, brown\na.jpg| 0| A cat .\nc.jpg| 1| A dog\n"
    ),
    "flickr.token": "c.jpg#0\tA dog, brown\na.jpg#0\tA cat .\nc.jpg#1\tA dog\n",
    "Flickr8k.token.txt": "c.jpg#0\tA dog, brown\na.jpg#0\tA cat .\nc.jpg#1\tA dog\n",
}


def told(corpus):
    owners = (corpus.images[owner].id for owner in corpus.owner)
    return [(owner, c.text) for owner, c in zip(owners, corpus.captions, strict=True)]


def test_line_n_is_of_picture_n(tmp_path):
    corpus = read_corpus(layout(tmp_path, multi30k.EXAMPLE))
    assert told(corpus) == [
        ("a.jpg", "A cat ."),
        ("a.jpg", "A black cat ."),
        ("b.jpg", "A dog ."),
        ("c.jpg", "A dog ."),
        ("c.jpg", "A brown dog ."),
    ]
    assert [image.split for image in corpus.images] == ["train", "val", "train"]
    assert corpus.captions[1].id == "a.jpg#2"


def test_the_word_of_a_year_is_no_split_and_files_are_in_the_order_of_numbers(tmp_path):
    files = {f"test_2016.{k}.en": f"Caption {k}\n" for k in (1, 2, 10)}
    corpus = read_corpus(layout(tmp_path, {**files, "test_2016_images.txt": "1.jpg\n"}))
    assert [image.split for image in corpus.images] == ["test"]
    assert [text for _, text in told(corpus)] == ["Caption 1", "Caption 2", "Caption 10"]


def test_a_blank_line_is_a_caption_that_is_left_out(tmp_path):
    example = {**multi30k.EXAMPLE, "train.2.en": "\nA black cat .\n"}
    corpus = read_corpus(layout(tmp_path, example))
    assert ("a.jpg", "A black cat .") in told(corpus)
    assert len(corpus.captions) == 4


@pytest.mark.parametrize(
    ("file", "text", "match"),
    [
        ("train.2.en", "A dog .\n", r"train\.2\.en has 1 line, and train_images\.txt 2"),
        ("train.1.en", "A\nB\nC\n", r"train\.1\.en has 3 lines, and train_images\.txt 2"),
        ("val_images.txt", "c.jpg\n", r"val_images\.txt:1: 'c\.jpg' is there twice"),
        ("val_images.txt", "../b.jpg\n", r"val_images\.txt:1"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, file, text, match):
    with pytest.raises(InputError, match=match):
        read_corpus(layout(tmp_path, {**multi30k.EXAMPLE, file: text}))


def test_a_part_of_no_split_is_refused(tmp_path):
    files = {"mscoco_images.txt": "a.jpg\n", "mscoco.1.en": "A dog\n"}
    with pytest.raises(InputError, match="unknown split 'mscoco'"):
        read_corpus(layout(tmp_path, files))


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("typed", ["folder", "file"])
def test_a_table_without_its_pictures(tmp_path, name, typed):
    folder = layout(tmp_path / "texts", {name: ALONE[name]})
    corpus = read_captions(folder if typed == "folder" else folder / name)
    rows = [("a.jpg", "A cat ."), ("c.jpg", "A dog, brown"), ("c.jpg", "A dog")]
    assert told(corpus) == rows
    assert corpus.name == "texts"


@pytest.mark.parametrize("name", ["coco_captions", "karpathy_json", "folder", "multi30k"])
def test_a_corpus_is_read_as_ever(tmp_path, name):
    folder = layout(tmp_path / "c", load("core.corpora", name).EXAMPLE)
    alone, whole = read_captions(folder), read_corpus(folder)
    assert (alone.images, alone.captions) == (whole.images, whole.captions)
    shutil.rmtree(folder / "images")
    assert told(read_captions(folder)) == told(whole)


@pytest.mark.parametrize(
    ("format", "table"),
    [
        ("folder", "captions.csv"),
        ("kaggle_captions", "captions.txt"),
        ("flickr_results", "results.csv"),
        ("flickr_tokens", "example.token.txt"),
    ],
)
def test_the_table_of_a_corpus_is_that_corpus(tmp_path, format, table):
    folder = layout(tmp_path / "c", load("core.corpora", format).EXAMPLE)
    by_file, whole = read_captions(folder / table), read_corpus(folder)
    assert (by_file.name, by_file.images) == (whole.name, whole.images)
    assert by_file.captions == whole.captions


def test_a_table_in_the_folder_of_another_corpus_is_read_alone(tmp_path):
    folder = layout(tmp_path / "c", load("core.corpora", "karpathy_json").EXAMPLE)
    layout(folder, {"own.token": "a.jpg#0\tA cow .\n"})
    assert told(read_captions(folder / "own.token")) == [("a.jpg", "A cow .")]


def test_what_is_no_table_is_refused_as_a_corpus_is(tmp_path):
    layout(tmp_path, {"notes.txt": "hello", "two/captions.csv": ALONE["captions.csv"]})
    layout(tmp_path, {"two/results.csv": ALONE["results.csv"]})
    for path in (tmp_path / "notes.txt", tmp_path / "none", tmp_path / "two"):
        with pytest.raises(InputError, match=r"; "):
            read_captions(path)
    with pytest.raises(InputError, match="holds no captions"):
        read_captions(layout(tmp_path / "empty", {"captions.csv": "image,caption\n"}))
    with pytest.raises(InputError, match=r"captions\.csv:2"):
        read_captions(layout(tmp_path / "odd", {"captions.csv": "image,caption\na,b,c\n"}))
