"""Embeddings: what fits together, and the round trip through a file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.embeddings import Embeddings
from core.errors import InputError, NumberError


def embeddings(captions: int = 3) -> Embeddings:
    draw = np.random.default_rng(0)
    return Embeddings(
        image_id=np.array(["a.jpg", "ünï 👩‍👧.jpg"]),
        image_vector=draw.standard_normal((2, 4)).astype(np.float32),
        caption_id=np.array([f"c{c}" for c in range(captions)], dtype=np.str_),
        caption_vector=draw.standard_normal((captions, 4)).astype(np.float32),
        owner=np.arange(captions, dtype=np.int64) % 2,
    )


@pytest.mark.parametrize("captions", [0, 3])
def test_round_trip(tmp_path: Path, captions: int) -> None:
    given = embeddings(captions)
    given.save(tmp_path / "embeddings.npz")
    again = Embeddings.load(tmp_path / "embeddings.npz")
    for name in Embeddings.__slots__:
        before, after = getattr(given, name), getattr(again, name)
        assert before.dtype == after.dtype
        assert np.array_equal(before, after)


def test_the_arrays_have_the_promised_names_and_types(tmp_path: Path) -> None:
    embeddings().save(tmp_path / "embeddings.npz")
    with np.load(tmp_path / "embeddings.npz", allow_pickle=False) as arrays:
        kinds = {name: arrays[name].dtype.kind for name in arrays.files}
        assert arrays["image_vector"].dtype == arrays["caption_vector"].dtype == np.float32
        assert arrays["owner"].dtype == np.int64
    assert kinds == {
        "image_id": "U",
        "image_vector": "f",
        "caption_id": "U",
        "caption_vector": "f",
        "owner": "i",
    }


def test_objects_are_never_pickled(tmp_path: Path) -> None:
    given = replace(embeddings(), image_id=np.array(["a", "b"], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        given.save(tmp_path / "embeddings.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"image_vector": np.zeros((3, 4), np.float32)},
        {"image_vector": np.zeros((2, 5), np.float32)},
        {"image_vector": np.zeros(2, np.float32)},
        {"caption_vector": np.zeros((3, 4, 1), np.float32)},
        {"caption_id": np.array(["c0"])},
        {"owner": np.array([0, 1])},
        {"owner": np.array([0, 1, 2])},
        {"owner": np.array([0, -1, 1])},
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="embed the split again"):
        replace(embeddings(), **changes)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_bad_vector_is_named(value: float) -> None:
    vectors = embeddings().caption_vector.copy()
    vectors[1:, 2] = value
    with pytest.raises(NumberError, match="2 caption vectors are not finite, first 'c1'"):
        replace(embeddings(), caption_vector=vectors)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "npy"])
def test_a_file_that_cannot_be_used_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "embeddings.npz"
    embeddings().save(path)
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        np.savez(path, something=np.zeros(3))
    elif damage == "npy":
        with path.open("wb") as stream:
            np.save(stream, np.zeros(3))
    else:
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 300])
    with pytest.raises(InputError, match=r"embeddings\.npz.*run `evaluate` again"):
        Embeddings.load(path)


def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    """The archive holds a checksum of each array."""
    path = tmp_path / "embeddings.npz"
    given = embeddings()
    given.save(path)
    whole = path.read_bytes()
    draw = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[draw.integers(len(whole))] ^= 1 << draw.integers(8)
        path.write_bytes(damaged)
        try:
            again = Embeddings.load(path)
        except InputError:
            refused += 1
            continue
        for name in Embeddings.__slots__:
            assert np.array_equal(getattr(given, name), getattr(again, name))
    assert refused > 200
