"""Folders that no table tells of: texts beside pictures, class folders, pictures alone."""

import os
from pathlib import Path

import pytest

from core.corpora import explain, read_corpus
from core.corpora._places import hash_split
from core.errors import InputError
from tests.layouts import layout

JUNK = {
    "Thumbs.db": "x",
    "images/._a.jpg": "x",
    "__MACOSX/images/._a.jpg": "x",
    ".DS_Store": "x",
    "README.md": "x",
    "LICENSE.txt": "x",
}


def splits(corpus):
    return {image.id: image.split for image in corpus.images}


@pytest.mark.parametrize("inner", ["", "images/"])
def test_a_text_beside_each_picture(tmp_path, inner):
    files = {
        f"{inner}a.JPG": "",
        f"{inner}a.TXT": "\ufeffA cat\r\n\r\nA brown cat\r\n",
        f"{inner}deep/b.png": "",
        f"{inner}deep/b.txt": "A dog",
        f"{inner}c.jpg": "",
        f"{inner}d.txt": "of no picture",
    }
    corpus = read_corpus(layout(tmp_path, JUNK | files))
    assert [image.id for image in corpus.images] == ["a.JPG", "c.jpg", "deep/b.png"]
    assert [(caption.id, caption.text) for caption in corpus.captions] == [
        ("a.JPG#0", "A cat"),
        ("a.JPG#1", "A brown cat"),
        ("deep/b.png#0", "A dog"),
    ]
    assert all(image.place == tmp_path / f"{inner}{image.id}" for image in corpus.images)
    assert corpus.notes == (
        "1 picture has no text beside",
        "1 text has no picture of the same name",
    )


def test_texts_in_folders_of_splits(tmp_path):
    files = {f"{s}/a.{e}": "x" for s in ("train", "Valid", "test") for e in ("jpg", "txt")}
    assert splits(read_corpus(layout(tmp_path, files))) == {
        "Valid/a.jpg": "val",
        "test/a.jpg": "test",
        "train/a.jpg": "train",
    }


def test_the_hash_rule_leaves_no_split_empty(tmp_path):
    names = [str(n) for n in range(400) if hash_split(f"{n}.jpg") == "train"][:12]
    layout(tmp_path, {f"{name}.{ending}": "x" for name in names for ending in ("jpg", "txt")})
    assert set(splits(read_corpus(tmp_path)).values()) == {"train", "val", "test"}


def test_class_folders(tmp_path):
    files = {"dog/1.jpg": "", "cat/1.jpg": "", "images of a fox/2.PNG": ""}
    corpus = read_corpus(layout(tmp_path, JUNK | files))
    assert {image.id: image.labels for image in corpus.images} == {
        "cat/1.jpg": ("cat",),
        "dog/1.jpg": ("dog",),
        "images of a fox/2.PNG": ("images of a fox",),
    }
    assert splits(corpus) == {image.id: hash_split(image.id) for image in corpus.images}
    assert corpus.captions == ()


def test_class_folders_in_folders_of_splits(tmp_path):
    files = {f"{s}/{c}/1.jpg": "" for s in ("train", "val", "test") for c in ("dog", "cat")}
    corpus = read_corpus(layout(tmp_path, files))
    assert {i.id: (i.split, *i.labels) for i in corpus.images} == {
        f"{s}/{c}/1.jpg": (s, c) for s in ("train", "val", "test") for c in ("dog", "cat")
    }


def test_class_folders_by_name_may_be_deeper_and_need_a_folder(tmp_path):
    layout(tmp_path, {"dog/more/1.jpg": "", "cat/2.jpg": ""})
    assert explain(tmp_path).formats == ("pictures",)
    named = read_corpus(tmp_path, "class_folders")
    assert {i.id: i.labels for i in named.images} == {
        "cat/2.jpg": ("cat",),
        "dog/more/1.jpg": ("dog",),
    }
    layout(tmp_path, {"3.jpg": ""})
    with pytest.raises(InputError, match="'3.jpg' lies in no class folder; .*--format pictures"):
        read_corpus(tmp_path, "class_folders")


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (["a.jpg", "B.PNG"], ["B.PNG", "a.jpg"]),
        (["images/a.jpg"], ["a.jpg"]),
        (["images/x/a.jpg", "images/b.jpg"], ["b.jpg", "x/a.jpg"]),
        (["images/a.jpg", "more/a.jpg", "c.jpg"], ["c.jpg", "images/a.jpg", "more/a.jpg"]),
        (["only/a.jpg"], ["only/a.jpg"]),
        (["x/y/a.jpg", "b.jpg"], ["b.jpg", "x/y/a.jpg"]),
    ],
)
def test_pictures_alone(tmp_path, files, ids):
    corpus = read_corpus(layout(tmp_path, JUNK | dict.fromkeys(files, "")))
    assert [image.id for image in corpus.images] == ids
    assert (corpus.captions, corpus.images[0].labels) == ((), ())
    assert all(image.place.is_file() for image in corpus.images)


@pytest.mark.parametrize("table", [{}, {"captions.csv": "image,caption\nx/a.jpg,A cat\n"}])
def test_images_may_be_a_link_to_a_folder(tmp_path, table):
    layout(tmp_path / "elsewhere", {"x/a.jpg": ""})
    layout(tmp_path / "photos", {"README.md": "x"} | table)
    (tmp_path / "photos" / "images").symlink_to(tmp_path / "elsewhere")
    corpus = read_corpus(tmp_path / "photos")
    assert [image.id for image in corpus.images] == ["x/a.jpg"]
    assert explain(tmp_path / "photos").seen.startswith("1 picture in images/x/")


