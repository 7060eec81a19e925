"""No bit of a cache changes unseen, and the same command makes it as it was."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cache_cases import FAILURES, IDS, contents, edit, flip, unseal, write

from core.errors import CacheError
from core.files import read_json, write_json
from core.store import FeatureCache, find_complete, undigested, verify_cache


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return write(tmp_path)


def found(cache: Path) -> list[str]:
    """What ``cache verify`` would say."""
    try:
        return verify_cache(cache)
    except CacheError as problem:
        return [str(problem)]


def bits(cache: Path, suffix: str) -> list[tuple[Path, int]]:
    files = sorted(cache.glob(f"*{suffix}"))
    return [(file, bit) for file in files for bit in range(8 * file.stat().st_size)]


def unseen(cache: Path, where: list[tuple[Path, int]]) -> list[tuple[str, int]]:
    """The flips that no problem names the file of."""
    missed = []
    for file, bit in where:
        flip(file, bit)
        if file.name not in "; ".join(found(cache)):
            missed.append((file.name, bit))
        flip(file, bit)
    assert found(cache) == []
    return missed


@pytest.mark.slow
def test_a_thousand_flipped_bits_are_found(cache: Path) -> None:
    every = bits(cache, ".h5") + bits(cache, ".json")
    assert unseen(cache, random.Random(0).sample(every, 1000)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cache.json", "shard-00000.json"])
def test_every_flipped_bit_of_a_json_file_is_found(tmp_path: Path, name: str) -> None:
    cache = write(tmp_path, shard_size=11)
    assert unseen(cache, bits(cache, name)) == []


def test_what_flips_is_mended_by_the_same_command(cache: Path) -> None:
    whole = contents(cache)
    every = bits(cache, ".h5") + bits(cache, ".json")
    for file, bit in random.Random(1).sample(every, 40):
        flip(file, bit)
        assert write(cache.parent) == cache
        assert contents(cache) == whole


def other_reason(cache: Path) -> None:
    listed = read_json(cache / "cache.json")["failures"]
    edit(cache / "cache.json", failures=[listed[0] | {"reason": "who knows"}, *listed[1:]])


SAID: dict[str, tuple[Callable[[Path], object], str]] = {
    "spaces": (
        lambda p: write_text(p / "shard-00000.json", "\n ", "\n  "),
        "shard-00000.json is damaged: its bytes are not those that were written",
    ),
    "spaces in the manifest": (
        lambda p: write_text(p / "cache.json", "\n ", "\n  "),
        "cache.json is damaged: its bytes are not",
    ),
    "failures of the manifest": (other_reason, "cache.json is damaged: its failures are not those"),
    "failures of a shard": (
        lambda p: edit(p / "shard-00000.json", failures=[]),
        "shard-00000.h5 is damaged: its .json lists other pictures as unreadable",
    ),
    "rows of a shard": (
        lambda p: edit(p / "shard-00001.json", rows=3),
        "shard-00001.h5 is damaged: it has not 4 rows",
    ),
    "another key": (
        lambda p: edit(p / "shard-00001.json", key="0" * 64),
        "shard-00001.json is of another cache",
    ),
    "no .json": (
        lambda p: (p / "shard-00002.json").unlink(),
        "shard-00002.json is missing",
    ),
    "digest of the manifest": (
        lambda p: edit(p / "cache.json", shards=one_digest_of(p, 1)),
        "shard-00001.h5 is damaged: its sha256 is not the one in cache.json",
    ),
    "a shard too many": (
        lambda p: shutil.copy(p / "shard-00002.h5", p / "shard-00007.h5"),
        "shard-00007.h5 is no shard of this cache",
    ),
    "a .json too many": (
        lambda p: shutil.copy(p / "shard-00002.json", p / "shard-00003.json"),
        "shard-00003.json is no shard of this cache",
    ),
}


def write_text(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def one_digest_of(cache: Path, number: int) -> list[dict[str, object]]:
    shards: list[dict[str, object]] = read_json(cache / "cache.json")["shards"]
    shards[number]["sha256"] = "0" * 64
    return shards


@pytest.mark.parametrize("kind", SAID)
def test_what_is_said_is_mended_by_the_same_command(cache: Path, kind: str) -> None:
    damage, message = SAID[kind]
    whole = contents(cache)
    damage(cache)
    (problem,) = verify_cache(cache)
    assert problem.startswith(message)
    assert find_complete(cache.parent, read_json(cache / "cache.json")["fields"]) is None
    assert write(cache.parent) == cache
    assert contents(cache) == whole


def test_spaces_in_a_json_cost_no_shard(cache: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in cache.glob("*.h5")}
    SAID["spaces"][0](cache)
    write(cache.parent)
    assert {file.name: file.stat().st_mtime_ns for file in cache.glob("*.h5")} == before


def test_a_fault_of_the_moment_does_not_count(cache: Path) -> None:
    """Earlier versions kept it for ever: a picture with a digest that was gone for a moment."""
    whole = contents(cache)
    for reason in ("missing file", "cannot be opened: Too many open files"):
        kept = [{"id": IDS[2], "reason": reason}]
        edit(cache / "shard-00000.json", failures=kept)
        last = {"id": IDS[10], "reason": FAILURES[IDS[10]]}
        edit(cache / "cache.json", failures=[*kept, last])
        (problem,) = verify_cache(cache)
        assert problem == (f"shard-00000.h5 lacks '{IDS[2]}' for a fault of the moment ({reason})")
        assert FeatureCache(cache).rows([IDS[2]]).tolist() == [-1]
        assert write(cache.parent) == cache
        assert contents(cache) == whole


def test_a_cache_of_an_earlier_version_is_read_and_said(cache: Path) -> None:
    assert undigested(cache) == []
    unseal(cache)
    before = contents(cache)
    assert verify_cache(cache) == []
    assert undigested(cache) == ["cache.json", *(f"shard-0000{n}.json" for n in range(3))]
    manifest = read_json(cache / "cache.json")
    assert find_complete(cache.parent, manifest["fields"]) == cache
    assert FeatureCache(cache).ids == IDS
    assert contents(cache) == before


def test_an_earlier_version_is_gone_on_with(cache: Path) -> None:
    whole = contents(cache)
    unseal(cache)
    manifest = read_json(cache / "cache.json")
    write_json(cache / "cache.json", manifest | {"complete": False})
    (cache / "shard-00001.json").unlink()
    assert write(cache.parent) == cache
    assert contents(cache) == whole


@pytest.mark.parametrize("failures", [[], [{"id": IDS[3], "reason": "not a picture"}]])
def test_failures_that_are_not_those_of_the_rows_are_found(
    cache: Path, failures: list[dict[str, str]]
) -> None:
    """Of a shard and its manifest alike, with digests that fit: its rows of zeros would be used."""
    kept = [f for f in read_json(cache / "cache.json")["failures"] if f["id"] != IDS[2]]
    edit(cache / "shard-00000.json", failures=failures)
    edit(cache / "cache.json", failures=[*failures, *kept])
    assert "lists other pictures as unreadable" in "; ".join(found(cache))
