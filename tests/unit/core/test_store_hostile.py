"""A shard whose digest was rewritten too: refused in one line, and nothing of it followed."""

import io
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cache_cases
import h5py
import numpy as np
import pytest
from cache_cases import IDS, PICTURES, contents, features, flip, put_shard, write

from core.errors import CacheError
from core.store import FeatureCache, verify_cache
from core.store.manifest import Layout
from core.store.shard import DONE, open_shard, shard_bytes

ROWS, VALUES = 4, features(IDS[:4])
TEXT = h5py.string_dtype("utf-8")
Change = Callable[[h5py.File, Path], object]


def again(file: h5py.File, name: str, *given: Any, **named: Any) -> None:
    del file[name]
    file.create_dataset(name, *given, **named)


def elsewhere(file: h5py.File, folder: Path) -> None:
    """The features as an external link to a file that is there and whole."""
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = VALUES
    del file["features/pooled"]
    file["features/pooled"] = h5py.ExternalLink(str(folder / "other.h5"), "secret")


def virtual(file: h5py.File, folder: Path) -> None:
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = VALUES
    made = h5py.VirtualLayout(VALUES.shape, "<f4")
    made[:] = h5py.VirtualSource(folder / "other.h5", "secret", VALUES.shape)
    del file["features/pooled"]
    file.create_virtual_dataset("features/pooled", made)


def raw(file: h5py.File, folder: Path) -> None:
    (folder / "raw").write_bytes(VALUES.tobytes())
    outside = [(str(folder / "raw"), 0, VALUES.nbytes)]
    again(file, "features/pooled", shape=VALUES.shape, dtype="<f4", external=outside)


def soft(file: h5py.File, folder: Path) -> None:
    file["features"].move("pooled", "kept")
    file["features/pooled"] = h5py.SoftLink("/features/kept")


def whole_group(file: h5py.File, folder: Path) -> None:
    file.move("features", "kept")
    file["features"] = h5py.SoftLink("/kept")


def big(file: h5py.File, name: str, **named: Any) -> None:
    again(file, f"features/{name}", data=VALUES, **named)


def dtype(kind: Any) -> Change:
    return lambda f, _: again(f, "features/pooled", data=np.zeros(VALUES.shape, kind))


HOSTILE: dict[str, Change] = {
    "variable strings": lambda f, _: again(
        f, "features/pooled", data=np.full(VALUES.shape, "x", dtype=object), dtype=TEXT
    ),
    "fixed strings": dtype("S4"),
    "external link": elsewhere,
    "soft link": soft,
    "soft link to a group": whole_group,
    "external raw data": raw,
    "virtual dataset": virtual,
    "gzip": lambda f, _: big(f, "pooled", compression="gzip"),
    "fletcher32": lambda f, _: big(f, "pooled", fletcher32=True),
    "chunked": lambda f, _: big(f, "pooled", chunks=(1, 1, 6)),
    "int": dtype("<i4"),
    "float64": dtype("<f8"),
    "float16": dtype("<f2"),
    "big-endian": dtype(">f4"),
    "compound": dtype([("a", "<f4")]),
    "too few rows": lambda f, _: again(f, "features/pooled", data=VALUES[:3]),
    "no rows": lambda f, _: again(f, "features/pooled", data=VALUES[:0]),
    "no values": lambda f, _: again(f, "features/pooled", data=h5py.Empty("<f4")),
    "never written": lambda f, _: again(f, "features/pooled", shape=VALUES.shape, dtype="<f4"),
    "too few ids": lambda f, _: again(f, "image/id", data=IDS[:3], dtype=TEXT),
    "ids of bytes": lambda f, _: again(f, "image/id", data=np.array([b"a"] * 4, dtype="S9")),
    "odd digests": lambda f, _: again(f, "image/sha256", data=["x"] * 4, dtype=TEXT),
    "odd status": lambda f, _: again(f, "image/status", data=np.array([1, 1, 3, 0], np.uint8)),
    "status of bits": lambda f, _: again(f, "image/status", data=np.ones(4, np.int8)),
    "too many layers": lambda f, _: f.create_dataset("features/grid", data=VALUES),
    "too many objects": lambda f, _: f.create_dataset("more", data=VALUES),
    "a group": lambda f, _: (f.pop("features/pooled"), f.create_group("features/pooled")),
    "a layer of another name": lambda f, _: f["features"].move("pooled", "grid"),
    "no group": lambda f, _: (f.pop("features"), f.create_dataset("features", data=VALUES)),
    "a type of its own": lambda f, _: (
        f.pop("features/pooled"),
        f.__setitem__("features/pooled", np.dtype("<f4")),
    ),
    "another corpus": lambda f, _: f["image/sha256"].__setitem__(0, "f" * 64),
    "others' ids": lambda f, _: f["image/id"].__setitem__(0, "another.jpg"),
}
NO_SHARD = "shard-00000.h5 is not a feature shard"


