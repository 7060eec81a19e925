import json
from pathlib import Path
from typing import Any

import pytest

from core.corpora import read_corpus
from core.corpora.derived_labels import LISTING, read
from core.errors import InputError
from tests.layouts import layout

PHOTOS = {
    "photos/images/a.jpg": "",
    "photos/images/b.jpg": "",
    "photos/captions.csv": "image,caption,split,label\n"
    "a.jpg,A dog!,train,pet\na.jpg,Snowy dogs,train,pet\nb.jpg,A cat,test,\n",
}
LABELS: dict[str, Any] = {
    "format": "tencrop-derived-labels/1",
    "corpus": "../photos",
    "corpus_format": "folder",
    "share": 0.6,
    "mask": None,
    "hidden": [],
    "classes": {"dog": ["dog", "dogs"], "cat": ["cat"]},
}


def write(folder: Path, **fields: Any) -> Path:
    listing = {key: value for key, value in (LABELS | fields).items() if value != "left out"}
    layout(folder, PHOTOS)
    return layout(folder / "f20", {LISTING: json.dumps(listing)})


def test_the_corpus_is_the_other_one_with_labels_of_its_own(tmp_path: Path) -> None:
    found, photos = read_corpus(write(tmp_path)), read_corpus(tmp_path / "photos")
    assert found.name == "f20"
    assert [(i.id, i.split, i.labels) for i in found.images] == [
        ("a.jpg", "train", ("dog",)),
        ("b.jpg", "test", ("cat",)),
    ]
    assert [i.picture.resolve() for i in found.images] == [i.picture for i in photos.images]
    assert (found.captions, found.owner.tolist()) == (photos.captions, photos.owner.tolist())
    told = "labels are words of the captions of photos: 0 pictures have none; its own labels are "
    assert found.notes == (f"{told}not used",)
    assert read(tmp_path / "f20" / LISTING).images == found.images


def test_words_are_hidden_and_the_labels_stay(tmp_path: Path) -> None:
    found = read(write(tmp_path, mask="thing", hidden=["snowy"]))
    assert [caption.text for caption in found.captions] == ["A thing!", "thing thing", "A thing"]
    assert [image.labels for image in found.images] == [("dog",), ("cat",)]
    assert found.notes[-1] == "the words of the classes are read as 'thing' in every caption"


def test_an_absolute_path_and_a_file_without_hidden_words_are_read(tmp_path: Path) -> None:
    assert (
        len(read(write(tmp_path, corpus=str(tmp_path / "photos"), hidden="left out")).images) == 2
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"format": "x/1"}, "format 'x/1', not 'tencrop-derived-labels/1'; derive the labels"),
        ({"corpus": "../none"}, "the corpus '../none' is not there; write where it is now"),
        ({"corpus": "."}, "the corpus '.' has derived labels itself; name the one that it is of"),
        ({"corpus": "left out"}, "has no field 'corpus'; add it"),
        ({"share": 0}, "'share' must be a number above 0 and at most 1; mend it"),
        ({"share": True}, "'share' must be a number above 0"),
        ({"share": "left out"}, "'share' must be a number above 0"),
        ({"mask": "a thing"}, "'mask' must be null or a word of letters and digits in lower case"),
        ({"mask": 5}, "'mask' must be null or a word of letters and digits in lower case, not 5"),
        ({"mask": "dog"}, "the mask 'dog' is a word of the class 'dog'; mask with another word"),
        ({"hidden": ["Dog"]}, "'hidden' must be a list of words .* not 'Dog'; mend it"),
        ({"hidden": "dog"}, "'hidden' must be a list of words .* not 'dog'; mend it"),
        ({"classes": []}, "'classes' must be an object"),
        ({"classes": {"dog": "dog"}}, "classes: 'dog' must be a list"),
        ({"classes": {"dog": []}}, "the class 'dog' must have a name and words of letters"),
        ({"classes": {" ": ["dog"]}}, "the class ' ' must have a name and words of letters"),
        ({"classes": {"dog": ["two dogs"]}}, "in lower case, not 'two dogs'; mend it"),
        ({"classes": {"dog": [5]}}, "in lower case, not 5; mend it"),
    ],
)
def test_a_file_that_is_odd_is_refused_in_one_line(
    tmp_path: Path, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(write(tmp_path, **fields))
    assert str(caught.value).startswith(str(tmp_path / "f20" / LISTING))
    assert "\n" not in str(caught.value)


def test_a_list_in_the_place_of_the_object(tmp_path: Path) -> None:
    folder = layout(tmp_path / "f20", {LISTING: "[]"})
    with pytest.raises(InputError, match="has no field 'format'; add it"):
        read(folder)
