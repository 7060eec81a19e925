"""Matrices of similarities in files: ours to the bit, those of others as far as they say enough."""

import errno
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.errors import InputError
from core.hdf5 import laid
from core.similarities import writing
from core.similarities.matrix import Similarity
from core.similarities.reading import is_ours, read_similarity
from core.similarities.taken import Taken
from core.similarities.writing import write_similarity

VALUE = np.arange(12.0).reshape(3, 4) / 7
IMAGES, CAPTIONS = np.array(["a", "b é", "c/d"]), np.array(["0", "1", "2", "3"])
OWNER = np.array([0, 0, 2, 1])
SLACK = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0, 4.0])
FACTS = {"run": "x", "epoch": 3, "words of others": ["ü"]}
MADE = Similarity(VALUE, IMAGES, CAPTIONS, OWNER, SLACK, "a formula", FACTS)
Change = Callable[[h5py.File], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scores.h5"


def given(path: Path, change: Change = lambda file: None, **other: Any) -> Path:
    """A file as somebody else writes it."""
    contents = {"similarity": VALUE, "image_id": IMAGES.tolist(), "caption_id": CAPTIONS.tolist()}
    with h5py.File(path, "w") as file:
        for name, values in {**contents, "owner": OWNER, **other}.items():
            file[name] = values
        change(file)
    return path


def again(name: str, **options: Any) -> Change:
    def change(file: h5py.File) -> None:
        values = file[name][()]
        del file[name]
        file.create_dataset(name, data=values, **options)

    return change


def link(other: object) -> Change:
    def change(file: h5py.File) -> None:
        del file["owner"]
        file["owner"] = other

    return change


def same(found: Similarity, made: Similarity = MADE) -> None:
    assert isinstance(found.value, np.ndarray)
    np.testing.assert_array_equal(found.value, made.value)
    np.testing.assert_array_equal(found.image_id, made.image_id)
    np.testing.assert_array_equal(found.caption_id, made.caption_id)
    np.testing.assert_array_equal(found.owner, made.owner)


def test_what_is_written_is_read_by_us_and_by_hdf5_alone(path: Path) -> None:
    digest = write_similarity(path, MADE, [VALUE[:1], VALUE[1:]])
    found = read_similarity(path)
    same(found)
    assert isinstance(found.value, np.memmap)
    assert found.slack is not None
    assert [each.tolist() for each in found.slack] == [each.tolist() for each in SLACK]
    assert (found.words, found.facts, found.sha256) == ("a formula", FACTS, digest)
    assert is_ours(path)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["similarity"][()], VALUE)
        assert file["similarity"].dtype == np.float64
        assert file["image_id"].asstr()[()].tolist() == IMAGES.tolist()
        assert file["caption_id"].asstr()[()].tolist() == CAPTIONS.tolist()
        assert file["owner"][()].tolist() == OWNER.tolist()
        told = json.loads(bytes(file["facts"][()]))
        said = {"format": "tencrop-similarity/1", "words": "a formula", "protocol": "retrieval"}
        assert told == {**said, "made": FACTS}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_same_is_the_same_bytes(path: Path) -> None:
    write_similarity(path, MADE, [VALUE])
    first = path.read_bytes()
    write_similarity(path, replace(MADE, facts=dict(reversed(FACTS.items()))), iter(VALUE[:, None]))
    assert path.read_bytes() == first


def test_no_bit_changes_unseen(path: Path) -> None:
    write_similarity(path, MADE, [VALUE])
    whole = path.read_bytes()
    for at in [*range(70), *range(70, len(whole), 13), len(whole) - 1]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(InputError, match=r"scores\.h5"):
            read_similarity(path)
    for length in (0, 100, 512, 1000, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"scores\.h5"):
            read_similarity(path)


def test_a_damaged_one_says_how_it_is_made_again(path: Path) -> None:
    write_similarity(path, MADE, [VALUE])
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(InputError, match=r"is damaged, its sha256 .* again with --similarity$"):
        read_similarity(path)


def test_it_appears_whole_or_not_at_all(path: Path) -> None:
    def failing() -> Iterator[Any]:
        yield VALUE[:1]
        raise KeyboardInterrupt

    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        write_similarity(path, MADE, failing())
    with pytest.raises(ValueError, match="bytes were given"):
        write_similarity(path, MADE, [VALUE[:2]])
    assert path.read_bytes() == b"before"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_disk_without_room_is_said_before_anything_is_computed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 5000})()
    monkeypatch.setattr(writing.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match=r"for [\d,]+ bytes") as told:
        write_similarity(path, MADE, iter(()))
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(path))


def test_numbers_that_no_memory_holds_are_laid_out_in_little() -> None:
    shape = (100_000, 500_000)
    assert len(laid.head({"owner": OWNER}, "similarity", shape, 512)) < 10_000