def shard(change: Change, folder: Path) -> bytes:
    """The first shard, changed by whoever can write HDF5."""
    digests = [digest for _, digest in PICTURES[:ROWS]]
    status = np.array([1, 1, 2, 1], dtype=np.uint8)
    made = folder / "made.h5"
    made.write_bytes(shard_bytes(IDS[:ROWS], digests, status, {"pooled": VALUES}))
    with h5py.File(made, "r+") as file:
        change(file, folder)
    return made.read_bytes()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_shard_is_refused_and_made_again(tmp_path: Path, kind: str) -> None:
    cache = write(tmp_path / "caches")
    whole = contents(cache)
    put_shard(cache, 0, shard(HOSTILE[kind], tmp_path))
    message = "hold other pictures" if kind in ("another corpus", "others' ids") else NO_SHARD
    (problem,) = verify_cache(cache)
    assert message in problem
    for check in (True, False):
        with pytest.raises(CacheError, match=message) as caught:
            FeatureCache(cache, check=check)
        assert str(caught.value).endswith("run the same `features` command to mend it")
        assert "\n" not in str(caught.value)
    assert write(cache.parent) == cache
    assert contents(cache) == whole


def test_an_unchanged_shard_is_none_of_these(tmp_path: Path) -> None:
    cache = write(tmp_path / "caches")
    whole = contents(cache)
    put_shard(cache, 0, shard(lambda file, _: None, tmp_path))
    assert contents(cache) == whole
    FeatureCache(cache)


def address_of_the_features(content: bytes) -> int:
    """Where in a shard the address of its features is written."""
    with h5py.File(io.BytesIO(content)) as file:
        offset = file["features/pooled"].id.get_offset()
    address = offset.to_bytes(8, "little") + VALUES.nbytes.to_bytes(8, "little")
    assert content.count(address) == 1
    return content.index(address)


@pytest.mark.parametrize("offset", [0, 2**20, 2**40, 2**62, 2**63, 2**64 - 2])
def test_offsets_beyond_the_end(tmp_path: Path, offset: int) -> None:
    cache = write(tmp_path / "caches")
    content = bytearray(contents(cache)["shard-00000.h5"])
    place = address_of_the_features(bytes(content))
    near = len(content) - VALUES.nbytes + 1 if offset == 0 else offset
    content[place : place + 8] = near.to_bytes(8, "little")
    put_shard(cache, 0, bytes(content))
    with pytest.raises(CacheError, match=NO_SHARD):
        FeatureCache(cache)


def heap(content: bytes) -> tuple[int, int]:
    """Where the strings are, and where the first record that leads to them is."""
    collection = content.index(b"GCOL")
    first = len(IDS[0].encode()).to_bytes(4, "little") + collection.to_bytes(8, "little")
    return collection, content.index(first)


STRINGS: dict[str, tuple[str, int, bytes, str]] = {
    "a long string": ("record", 0, (2**31).to_bytes(4, "little"), "string of 2147483648 bytes"),
    "longer than it is": ("record", 0, (99).to_bytes(4, "little"), "string of 99 bytes is not"),
    "elsewhere": ("record", 4, (64).to_bytes(8, "little"), "no collection of strings at 64"),
    "beyond the end": ("record", 4, (2**40).to_bytes(8, "little"), "are beyond its end"),
    "far beyond": ("record", 4, (2**64 - 1).to_bytes(8, "little"), "are beyond its end"),
    "no such string": ("record", 12, (77).to_bytes(4, "little"), "is not there"),
    "not utf-8": ("heap", 32, b"\xff\xfe", "UnicodeDecodeError"),
    "a heap of another version": ("heap", 4, b"\x09", "no collection of strings"),
    "a heap without an end": ("heap", 8, (2**63).to_bytes(8, "little"), "no collection"),
    "a heap beyond the end": ("heap", 8, (2**19).to_bytes(8, "little"), "are beyond its end"),
    "a string without an end": ("heap", 24, (2**60).to_bytes(8, "little"), "is not there"),
}


