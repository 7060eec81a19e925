"""A manifest that was edited: one line for who reads it, and no dead end for who writes."""

from pathlib import Path
from typing import Any

import pytest
from cache_cases import FIELDS, IDS, PICTURES, contents, edit, edit_fields, features, write

from core.errors import CacheError
from core.store import (
    FeatureCache,
    FeatureWriter,
    cache_key,
    find_cache,
    find_complete,
    verify_cache,
)
from core.store.directory import place
from tests.caches import fields_of


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return write(tmp_path)


def fields(**changes: object) -> dict[str, Any]:
    """A field changed, and the key made to fit again."""
    changed = FIELDS | changes
    return {"fields": changed, "key": cache_key(changed)}


SHARD = {"file": "shard-00000.h5", "rows": 4, "sha256": "0" * 64}
MORE = [SHARD, SHARD | {"rows": 3}]
MALFORMED: dict[str, dict[str, Any]] = {
    "layers as a list": fields(layers=["pooled", 6]),
    "no layers": fields(layers={}),
    "a layer that is a path": fields(layers={"../x": [6]}),
    "a shape of strings": fields(layers={"pooled": ["6"]}),
    "a shape of nothing": fields(layers={"pooled": [0]}),
    "weights of a layer that are no digest": fields(own_weights={"pooled": "x"}),
    "weights of no layer": fields(own_weights="pooled"),
    "crops as a string": fields(crops="10"),
    "crops as true": fields(crops=True),
    "another keep": fields(keep="max"),
    "a dtype of strings": fields(dtype="S4"),
    "a corpus that is none": fields(corpus=3),
    "made_with as a list": {"made_with": ["cpu"]},
    "fields as a list": {"fields": [["layers", 1]]},
    "shards as a dict": {"shards": {"file": "shard-00000.h5"}},
    "shards of strings": {"shards": ["shard-00000.h5"]},
    "rows as a string": {"rows": "11"},
    "rows as a float": {"rows": 11.0},
    "no rows": {"rows": 0, "shards": []},
    "shard_size as a string": {"shard_size": "4"},
    "shard_size of nothing": {"shard_size": 0},
    "a shard's rows as a string": {"shards": [SHARD | {"rows": "4"}]},
    "a digest that is none": {"shards": [SHARD | {"sha256": "x"}]},
    "a digest with a line": {"shards": [SHARD | {"sha256": "0" * 64 + "\n"}]},
    "a shard elsewhere": {"shards": [SHARD | {"file": "../x.h5"}, *MORE]},
    "one shard twice": {"shards": [SHARD, *MORE]},
    "shards in another order": {"shards": [SHARD | {"rows": 3}, SHARD, SHARD]},
    "too many small shards": {"shards": [SHARD | {"rows": 1}] * 11},
    "failures as a dict": {"failures": {"id": "reason"}},
    "failures of strings": {"failures": ["a.jpg"]},
    "complete as a string": {"complete": "yes"},
    "key as a number": {"key": 3},
    "another format": {"format": ["tencrop-features/1"]},
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_manifest_is_one_line_and_mended(cache: Path, kind: str) -> None:
    whole = contents(cache)
    edit(cache / "cache.json", **MALFORMED[kind])
    for reading in (verify_cache, FeatureCache):
        with pytest.raises(CacheError) as caught:
            reading(cache)
        assert "\n" not in str(caught.value)
        assert "features`" in str(caught.value)
    assert find_complete(cache.parent, FIELDS) is None
    assert write(cache.parent) == cache
    assert contents(cache) == whole


def other_corpus() -> str:
    corpus: str = fields_of([*PICTURES[:-1], ("zzz.jpg", "")], {})["corpus"]
    return corpus


EDITED: dict[str, tuple[dict[str, Any], str]] = {
    "layers": ({"layers": {"pooled": [3]}}, r"features/pooled is float32 of shape \(4, 1, 6\)"),
    "another layer": ({"layers": {"grid": [1, 1, 6]}}, "pooled|grid"),
    "one more layer": ({"layers": {"pooled": [6], "grid": [1, 1, 6]}}, "features holds 1 objects"),
    "crops kept": ({"keep": "all"}, r"features/pooled is float32 of shape \(4, 1, 6\)"),
    "dtype": ({"dtype": "float16"}, "features/pooled is float32"),
    "corpus": ({"corpus": other_corpus()}, "hold other pictures than the key was made from"),
}


@pytest.mark.parametrize("kind", EDITED)
def test_fields_with_a_right_key_are_held_against_the_shards(cache: Path, kind: str) -> None:
    changes, message = EDITED[kind]
    edited = edit_fields(cache, **changes)
    assert verify_cache(edited)
    with pytest.raises(CacheError, match=message):
        FeatureCache(edited)


@pytest.mark.parametrize("change", [{"backbone": "vgg19"}, {"crops": 5}, EDITED["layers"][0]])
def test_a_key_that_is_not_that_of_the_folder_is_stepped_around(
    cache: Path, change: dict[str, Any]
) -> None:
    """What was begun before ended in a dead end: a cache with another key."""
    whole = contents(cache)
    edited = edit_fields(cache, **change).rename(cache)
    left = contents(edited)
    with pytest.raises(CacheError, match="not that of its name.*take the directory that it print"):
        verify_cache(edited)
    again = write(cache.parent)
    assert again == cache.parent / f"toy-{cache_key(FIELDS)}"
    assert contents(again) == whole
    assert contents(edited) == left
    assert find_complete(cache.parent, FIELDS) == again == write(cache.parent)


def test_shards_of_another_cache_are_not_taken_where_the_manifest_is_gone(cache: Path) -> None:
    other = write(cache.parent / "other", fields=FIELDS | {"weights": "1" * 64})
    whole = contents(other)
    for file in cache.glob("shard-*"):
        (other / file.name).write_bytes(file.read_bytes())
    (other / "cache.json").unlink()
    before = {file.name: file.stat().st_mtime_ns for file in other.glob("*.h5")}
    assert write(cache.parent / "other", fields=FIELDS | {"weights": "1" * 64}) == other
    assert contents(other) == whole
    after = {file.name: file.stat().st_mtime_ns for file in other.glob("*.h5")}
    assert all(after[name] > before[name] for name in before)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    twice = [PICTURES[0], *PICTURES[:3]]
    with FeatureWriter.open(tmp_path, "toy", fields_of(twice, {"pooled": [6]}), twice) as writer:
        writer.commit(0, {"pooled": features(IDS[:4])}, {})
        path = writer.finish()
    with pytest.raises(CacheError, match="an id stands twice in the shards"):
        FeatureCache(path)


def test_where_a_cache_is(cache: Path) -> None:
    key = cache_key(FIELDS)
    assert place(cache.parent, "renamed", key) == cache
    assert place(cache / "cache.json", "toy", key) == cache / "cache.json" / cache.name
    assert find_cache(cache / "cache.json", key) is None
    (cache / "cache.json").unlink()
    assert place(cache.parent, "toy", key) == cache
    (cache / "cache.json").mkdir()
    assert place(cache.parent, "toy", key) == cache
    with pytest.raises(CacheError, match="is not a regular file; move it elsewhere"):
        FeatureCache(cache)


def test_a_lost_manifest_is_written_again_as_the_shards_tell(cache: Path) -> None:
    notes: list[dict[str, Any]] = [
        {"torch": "1", "device": "cpu", "code": {"a": "x", "b": "y"}},
        {"torch": "2", "device": "cpu", "code": {"a": "z", "b": "y"}, "threads": 2},
        {},
    ]
    for number, made_with in enumerate(notes):
        edit(cache / f"shard-0000{number}.json", made_with=made_with)
    (cache / "cache.json").unlink()
    (cache / "shard-00009.json").write_text("{}")
    made_with = {"torch": "3"}
    with FeatureWriter.open(
        cache.parent, "toy", FIELDS, PICTURES, shard_size=4, made_with=made_with
    ) as writer:
        assert writer.lost
        assert writer.made_with == {
            "torch": "1 and 2",
            "device": "cpu",
            "code": {"a": "x and z", "b": "y"},
            "threads": 2,
        }


def test_without_a_shard_a_lost_manifest_is_begun_anew(cache: Path) -> None:
    for file in (*cache.glob("shard-*.h5"), cache / "cache.json"):
        file.unlink()
    with FeatureWriter.open(
        cache.parent, "toy", FIELDS, PICTURES, shard_size=4, made_with={"torch": "3"}
    ) as writer:
        assert (writer.lost, writer.made_with) == (False, {"torch": "3"})