@pytest.mark.parametrize(
    "made",
    [
        {"work/journal.jsonl": "{}", "work/scenes/d.jpg": ""},
        {"work/likeness.json": "{}"},
        {"work/features/x/cache.json": "{}", "work/known/0.json": "{}"},
    ],
)
def test_a_work_folder_inside_of_a_corpus_is_none_of_it(tmp_path, made):
    alike = {f"{folder}/{name}/d.jpg": "" for folder in "xy" for name in ("known", "features")}
    del alike["x/known/d.jpg"], alike["y/features/d.jpg"]
    layout(tmp_path, {"a.jpg": "", "known/b.jpg": "", "features/c.jpg": ""} | alike)
    before = read_corpus(tmp_path)
    assert len(before.images) == 5
    layout(tmp_path, made)
    assert explain(tmp_path).formats == ("pictures",)
    assert read_corpus(tmp_path).images == before.images


@pytest.mark.parametrize("place", ["photos/lost+found", "photos/images/private"])
def test_a_folder_that_cannot_be_read_matters_where_pictures_are_read(tmp_path, monkeypatch, place):
    files = {"images/a.jpg": "", "captions.csv": "image,caption\na.jpg,A cat\n"}
    layout(tmp_path / "photos", files)
    (tmp_path / place).mkdir()
    real = os.scandir

    def refusing(path):
        if Path(path) == tmp_path / place:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    if "images" in place:
        with pytest.raises(InputError, match="private: Permission denied; check its permissions"):
            read_corpus(tmp_path / "photos")
    else:
        assert len(read_corpus(tmp_path / "photos").images) == 1


def test_pictures_in_folders_of_splits(tmp_path):
    layout(tmp_path, {"train/a.jpg": "", "dev/x/b.jpg": ""})
    assert splits(read_corpus(tmp_path)) == {"dev/x/b.jpg": "val", "train/a.jpg": "train"}


@pytest.mark.parametrize("labelled", [False, True])
def test_what_lies_outside_of_the_folders_of_splits_is_extra_and_said(tmp_path, labelled):
    inner = "dog/" if labelled else ""
    files = {
        f"Training/{inner}a.jpg": "",
        "Training/cat/b.jpg": "",
        f"testing/{inner}c.jpg": "",
        "cover.jpg": "",
        "holdout/cat/d.jpg": "",
    }
    corpus = read_corpus(layout(tmp_path, files))
    assert splits(corpus) == dict(
        zip(files, ("train", "train", "test", "extra", "extra"), strict=True)
    )
    assert corpus.notes == (
        "the splits are the folders Training/, testing/; 2 pictures lie outside, such as "
        "cover.jpg: extra, in none of the three",
    )
    labels = [image.labels for image in corpus.images]
    assert labels == ([("cat",), ("dog",), (), (), ("dog",)] if labelled else [()] * 5)


def test_one_folder_that_is_called_like_a_split_beside_others_is_said(tmp_path):
    files = {"test/a.jpg": "", "test/a.txt": "A cat", "b.jpg": "", "b.txt": "A dog"}
    corpus = read_corpus(layout(tmp_path, files))
    assert splits(corpus) == {name: hash_split(name) for name in ("test/a.jpg", "b.jpg")}
    assert corpus.notes == (
        "test/ is not taken for a split, the ids tell it: 1 picture lies outside, such as b.jpg",
    )


def test_ids_stay_where_a_table_is_put_beside_images(tmp_path):
    layout(tmp_path, {"images/a.jpg": "", "images/x/b.jpg": ""})
    before = read_corpus(tmp_path)
    layout(tmp_path, {"captions.csv": "image,caption\na.jpg,A cat\n"})
    after = read_corpus(tmp_path)
    assert [(i.id, i.place, i.split) for i in before.images] == [
        (i.id, i.place, i.split) for i in after.images
    ]


def test_a_folder_of_corpora_is_none_itself(tmp_path):
    layout(tmp_path / "texts", {"a.jpg": "", "a.txt": "x", "a.json": "{}"})
    assert explain(tmp_path).formats == ("txt_beside",)
    layout(tmp_path / "tables", {"images/b.jpg": "", "captions.csv": "image,caption\nb.jpg,x\n"})
    found = explain(tmp_path)
    assert found.formats == ()
    assert found.advice.startswith(f"type one of its folders: {tmp_path / 'tables'}, ")


def test_texts_and_a_table_are_two_formats(tmp_path):
    files = {"images/a.jpg": "", "images/a.txt": "x", "captions.csv": "image,caption\na.jpg,x\n"}
    with pytest.raises(InputError, match="fits folder and txt_beside; choose one with --format"):
        read_corpus(layout(tmp_path, files))
    assert len(read_corpus(tmp_path, "txt_beside").captions) == 1
    assert len(read_corpus(tmp_path, "pictures").captions) == 0


@pytest.mark.parametrize("stray", ["z.jpg", "dog/more/z.jpg"])
def test_a_picture_outside_of_the_class_folders_is_named(tmp_path, stray):
    files = {f"{name}/{n}.jpg": "" for name in ("dog", "cat") for n in range(3)}
    layout(tmp_path, files | {stray: ""})
    corpus = read_corpus(tmp_path)
    assert {image.labels for image in corpus.images} == {()}
    assert corpus.notes == (
        f"no labels: 1 picture does not lie right in a class folder, first {stray!r}; with each in "
        "one of cat/, dog/ these folders are the labels",
    )
    (tmp_path / stray).rename(tmp_path / "dog" / "z.jpg")
    assert {image.labels for image in read_corpus(tmp_path).images} == {("dog",), ("cat",)}


def test_of_pictures_here_and_there_nothing_is_said(tmp_path):
    layout(tmp_path, dict.fromkeys(("a.jpg", "b.jpg", "c.jpg", "dog/d.jpg", "cat/e.jpg"), ""))
    assert read_corpus(tmp_path).notes == ()