OTHERS: dict[str, dict[str, Any]] = {
    "as h5py writes it": {},
    "strings of one length": {"image_id": np.array([each.encode() for each in IMAGES])},
    "numbers as ids": {"caption_id": np.array([0, 1, 2, 3], dtype=np.uint8)},
    "owners of another width": {"owner": OWNER.astype(">i2")},
    "more than is asked for": {"notes": "made on Tuesday"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_files_of_others_are_read(path: Path, other: dict[str, Any]) -> None:
    found = read_similarity(given(path, **other))
    same(found)
    assert (found.slack, found.words, found.facts) == (None, "stored similarity", {})
    assert len(found.sha256) == 64
    assert not is_ours(path)


def test_float32_stays_float32(path: Path) -> None:
    found = read_similarity(given(path, similarity=VALUE.astype(np.float32)))
    assert found.value.dtype == np.float32


LACKS = "is no matrix of similarities .*; a matrix of others is HDF5 with the datasets similarity"
WRONG: dict[str, tuple[dict[str, Any], Change, str]] = {
    "none": ({}, lambda file: file.pop("owner"), rf"{LACKS}"),
    "chunked": ({}, again("similarity", chunks=(1, 4)), "is not contiguous.*nor compressed"),
    "compressed": ({}, again("similarity", compression="gzip"), "is not contiguous"),
    "a link": ({}, link(h5py.SoftLink("/image_id")), "no dataset of its own"),
    "elsewhere": ({}, link(h5py.ExternalLink("b.h5", "owner")), "no dataset of its own"),
    "a group": ({}, lambda f: (f.pop("owner"), f.create_group("owner")), "no dataset of its own"),
    "turned": ({"similarity": VALUE.T}, lambda f: None, r"would be \(3, 4\) float32 or float64"),
    "half": ({"similarity": VALUE.astype("f2")}, lambda f: None, "float16.*make the matrix again"),
    "other order": ({"similarity": VALUE.astype(">f8")}, lambda f: None, ">f8"),
    "a list": ({"similarity": VALUE[0]}, lambda f: None, r"has the shape \(4,\)"),
    "words": ({"owner": ["a", "b", "c", "d"]}, lambda f: None, "strings stand where numbers"),
    "odd ids": ({"image_id": np.array([0.5, 1, 2])}, lambda f: None, "not strings or whole"),
    "odd owners": ({"owner": OWNER / 2}, lambda f: None, r"not \(4,\) int64"),
    "twice": ({"image_id": ["a", "b", "a"]}, lambda f: None, "'a' stands 2 times in image_id"),
    "behind": ({"owner": [0, 0, 3, 1]}, lambda f: None, "'2' is 3, and rows of images are 0 to 2"),
    "before": ({"owner": [0, 0, -1, 1]}, lambda f: None, "'2' is -1"),
    "nobody": (
        {"similarity": VALUE[:, :0], "caption_id": np.zeros(0, "S1"), "owner": OWNER[:0]},
        lambda f: None,
        "scores.h5",
    ),
}


@pytest.mark.parametrize(("other", "change", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_matrix_is_refused_in_one_line(
    path: Path, other: dict[str, Any], change: Change, why: str
) -> None:
    with pytest.raises(InputError, match=why) as told:
        read_similarity(given(path, change, **other))
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_what_is_no_hdf5_is_refused(path: Path) -> None:
    for data in (b"", b"a,b\n1,2\n", bytes(5000), b"\x89HDF\r\n\x1a\n" + bytes(600)):
        path.write_bytes(data)
        with pytest.raises(InputError, match=LACKS):
            read_similarity(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_similarity(path)


def test_another_order_is_joined_by_ids() -> None:
    rows, columns = np.array([2, 0, 1]), np.array([3, 1, 0, 2])
    owner = np.argsort(rows)[OWNER[columns]]
    slack = SLACK[0][rows], SLACK[1][columns]
    other = Similarity(
        VALUE[np.ix_(rows, columns)], IMAGES[rows], CAPTIONS[columns], owner, slack
    ).as_in(MADE, "these")
    same(replace(other, value=other.value[0:3, 0:4]))
    assert isinstance(other.value, Taken)
    assert other.slack is not None
    assert [each.tolist() for each in other.slack] == [each.tolist() for each in SLACK]
    pairs = np.array([2, 0, 1]), np.array([1, 1, 3])
    np.testing.assert_array_equal(other.value[pairs], VALUE[pairs])
    np.testing.assert_array_equal(other.value[pairs[0], 1:3], VALUE[pairs[0], 1:3])
    back = other.as_in(replace(MADE, image_id=IMAGES), "these")
    same(replace(back, value=back.value[0:3, 0:4]))
    assert MADE.as_in(MADE, "both").value is VALUE


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"image_id": np.array(["a", "b é", "x"])}, "asked about other images, first 'c/d'"),
        ({"owner": np.array([0, 0, 1, 1])}, "have captions of other images; ask each alone"),
    ],
)
def test_others_are_not_joined(other: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=f"A and B .*{why}"):
        replace(MADE, **other).as_in(MADE, "A and B")
