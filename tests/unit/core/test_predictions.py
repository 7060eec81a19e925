"""Predictions: what fits together, and the round trip through a file."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError, NumberError
from core.files import file_sha256
from core.predictions import Decoding, Embeddings, Vectors
from core.sealed import check_sealed, read_sealed

FILE = "embeddings.npz"
IDS = np.array(["a.jpg", "ünï 👩‍👧.jpg"])


def embeddings(captions: int = 3) -> Embeddings:
    draw = np.random.default_rng(0)
    return Embeddings(
        image=Vectors(IDS, draw.standard_normal((2, 4)).astype(np.float32)),
        caption=Vectors(
            np.array([f"c{c}" for c in range(captions)], dtype=np.str_),
            draw.standard_normal((captions, 4)).astype(np.float32),
        ),
        owner=np.arange(captions, dtype=np.int64) % 2,
    )


def labelled() -> Embeddings:
    """Codes of 16 bits with labels, of images alone, for another protocol."""
    draw = np.random.default_rng(1)
    code = draw.integers(0, 256, (2, 2)).astype(np.uint8)
    image = Vectors(IDS, code, np.array([[True, False, True], [False, False, True]]))
    return Embeddings(image, similarity="hamming", protocol="labels")


def both_labelled() -> Embeddings:
    given = embeddings()
    assert given.caption is not None
    return Embeddings(
        image=replace(given.image, label=np.eye(2, dtype=np.bool_)),
        caption=replace(given.caption, label=np.ones((3, 2), dtype=np.bool_)),
    )


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
        assert one.shape == other.shape
    elif isinstance(one, Vectors | Embeddings):
        for name in type(one).__slots__:
            assert_same(getattr(one, name), getattr(other, name))
    else:
        assert one == other


@pytest.mark.parametrize(
    "given",
    [embeddings(0), embeddings(), labelled(), both_labelled()],
    ids=["no captions", "owned", "codes", "labels"],
)
def test_round_trip(tmp_path: Path, given: Embeddings) -> None:
    given.save(tmp_path / "new")
    assert_same(given, Embeddings.load(tmp_path / "new"))
    assert [file.name for file in (tmp_path / "new").iterdir()] == [FILE]


def test_the_same_embeddings_are_the_same_bytes_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = embeddings().save(tmp_path / "now")
    assert digests == {FILE: file_sha256(tmp_path / "now" / FILE)}
    later = time.time() + 1e8
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(later))
    assert embeddings().save(tmp_path / "later") == digests


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(InputError, match="not a regular file"):
        Embeddings.load(tmp_path)


def test_the_arrays_have_the_promised_names_and_types(tmp_path: Path) -> None:
    embeddings().save(tmp_path)
    with np.load(tmp_path / FILE, allow_pickle=False) as arrays:
        kinds = {name: arrays[name].dtype.kind for name in arrays.files}
        assert arrays["image_vector"].dtype == arrays["caption_vector"].dtype == np.float32
        assert arrays["owner"].dtype == np.int64
        assert (arrays["similarity"].shape, arrays["protocol"].shape) == ((), ())
        assert (str(arrays["similarity"]), str(arrays["protocol"])) == ("inner", "retrieval")
    assert kinds == {
        "image_id": "U",
        "image_vector": "f",
        "caption_id": "U",
        "caption_vector": "f",
        "owner": "i",
        "similarity": "U",
        "protocol": "U",
    }


def test_parts_that_are_absent_are_absent_in_the_file(tmp_path: Path) -> None:
    labelled().save(tmp_path)
    with np.load(tmp_path / FILE, allow_pickle=False) as arrays:
        assert set(arrays.files) == {
            "image_id",
            "image_vector",
            "image_label",
            "similarity",
            "protocol",
        }


def test_files_from_before_there_were_words_are_read(tmp_path: Path) -> None:
    given = embeddings()
    assert given.caption is not None
    assert given.owner is not None
    np.savez(
        tmp_path / FILE,
        image_id=given.image.id,
        image_vector=given.image.value,
        caption_id=given.caption.id,
        caption_vector=given.caption.value,
        owner=given.owner,
    )
    assert_same(given, Embeddings.load(tmp_path))


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ids are \(2,\) object.*embed the split again"):
        Vectors(np.array(["a", "b"], dtype=object), embeddings().image.value)
    pickled = np.array([{"a": 1}, {"b": 2}], dtype=object)
    np.savez(tmp_path / FILE, image_id=pickled, image_vector=np.zeros((2, 3), np.float32))
    with pytest.raises(InputError, match="allow_pickle"):
        Embeddings.load(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": np.zeros((3, 4), np.float32)},
        {"value": np.zeros(2, np.float32)},
        {"value": np.zeros((2, 4, 1), np.float32)},
        {"value": np.zeros((2, 4), np.float64)},
        {"value": np.zeros((2, 4), np.int8)},
        {"id": np.array(["c0"])},
        {"id": np.array([["c0"], ["c1"]])},
        {"id": np.array([0, 1])},
        {"label": np.zeros((3, 5), np.bool_)},
        {"label": np.zeros(2, np.bool_)},
        {"label": np.zeros((2, 5), np.int64)},
    ],
)
def test_vectors_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="embed the split again"):
        replace(embeddings().image, **changes)


NARROW = Vectors(np.array(["c0", "c1", "c2"]), np.zeros((3, 3), np.float32))
CODES = Vectors(np.array(["c0", "c1", "c2"]), np.zeros((3, 4), np.uint8))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"caption": NARROW}, "4 wide .*3 "),
        ({"caption": CODES}, "float32.*uint8"),
        ({"caption": None}, "0 captions have owners"),
        ({"owner": np.array([0, 1])}, "3 captions have owners"),
        ({"owner": np.array([0, 1, 1], np.int32)}, "int32, not"),
        ({"owner": np.array([0, 1, 2])}, "not a row of the images"),
        ({"owner": np.array([0, -1, 1])}, "not a row of the images"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=f"{why}.*embed the split again"):
        replace(embeddings(), **changes)


def test_sides_with_other_classes_are_refused() -> None:
    given = both_labelled()
    with pytest.raises(InputError, match="5 classes, captions 2; embed the split again"):
        replace(given, image=replace(given.image, label=np.ones((2, 5), np.bool_)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_bad_vector_is_named(value: float) -> None:
    caption = embeddings().caption
    assert caption is not None
    vectors = caption.value.copy()
    vectors[1:, 2] = value
    with pytest.raises(NumberError, match="2 caption vectors are not finite, first 'c1'"):
        replace(embeddings(), caption=replace(caption, value=vectors))


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other", "more", "half", "npy"])
def test_a_file_that_cannot_be_used_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / FILE
    embeddings().save(tmp_path)
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        np.savez(path, something=np.zeros(3))
    elif damage == "more":
        np.savez(path, **arrays, ownes=np.zeros(3))
    elif damage == "half":
        np.savez(path, **{name: arrays[name] for name in arrays if name != "caption_vector"})
    elif damage == "npy":
        with path.open("wb") as stream:
            np.save(stream, np.zeros(3))
    else:
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 300])
    with pytest.raises(InputError, match=r"embeddings\.npz.*run `evaluate` again"):
        Embeddings.load(tmp_path)


@pytest.mark.parametrize("given", [embeddings(), labelled()], ids=["owned", "codes"])
def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path: Path, given: Embeddings) -> None:
    """The archive holds a checksum of each array, but none of its directory.

    There a flip of a length may hide arrays that could be absent: owners, labels, words. Every bit
    of these lengths is tried: bytes 28 to 33 of each entry.
    """
    path = tmp_path / FILE
    given.save(tmp_path)
    whole = path.read_bytes()
    entries = [found.start() for found in re.finditer(b"PK\x01\x02", whole)]
    lengths = [8 * (at + 28) + bit for at in entries for bit in range(48)]
    refused = 0
    for bit in (*np.random.default_rng(0).integers(8 * len(whole), size=300), *lengths):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            again = Embeddings.load(tmp_path)
        except InputError:
            refused += 1
            continue
        assert_same(given, again)
    assert refused > 400
    assert len(entries) > 4


def decoding(images: int = 2) -> Decoding:
    return Decoding(IDS[:images], [[[1, 5, 2], [1, 2]], []], lambda: None, lambda s, w: (s, w))


def test_a_decoding_saves_what_needs_no_search(tmp_path: Path) -> None:
    digests = decoding().save(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["captions.json"]
    assert digests == {"captions.json": file_sha256(tmp_path / "captions.json")}
    assert check_sealed(tmp_path / "captions.json")
    assert read_sealed(tmp_path / "captions.json") == {
        "image_id": IDS.tolist(),
        "references": [[[1, 5, 2], [1, 2]], []],
    }


def test_references_of_other_images_are_refused() -> None:
    with pytest.raises(InputError, match="1 images come with the references of 2; decode"):
        decoding(images=1)
