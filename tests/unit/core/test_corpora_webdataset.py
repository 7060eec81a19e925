"""WebDataset's tars: what belongs to one picture, and what is left out or refused."""

import tarfile

import pytest

from core.corpora import read_corpus
from core.errors import InputError
from core.places import Part, read_place
from tests.layouts import layout


def facts(corpus):
    """id -> (split, labels, bytes, captions)."""
    told = {image.id: [] for image in corpus.images}
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        told[corpus.images[owner].id].append((caption.id.rpartition("#")[2], caption.text))
    return {
        i.id: (i.split, i.labels, read_place(i.place), [text for _, text in told[i.id]])
        for i in corpus.images
    }


def test_one_tar_with_texts_of_each_kind(tmp_path):
    members = {
        "a.jpg": b"A",
        "a.txt": "A cat\r\nA brown cat\n\n",
        "folder/b.JPEG": b"B",
        "folder/b.json": '{"caption": "A dog", "captions": ["A dog", "Dogs"], "label": 3, "x": []}',
        "c.png": b"C",
        "c.cls": "7\n",
        "c.json": '{"caption": null, "split": "dev"}',
        "d.webp": b"D",
        "d.bin": b"other",
    }
    corpus = read_corpus(layout(tmp_path, {"some.tar": members}) / "some.tar")
    assert corpus.name == "some"
    assert facts(corpus) == {
        "a.jpg": ("extra", (), b"A", ["A cat", "A brown cat"]),
        "c.png": ("val", ("7",), b"C", []),
        "d.webp": ("extra", (), b"D", []),
        "folder/b.JPEG": ("extra", ("3",), b"B", ["A dog", "Dogs"]),
    }
    assert all(isinstance(image.place, Part) for image in corpus.images)
    assert corpus.captions[0].id == "a.jpg#0"
    assert corpus.notes == ()


def test_a_picture_that_no_decoder_takes_is_left_out_by_its_header(tmp_path, monkeypatch):
    monkeypatch.setattr("core.corpora._samples.MOST_FILE", 4)
    members = {"a.jpg": b"12345", "b.jpg": b"1234", "b.txt": "A long caption"}
    corpus = read_corpus(layout(tmp_path, {"x.tar": members}))
    assert [image.id for image in corpus.images] == ["x/b.jpg"]
    assert len(corpus.captions) == 1
    assert corpus.left_out == ("x.tar: a.jpg: larger than 4 bytes",)


def test_a_folder_of_tars_has_their_names_before_the_pictures_and_their_splits(tmp_path):
    tars = {
        "train-0000.tar": {"0.jpg": b"A", "0.txt": "one"},
        "train-0001.tar": {"0.jpg": b"B"},
        "validation_3.tar": {"0.jpg": b"C"},
        "more.tar": {"0.jpg": b"D"},
        "._train-0000.tar": b"junk",
        "readme.md": "hello",
    }
    found = facts(read_corpus(layout(tmp_path, tars)))
    assert {key: (split, data) for key, (split, _, data, _) in found.items()} == {
        "train-0000/0.jpg": ("train", b"A"),
        "train-0001/0.jpg": ("train", b"B"),
        "validation_3/0.jpg": ("val", b"C"),
        "more/0.jpg": ("extra", b"D"),
    }


def test_without_a_word_of_splits_they_follow_from_the_ids(tmp_path):
    members = {f"{n}.jpg": b"x" for n in range(40)} | {f"{n}.txt": "x" for n in range(40)}
    corpus = read_corpus(layout(tmp_path, {"x.tar": members}) / "x.tar")
    images = {f"{n}.jpg": b"x" for n in range(40)}
    table = "image,caption\n" + "".join(f"{name},x\n" for name in images)
    plain = {f"images/{name}": data for name, data in images.items()} | {"captions.csv": table}
    other = read_corpus(layout(tmp_path / "plain", plain))
    assert [(i.id, i.split) for i in corpus.images] == [(i.id, i.split) for i in other.images]
    assert {i.split for i in corpus.images} == {"train", "val", "test"}


