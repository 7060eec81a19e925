import json
import os
from pathlib import Path
from typing import Any

import pytest

from core.corpora.coco_captions import read, recognises
from core.errors import InputError

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[4] / "shared" / "data"))
IMAGES: list[Any] = [
    {"id": 20, "file_name": "b.jpg", "license": 4},
    {"id": 10, "file_name": "a.jpg"},
]
SENTENCES: list[Any] = [
    {"image_id": 10, "id": 5, "caption": "A cat.\n"},
    {"image_id": 20, "id": 4, "caption": "A dog."},
    {"image_id": 10, "id": 3, "caption": "Cat"},
]


def write(path: Path, images: Any = IMAGES, annotations: Any = SENTENCES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"info": {}, "images": images, "annotations": annotations}))
    return path


def test_captions_are_joined_on_image_id(tmp_path: Path) -> None:
    corpus = read(write(tmp_path / "captions_val2017.json").parent)
    assert [(i.id, i.split, i.labels) for i in corpus.images] == [
        ("a.jpg", "val", ()),
        ("b.jpg", "val", ()),
    ]
    assert [(c.id, c.text) for c in corpus.captions] == [
        ("5", "A cat.\n"),
        ("3", "Cat"),
        ("4", "A dog."),
    ]
    assert corpus.owner.tolist() == [0, 0, 1]


def test_the_split_is_in_the_file_name_and_numbers_join_within_a_file(tmp_path: Path) -> None:
    write(tmp_path / "annotations/captions_train2014.json")
    write(
        tmp_path / "annotations/captions_val2014.json",
        [{"id": 10, "file_name": "z.jpg"}],
        [{"image_id": 10, "id": 9, "caption": "z"}],
    )
    corpus = read(tmp_path)
    assert [(i.id, i.split) for i in corpus.images] == [
        ("a.jpg", "train"),
        ("b.jpg", "train"),
        ("z.jpg", "val"),
    ]
    assert corpus.captions[int(corpus.owner.tolist().index(2))].text == "z"
    assert corpus.name == tmp_path.name
    assert read(tmp_path / "annotations").images == corpus.images


@pytest.mark.parametrize("place", ["images/val2017", "val2017", "images", "."])
@pytest.mark.parametrize("below", ["", "annotations"])
def test_where_the_pictures_lie(tmp_path: Path, place: str, below: str) -> None:
    source = write(tmp_path / below / "captions_val2017.json")
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    assert read(tmp_path).images[0].place == tmp_path / place / "a.jpg"
    assert read(source).images[0].place == tmp_path / place / "a.jpg"


def test_two_files_of_one_split_are_refused(tmp_path: Path) -> None:
    for year in (2014, 2017):
        write(tmp_path / f"captions_val{year}.json")
    with pytest.raises(
        InputError, match="captions_val2014.json and captions_val2017.json are both"
    ):
        read(tmp_path)


def test_an_unknown_split_word_names_the_accepted_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "captions_minival2014.json")
    assert recognises(path)
    with pytest.raises(InputError, match=r"unknown split 'minival'.*accepted: .*train.* val"):
        read(path)


@pytest.mark.parametrize(
    ("images", "annotations", "message"),
    [
        ([{"file_name": "a.jpg"}], [], r"images\[0\] has no field 'id'"),
        ([IMAGES[0], {"id": 3}], [], r"images\[1\] has no field 'file_name'"),
        ([{"id": True, "file_name": "a"}], [], r"images\[0\]: 'id' must be a whole number"),
        ([{"id": 1, "file_name": "/etc/x.jpg"}], [], r"images\[0\]: picture '/etc/x.jpg'"),
        ([IMAGES[0], IMAGES[0]], [], r"images\[1\]: the id 20 is there twice"),
        ([IMAGES[0], {"id": 1, "file_name": "b.jpg"}], [], "two pictures have the id 'b.jpg'"),
        (IMAGES, [{"id": 1, "caption": "x"}], r"annotations\[0\] has no field 'image_id'"),
        (IMAGES, [SENTENCES[0], {"id": 1, "image_id": 10}], r"annotations\[1\] has no .*caption"),
        (IMAGES, [{"id": 1, "image_id": 11, "caption": "x"}], r"\[0\]: image_id 11 is of no"),
        (IMAGES, [{"id": 1, "image_id": 10, "caption": None}], "'caption' must be text"),
        (IMAGES, [{"id": 1, "image_id": 10, "caption": "\udc00"}], r"annotations\[0\].*surrogate"),
        (IMAGES, [SENTENCES[0], SENTENCES[0]], "two captions have the id '5'"),
        (IMAGES, {}, "'annotations' must be a list"),
        ([], [], "no pictures"),
    ],
)
def test_faults_are_one_line_with_the_index(
    tmp_path: Path, images: Any, annotations: Any, message: str
) -> None:
    path = write(tmp_path / "captions_test.json", images, annotations)
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.real
def test_coco_val2017_has_its_published_counts() -> None:
    path = DATA / "captions" / "coco" / "captions_val2017.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set TENCROP_DATA")
    corpus = read(path)
    assert (len(corpus.images), len(corpus.captions)) == (5000, 25014)
    assert {image.split for image in corpus.images} == {"val"}
    row = next(i for i, image in enumerate(corpus.images) if image.id == "000000179765.jpg")
    texts = [c.text for c, o in zip(corpus.captions, corpus.owner, strict=True) if o == row]
    assert "A black Honda motorcycle parked in front of a garage." in texts
