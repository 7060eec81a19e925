import json
from pathlib import Path
from typing import Any

import pytest

from core.corpora.karpathy_json import read, recognises
from core.errors import InputError

IMAGES: list[dict[str, Any]] = [
    {
        "filename": "b.jpg",
        "filepath": "val2014",
        "imgid": 0,
        "split": "restval",
        "sentids": [7, 3],
        "sentences": [
            {"tokens": ["x"], "raw": "A Dog.", "sentid": 7, "imgid": 0},
            {"tokens": [], "raw": "Two dogs", "sentid": 3},
        ],
        "cocoid": 99,
    },
    {
        "filename": "a.jpg",
        "split": "test",
        "sentences": [{"raw": "A cat!", "sentid": None}, {"raw": " "}],
    },
]


def write(folder: Path, images: Any = IMAGES, name: str = "dataset_tiny.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps({"dataset": "tiny", "images": images}))
    return folder


def test_raw_sentences_joined_and_sorted_by_picture(tmp_path: Path) -> None:
    corpus = read(write(tmp_path))
    assert corpus.name == "tiny"
    assert [(i.id, i.split, i.labels) for i in corpus.images] == [
        ("a.jpg", "test", ()),
        ("b.jpg", "restval", ()),
    ]
    assert [(c.id, c.text) for c in corpus.captions] == [
        ("a.jpg#0", "A cat!"),
        ("7", "A Dog."),
        ("3", "Two dogs"),
    ]
    assert corpus.owner.tolist() == [0, 1, 1]
    assert corpus.notes == ("1 empty caption dropped",)


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ([], "b.jpg"),
        (["val2014"], "val2014/b.jpg"),
        (["val2014", "images"], "images/b.jpg"),
        (["val2014", "images/val2014"], "images/val2014/b.jpg"),
    ],
)
def test_where_the_pictures_lie(tmp_path: Path, folders: list[str], expected: str) -> None:
    write(tmp_path)
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    assert read(tmp_path).images[1].place == tmp_path / expected


def test_the_file_itself_is_a_path_and_several_files_are_not_one(tmp_path: Path) -> None:
    write(write(tmp_path), IMAGES[:1], "dataset_small.json")
    assert recognises(tmp_path)
    assert recognises(tmp_path / "dataset_small.json")
    assert not recognises(tmp_path / "small.json")
    assert len(read(tmp_path / "dataset_small.json").images) == 1
    with pytest.raises(InputError, match="found dataset_small.json, dataset_tiny.json; give the"):
        read(tmp_path)


def without(position: int, key: str) -> list[dict[str, Any]]:
    return [
        {k: v for k, v in image.items() if (i, k) != (position, key)}
        for i, image in enumerate(IMAGES)
    ]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (without(1, "filename"), r"images\[1\] has no field 'filename'"),
        (without(0, "split"), r"images\[0\] has no field 'split'"),
        (without(1, "sentences"), r"images\[1\] has no field 'sentences'"),
        (
            [{**IMAGES[0], "sentences": [{"tokens": []}]}],
            r"images\[0\].sentences\[0\] has no .*raw",
        ),
        ([{**IMAGES[0], "sentences": [{"raw": 5}]}], "'raw' must be text, not '5'"),
        ([{**IMAGES[0], "sentences": [{"raw": "\ud83d"}]}], r"sentences\[0\].*surrogate"),
        (
            [{**IMAGES[0], "split": "tset"}],
            r"images\[0\]: unknown split 'tset': did you mean 'test'",
        ),
        ([{**IMAGES[0], "filename": "../a.jpg"}], r"images\[0\]: picture '../a.jpg' must be"),
        ([{**IMAGES[0], "filepath": "/etc"}], r"images\[0\]: picture '/etc' must be"),
        ([IMAGES[0], IMAGES[0]], "two pictures have the id 'b.jpg'"),
        (["a"], r"images\[0\] has no field"),
        ([], "no pictures found"),
        ("a", "'images' must be a list"),
    ],
)
def test_faults_are_one_line_with_the_index(tmp_path: Path, images: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(write(tmp_path, images))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"images": [', r"dataset_x.json: not JSON \(.*line 1, column"),
        (b'{\n"images": "\xff"}', "dataset_x.json:2: not UTF-8"),
        (b"[]", "dataset_x.json has no field 'images'"),
        (b"[" * 100_000, "not JSON|nested too deep"),
    ],
)
def test_a_file_that_is_not_json(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "dataset_x.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(tmp_path)