@pytest.mark.parametrize("kind", STRINGS)
def test_strings_that_lead_astray(tmp_path: Path, kind: str) -> None:
    """HDF5 itself would wait without an end for some of these."""
    cache = write(tmp_path / "caches")
    content = bytearray(contents(cache)["shard-00000.h5"])
    where, shift, changed, message = STRINGS[kind]
    collection, record = heap(bytes(content))
    start = shift + (collection if where == "heap" else record)
    content[start : start + len(changed)] = changed
    put_shard(cache, 0, bytes(content))
    with pytest.raises(CacheError, match=f"{NO_SHARD} .*{message}"):
        FeatureCache(cache)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found_when_it_is_read(tmp_path: Path, value: float) -> None:
    cache = write(tmp_path / "caches")
    whole = contents(cache)

    def poison(file: h5py.File, _: Path) -> None:
        file["features/pooled"][1, 0, 5] = value

    put_shard(cache, 0, shard(poison, tmp_path))
    opened = FeatureCache(cache)
    assert np.array_equal(opened.read("pooled", np.array([0, 3])), features([IDS[0], IDS[3]]))
    with pytest.raises(CacheError, match=f"pooled of '{IDS[1]}' is not finite; run the same"):
        opened.read("pooled", np.array([3, 1, 0]))
    assert verify_cache(cache) == ["shard-00000.h5 is damaged: pooled holds what is not finite"]
    assert write(cache.parent) == cache
    assert contents(cache) == whole


# One process forks a child for each mutation; a child that dies or waits is counted as such.
CHILDREN = """
import json
import sys
from pathlib import Path
import test_store_hostile as cases
print(json.dumps(cases.outcomes(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
"""
READ, REFUSED, SOMETHING_ELSE = 0, 10, 11


def mutated(whole: bytes, draw: random.Random) -> bytes:
    content = bytearray(whole)
    for _ in range(draw.choice([1, 1, 2, 4, 8])):
        place = draw.randrange(len(content) - 16)
        match draw.randrange(4):
            case 0:
                content[place] ^= 1 << draw.randrange(8)
            case 1:
                content[place] = draw.choice([0, 1, 127, 128, 255])
            case 2:
                other, length = draw.randrange(len(content) - 16), draw.choice([1, 2, 4, 8, 16])
                content[place : place + length] = content[other : other + length]
            case _:
                far = draw.choice([0, 2**63, 2**64 - 1, len(content), draw.randrange(len(content))])
                content[place & ~7 : (place & ~7) + 8] = far.to_bytes(8, "little")
    return bytes(content)


def outcomes(folder: Path, count: int, seed: int) -> dict[int, int]:
    """How children ended that opened mutations of a shard, by their exit codes."""
    draw, ended = random.Random(seed), {}
    digests = [digest for _, digest in PICTURES[:ROWS]]
    whole = shard_bytes(IDS[:ROWS], digests, np.full(ROWS, DONE, np.uint8), {"pooled": VALUES})
    for _ in range(count):
        file = folder / "mutated.h5"
        file.write_bytes(mutated(whole, draw))
        child = os.fork()
        if not child:
            signal.alarm(20)
            os._exit(outcome(file))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended[code] = ended.get(code, 0) + 1
    return ended


def outcome(file: Path) -> int:
    try:
        content = open_shard(file, Layout(ROWS, {"pooled": (1, 6)}, "float32"))
        content.layers["pooled"].sum()
    except CacheError:
        return REFUSED
    except BaseException:
        return SOMETHING_ELSE
    return READ


def assert_read_or_refused(folder: Path, count: int, seed: int) -> None:
    here = Path(cache_cases.__file__)
    path = os.pathsep.join([str(here.parents[3]), str(here.parent)])
    ended = subprocess.run(
        [sys.executable, "-c", CHILDREN, str(folder), str(count), str(seed)],
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    codes = json.loads(ended.stdout)
    assert codes.keys() == {str(READ), str(REFUSED)}, codes
    assert sum(codes.values()) == count


def test_no_mutation_ends_the_process_or_holds_it(tmp_path: Path) -> None:
    assert_read_or_refused(tmp_path, 60, 0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 5))
def test_none_of_two_thousand_mutations_ends_the_process(tmp_path: Path, seed: int) -> None:
    assert_read_or_refused(tmp_path, 500, seed)


def test_a_flipped_bit_is_refused_before_hdf5_sees_it(tmp_path: Path) -> None:
    cache = write(tmp_path)
    for bit in (0, 9, 1000):
        flip(cache / "shard-00001.h5", bit)
        with pytest.raises(CacheError, match="its sha256 is not the one in cache.json"):
            FeatureCache(cache)
        flip(cache / "shard-00001.h5", bit)