def test_tars_of_one_split_are_read_and_that_is_said(tmp_path):
    corpus = read_corpus(layout(tmp_path, {"train-0.tar": {"a.jpg": b""}}))
    assert [image.split for image in corpus.images] == ["train"]
    (note,) = corpus.notes
    assert note.startswith("all pictures are of the split 'train', by the files' names: give")


def test_a_text_is_of_the_nearest_name(tmp_path):
    members = {
        "a.left.jpg": b"1",
        "a.right.jpg": b"2",
        "a.txt": "of both",
        "my.photo.jpg": b"3",
        "my.photo.txt": "of one",
        "my.other.jpg": b"4",
    }
    found = facts(read_corpus(layout(tmp_path, {"a.tar": members})))
    assert {key: texts for key, (*_, texts) in found.items()} == {
        "a/a.left.jpg": ["of both"],
        "a/a.right.jpg": ["of both"],
        "a/my.photo.jpg": ["of one"],
        "a/my.other.jpg": [],
    }


def test_what_is_left_out_is_counted(tmp_path):
    members = {
        "a.jpg": b"A",
        "../leaves.jpg": b"x",
        "/etc/leaves.jpg": b"x",
        "link.jpg": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        "lonely.txt": "hello",
        "._a.jpg": b"junk",
        "__MACOSX/a.jpg": b"junk",
        ".hidden/a.jpg": b"junk",
    }
    corpus = read_corpus(layout(tmp_path, {"a.tar": members}))
    assert [image.id for image in corpus.images] == ["a/a.jpg"]
    (note,) = corpus.notes
    first = "first '../leaves.jpg': no path inside a folder"
    assert note == f"4 members of a.tar left out, {first}"
    assert corpus.left_out == (
        "a.tar: '../leaves.jpg': no path inside a folder",
        "a.tar: '/etc/leaves.jpg': no path inside a folder",
        "a.tar: link.jpg: a link",
        "a.tar: lonely.txt: no picture of the same name",
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.jpg": b"", "./a.jpg": b""}, "'./a.jpg' is there twice; make the tar again"),
        ({"a.jpg": b"", "a.json": "{"}, "a.json: not JSON"),
        ({"a.jpg": b"", "a.json": "[]"}, "a.json: no JSON object"),
        ({"a.jpg": b"", "a.json": '{"caption": 3}'}, "'caption' must be text, or a list"),
        ({"a.jpg": b"", "a.json": '{"captions": [["x"]]}'}, "'captions' must be text, or a list"),
        ({"a.jpg": b"", "a.json": '{"split": "trian"}'}, "unknown split 'trian': .*'train'"),
        ({"a.jpg": b"", "a.json": '{"caption": "\\ud800"}'}, "half of a surrogate pair"),
        ({"a.jpg": b"", "a.txt": b"\xff"}, "a.txt: not UTF-8"),
        ({"a.txt": "no picture"}, "no pictures found"),
        ({"x/captions.csv": "image,caption\n", "x/a.jpg": b""}, "a table, .*unpack it: mkdir"),
    ],
)
def test_a_fault_is_one_line(tmp_path, members, message):
    with pytest.raises(InputError, match=message) as caught:
        read_corpus(layout(tmp_path, {"a.tar": members}))
    assert "\n" not in str(caught.value)


def test_an_endless_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.corpora._samples.MOST_TEXT", 10)
    with pytest.raises(InputError, match="a.txt is larger than 10 bytes; take it out"):
        read_corpus(layout(tmp_path, {"a.tar": {"a.jpg": b"", "a.txt": "x" * 11}}))


def test_compressed_tars_are_not_passed_over(tmp_path):
    layout(tmp_path, {"a.tar": {"a.jpg": b""}, "b.tar.gz": b"x"})
    with pytest.raises(InputError, match="b.tar.gz is compressed, .*type gunzip"):
        read_corpus(tmp_path)
