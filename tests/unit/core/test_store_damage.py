"""A damaged cache is one clear error and never other numbers; the same command mends it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cache_cases import FIELDS, IDS, PICTURES, contents, edit, features, flip, write

from core.errors import CacheError
from core.store import FeatureCache, FeatureWriter, verify_cache

Damage = Callable[[Path], object]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_number(path: Path) -> None:
    flip(path, 8 * path.read_bytes().index(features(IDS[:4]).tobytes()) + 3)


SHARDS: dict[str, tuple[Damage, str]] = {
    "truncated": (lambda p: truncate(p / "shard-00001.h5"), "shard-00001.h5 is damaged"),
    "emptied": (lambda p: (p / "shard-00002.h5").write_bytes(b""), "shard-00002.h5 is damaged"),
    "flipped": (lambda p: flip_a_number(p / "shard-00000.h5"), "shard-00000.h5 is damaged"),
    "missing": (lambda p: (p / "shard-00001.h5").unlink(), "shard-00001.h5 is missing"),
    "exchanged": (
        lambda p: shutil.copy(p / "shard-00000.h5", p / "shard-00001.h5"),
        "shard-00001.h5 is damaged",
    ),
}
MANIFEST: dict[str, tuple[Damage, str]] = {
    "no manifest": (lambda p: (p / "cache.json").unlink(), r"is not a feature cache \(no cache"),
    "no directory": (shutil.rmtree, "is not a feature cache"),
    "incomplete": (lambda p: edit(p / "cache.json", complete=False), "is not complete"),
    "other fields": (lambda p: edit(p / "cache.json", fields={}), "was changed: its key"),
    "other key": (lambda p: edit(p / "cache.json", key="0" * 64), "was changed: its key"),
    "other format": (lambda p: edit(p / "cache.json", format="tencrop-features/9"), "has format"),
    "other rows": (lambda p: edit(p / "cache.json", rows=12), "12 rows"),
    "cut": (lambda p: truncate(p / "cache.json"), "is damaged"),
    "empty": (lambda p: (p / "cache.json").write_bytes(b""), "is damaged"),
    "not utf-8": (lambda p: (p / "cache.json").write_bytes(b"\xff\xfe\x80"), "is damaged"),
    "a list": (lambda p: (p / "cache.json").write_text("[]"), "is damaged"),
    "no shards": (lambda p: edit(p / "cache.json", shards=None), r"damaged \(shards: .* list"),
    "odd shards": (lambda p: edit(p / "cache.json", shards=[3]), "is damaged"),
    "no key": (lambda p: (p / "cache.json").write_text("{}"), "is damaged"),
    "stale digest": (
        lambda p: (p / "cache.json").write_text((p / "cache.json").read_text().replace("11", "10")),
        "its digest is another",
    ),
    "deep": (
        lambda p: (p / "cache.json").write_text("[" * 10**5),
        "is damaged .its brackets are too deep",
    ),
    "outside": (
        lambda p: edit(
            p / "cache.json", shards=[{"file": "../x.h5", "rows": 11, "sha256": "0" * 64}]
        ),
        "is damaged",
    ),
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return write(tmp_path)


@pytest.mark.parametrize("kind", SHARDS)
def test_a_damaged_shard(cache: Path, kind: str) -> None:
    damage, message = SHARDS[kind]
    whole = contents(cache)
    damage(cache)
    problems = verify_cache(cache)
    assert len(problems) == 1
    assert message in problems[0]
    with pytest.raises(CacheError, match=message) as caught:
        FeatureCache(cache)
    assert "run the same `features` command to mend it" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert write(cache.parent) == cache
    assert contents(cache) == whole


@pytest.mark.parametrize("kind", MANIFEST)
def test_a_damaged_manifest(cache: Path, kind: str) -> None:
    damage, message = MANIFEST[kind]
    damage(cache)
    for reading in (verify_cache, FeatureCache):
        with pytest.raises(CacheError, match=message) as caught:
            reading(cache)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", MANIFEST)
def test_writing_over_a_damaged_manifest_mends_it(cache: Path, kind: str) -> None:
    whole = contents(cache)
    MANIFEST[kind][0](cache)
    assert write(cache.parent) == cache
    assert contents(cache) == whole


def test_every_damaged_shard_is_named(cache: Path) -> None:
    (cache / "shard-00002.h5").unlink()
    flip(cache / "shard-00000.h5", 9)
    assert [problem.split()[0] for problem in verify_cache(cache)] == [
        "shard-00000.h5",
        "shard-00002.h5",
    ]


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"sha256": 3}', "\x00"])
def test_a_damaged_shard_json_makes_the_shard_again(cache: Path, content: str) -> None:
    whole = contents(cache)
    (cache / "shard-00001.json").write_text(content)
    with FeatureWriter.open(cache.parent, "toy", FIELDS, PICTURES) as writer:
        assert [number for number, _ in writer.pending()] == [1]
    write(cache.parent)
    assert contents(cache) == whole


@pytest.mark.parametrize(("size", "shards"), [(5, [5, 5, 1]), (3, [3, 3, 3, 2])])
def test_shards_of_another_size_do_not_count(cache: Path, size: int, shards: list[int]) -> None:
    """Without its manifest a cache may be begun again with other shards: none is taken as it is.

    With shards of 3, the third has as many rows as the third of 4 had, but other pictures.
    """
    (cache / "cache.json").unlink()
    again = FeatureCache(write(cache.parent, shard_size=size))
    assert again.path == cache
    assert again.ids == IDS
    assert [shard["rows"] for shard in again.manifest["shards"]] == shards


def test_unchecked_opening_of_a_file_that_is_no_shard(cache: Path) -> None:
    path = cache / "shard-00001.h5"
    whole = path.read_bytes()
    odd_id = whole.replace("004 ü".encode(), b"004 \xff\xff")
    no_heap = whole.replace(b"HEAP", b"heap")
    assert odd_id != whole != no_heap
    for content in (b"", b"no HDF5", whole[:-8], odd_id, no_heap):
        path.write_bytes(content)
        with pytest.raises(CacheError, match=r"shard-00001\.h5 is not a feature shard"):
            FeatureCache(cache, check=False)
