"""Flickr8k as Kaggle hands it out."""

import pytest

from core.corpora import read_corpus
from core.errors import InputError
from tests.layouts import layout

PICTURES = {f"Images/{name}.jpg": "" for name in "abc"}
TABLE = (
    "image,caption\n"
    "b.jpg,A dog , brown , runs .\n"
    'a.jpg,"A ""big"" cat , asleep ."\n'
    'b.jpg,A "good" dog .\n'
)
LISTS = {
    "Flickr_8k.trainImages.txt": "a.jpg\n",
    "Flickr_8k.devImages.txt": "b.jpg\n",
    "Flickr_8k.testImages.txt": "d.jpg\n",
}


@pytest.mark.parametrize("table", [TABLE, "\ufeff" + TABLE.replace("\n", "\r\n")])
def test_all_after_the_first_comma_is_the_caption(tmp_path, table):
    corpus = read_corpus(layout(tmp_path, PICTURES | {"captions.txt": table}))
    assert [(caption.id, caption.text) for caption in corpus.captions] == [
        ("a.jpg#0", 'A "big" cat , asleep .'),
        ("b.jpg#0", "A dog , brown , runs ."),
        ("b.jpg#1", 'A "good" dog .'),
    ]
    assert [image.place for image in corpus.images] == [
        tmp_path / "Images" / f"{name}.jpg" for name in "abc"
    ]
    assert corpus.notes == ("1 picture is in no row of captions.txt",)


def test_a_number_between_name_and_caption_is_none_of_it(tmp_path):
    _, *rows = TABLE.splitlines()
    numbered = ["image_name, comment_number, comment", *(r.replace(",", ",7,", 1) for r in rows)]
    plain = read_corpus(layout(tmp_path / "a", PICTURES | {"captions.txt": TABLE}))
    found = read_corpus(layout(tmp_path / "b", PICTURES | {"captions.txt": "\n".join(numbered)}))
    assert found.captions == plain.captions
    layout(tmp_path / "b", {"captions.txt": f"{numbered[0]}\na.jpg,A cat\n"})
    with pytest.raises(InputError, match="txt:2: not 'image_name,comment_number,comment'; mend"):
        read_corpus(tmp_path / "b")


def test_the_lists_beside_say_the_splits(tmp_path):
    corpus = read_corpus(layout(tmp_path, PICTURES | LISTS | {"captions.txt": TABLE}))
    assert {image.id: image.split for image in corpus.images} == {
        "a.jpg": "train",
        "b.jpg": "val",
        "c.jpg": "extra",
        "d.jpg": "test",
    }
    (tmp_path / "Flickr_8k.devImages.txt").unlink()
    with pytest.raises(InputError, match=r"needs exactly one \*devImages.txt, found none"):
        read_corpus(tmp_path)


def test_without_lists_the_splits_are_those_of_a_folder(tmp_path):
    names = [f"{n}.jpg" for n in range(30)]
    rows = "image,caption\n" + "".join(f"{name},x\n" for name in names)
    kaggle = layout(tmp_path / "k", {"captions.txt": rows} | {f"Images/{n}": "" for n in names})
    folder = layout(tmp_path / "f", {"captions.csv": rows} | {f"images/{n}": "" for n in names})
    first, second = read_corpus(kaggle), read_corpus(folder)
    assert [(i.id, i.split) for i in first.images] == [(i.id, i.split) for i in second.images]
    assert first.captions == second.captions


def test_what_is_said_of_tabs_works(tmp_path):
    layout(tmp_path, PICTURES | {"captions.tsv": "image\tcaption\na.jpg\tA cat, asleep\n"})
    assert [caption.text for caption in read_corpus(tmp_path).captions] == ["A cat, asleep"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("a.jpg,A cat\n", "txt:1: the first line is 'a.jpg,A cat'; put image,caption above it"),
        ("picture,words\na.jpg,A cat\n", "txt:1: the first line is .*; make it image,caption"),
        (
            "a.jpg\tA cat, asleep\n",
            "separated by a tab: put image<TAB>caption above it and call the file captions.tsv",
        ),
        (
            "image\tcaption\na.jpg\tA cat\n",
            "separated by a tab: call the file captions.tsv",
        ),
        ("image,caption\na.jpg\n", "captions.txt:2: not 'image,caption'; mend the row"),
        ("image,caption\n\n../a.jpg,x\n", "captions.txt:3: picture '../a.jpg' must be a path"),
    ],
)
def test_a_fault_is_one_line(tmp_path, table, message):
    with pytest.raises(InputError, match=message) as caught:
        read_corpus(layout(tmp_path, PICTURES | {"captions.txt": table}))
    assert "\n" not in str(caught.value)
