"""The feature store: what is written is what is read."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from cache_cases import (
    FAILURES,
    FIELDS,
    IDS,
    PICTURES,
    commit,
    contents,
    features,
    fields_for,
    write,
)

from core.errors import CacheError, NumberError
from core.files import json_sha256, read_json
from core.store import FeatureCache, FeatureWriter, cache_key, find_cache, verify_cache
from tests.caches import fields_of

READABLE = [name for name in IDS if name not in FAILURES]
SHAPES = [(1, 6), (10, 6), (1, 3, 2, 5), (5, 2, 2, 3)]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shape", SHAPES)
def test_round_trip(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    cache = FeatureCache(write(tmp_path, shape=shape, dtype=dtype))
    layer = "pooled" if len(shape) == 2 else "grid"
    assert cache.layers == {layer: shape}
    assert cache.ids == IDS
    assert cache.digests == [digest for _, digest in PICTURES]
    assert cache.readable.tolist() == [name not in FAILURES for name in IDS]
    wanted = np.random.default_rng(0).permutation(READABLE * 2).tolist()
    values = cache.read(layer, cache.rows(wanted))
    assert values.dtype == dtype
    assert np.array_equal(values, features(wanted, shape, dtype))


def test_a_missing_picture_has_no_digest(tmp_path: Path) -> None:
    pictures = [("a.jpg", ""), ("b.jpg", "b" * 64), ("c.jpg", "")]
    with FeatureWriter.open(tmp_path, "toy", fields_of(pictures, {"x": [6]}), pictures) as writer:
        writer.commit(0, {"x": np.zeros((3, 1, 6), np.float32)}, {"a.jpg": "missing file"})
        cache = FeatureCache(writer.finish())
    assert cache.digests == ["", "b" * 64, ""]
    assert verify_cache(cache.path) == []


@pytest.mark.parametrize("shard_size", [1, 3, 4, 11, 1000])
def test_the_size_of_a_shard_changes_no_number(tmp_path: Path, shard_size: int) -> None:
    cache = FeatureCache(write(tmp_path, shard_size=shard_size))
    assert len(cache.manifest["shards"]) == -(-len(IDS) // shard_size)
    assert np.array_equal(cache.read("pooled", cache.rows(READABLE)), features(READABLE))


def test_several_layers_in_one_cache(tmp_path: Path) -> None:
    fields = FIELDS | {"layers": {"pooled": [6], "grid": [2, 2, 3]}}
    with FeatureWriter.open(tmp_path, "toy", fields, PICTURES) as writer:
        layers = {"pooled": features(IDS), "grid": features(IDS, (1, 2, 2, 3))}
        writer.commit(0, layers, {})
        cache = FeatureCache(writer.finish())
    assert cache.layers == {"pooled": (1, 6), "grid": (1, 2, 2, 3)}
    assert np.array_equal(cache.read("grid", cache.rows(IDS)), layers["grid"])


def test_rows_of_unknown_and_unreadable_pictures_are_minus_one(tmp_path: Path) -> None:
    cache = FeatureCache(write(tmp_path))
    failed = next(iter(FAILURES))
    assert cache.rows([IDS[5], "unknown", failed, IDS[0]]).tolist() == [5, -1, -1, 0]
    assert cache.rows([]).dtype == np.int64
    assert cache.read("pooled", cache.rows([])).shape == (0, 1, 6)


@pytest.mark.parametrize("row", [-1, -4, 11, 12, 1000])
def test_a_row_that_is_not_there_is_never_another_one(tmp_path: Path, row: int) -> None:
    cache = FeatureCache(write(tmp_path))
    with pytest.raises(CacheError, match=f"row {row} is no picture of this cache"):
        cache.read("pooled", np.array([0, row]))


def test_an_unknown_layer_says_which_there_are(tmp_path: Path) -> None:
    cache = FeatureCache(write(tmp_path))
    with pytest.raises(CacheError, match=r"has the layers \['pooled'\], not 'grid'"):
        cache.read("grid", np.array([0]))


def test_failures_are_listed_with_their_reasons(tmp_path: Path) -> None:
    path = write(tmp_path)
    manifest = read_json(path / "cache.json")
    assert {part["id"]: part["reason"] for part in manifest["failures"]} == FAILURES
    assert read_json(path / "shard-00001.json")["failures"] == []


def test_the_files_are_as_docs_format_says(tmp_path: Path) -> None:
    path = write(tmp_path, shape=(10, 6), dtype="float16")
    key = cache_key(FIELDS | fields_for((10, 6), "float16"))
    assert path.name == f"toy-{key[:8]}"
    assert sorted(contents(path)) == [
        "cache.json",
        *(f"shard-0000{n}.{kind}" for n in range(3) for kind in ("h5", "json")),
    ]
    with h5py.File(path / "shard-00002.h5", "r") as file:
        assert file["image/id"].asstr()[()].tolist() == IDS[8:]
        assert file["image/status"][()].tolist() == [1, 1, 2]
        assert file["image/sha256"].asstr()[0] == PICTURES[8][1]
        layer = file["features/pooled"]
        assert (layer.shape, layer.dtype, layer.chunks) == ((3, 10, 6), np.float16, None)
    manifest = read_json(path / "cache.json")
    assert manifest["format"] == "tencrop-features/1"
    assert (manifest["rows"], manifest["shard_size"], manifest["complete"]) == (11, 4, True)
    assert [shard["rows"] for shard in manifest["shards"]] == [4, 4, 3]
    shard = read_json(path / "shard-00002.json")
    assert sorted(shard) == ["digest", "failures", "key", "made_with", "rows", "sha256"]
    assert (shard["key"], shard["sha256"]) == (key, manifest["shards"][2]["sha256"])
    for stated in (manifest, shard):
        assert stated.pop("digest") == json_sha256(stated)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=4) as writer:
        wrong = features(IDS[:4])
        wrong[3, 0, 5] = value
        with pytest.raises(NumberError, match="shard 0: pooled holds values that are not finite"):
            writer.commit(0, {"pooled": wrong}, {})
        assert [number for number, _ in writer.pending()] == [0, 1, 2]
        assert sorted(contents(writer.path)) == ["cache.json"]


def test_float16_refuses_what_overflowed(tmp_path: Path) -> None:
    fields = FIELDS | {"dtype": "float16"}
    with FeatureWriter.open(tmp_path, "toy", fields, PICTURES, shard_size=11) as writer:
        with np.errstate(over="ignore"):
            wide = np.full((11, 1, 6), 70_000.0, dtype=np.float32).astype(np.float16)
        with pytest.raises(NumberError, match="not finite as float16; use --dtype float32"):
            writer.commit(0, {"pooled": wide}, {})


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"pooled": features(IDS[:3])}, r"pooled is float32 of shape \(3, 1, 6\), not float32 of"),
        ({"pooled": features(IDS[:4], (2, 6))}, r"of shape \(4, 2, 6\)"),
        ({"pooled": features(IDS[:4], dtype="float64")}, "pooled is float64"),
        ({"grid": features(IDS[:4])}, r"the layers \['grid'\], not \['pooled'\]"),
        ({}, r"the layers \[\]"),
    ],
)
def test_features_that_the_fields_do_not_say_are_refused(
    tmp_path: Path, layers: dict[str, Any], message: str
) -> None:
    with (
        FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=4) as writer,
        pytest.raises(CacheError, match=f"shard 0: .*{message}"),
    ):
        writer.commit(0, layers, {})
    assert sorted(contents(writer.path)) == ["cache.json"]


def test_an_id_that_is_too_long_to_be_read_back_is_not_written(tmp_path: Path) -> None:
    pictures = [("x" * 70_000, "")]
    fields = fields_of(pictures, {"pooled": [6]})
    with (
        FeatureWriter.open(tmp_path, "toy", fields, pictures) as writer,
        pytest.raises(CacheError, match="is longer than 65,536 bytes; shorten it"),
    ):
        writer.commit(0, {"pooled": np.zeros((1, 1, 6), np.float32)}, {})


@pytest.mark.parametrize("fields", [{}, FIELDS | {"layers": []}, FIELDS | {"corpus": "1"}])
def test_fields_that_say_nothing_of_the_shards_begin_no_cache(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    with (
        pytest.raises(CacheError, match="fields that make no cache: (layers|corpus): "),
        FeatureWriter.open(tmp_path / "x", "toy", fields, PICTURES),
    ):
        pass
    assert not (tmp_path / "x").exists()


OTHER: dict[str, Any] = {
    "layers": {"pooled": [3]},
    "crops": 5,
    "keep": "all",
    "dtype": "float16",
    "corpus": None,
    "exif": False,
    "transform": {"resize": 232},
}


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_in_the_key(tmp_path: Path, field: str) -> None:
    other = FIELDS | {field: OTHER.get(field, "another")}
    assert cache_key(other) != cache_key(FIELDS)


def test_another_key_is_another_directory(tmp_path: Path) -> None:
    other = FIELDS | {"exif": False}
    first, second = write(tmp_path), write(tmp_path, fields=other)
    assert first != second
    assert find_cache(tmp_path, cache_key(other)) == second
    assert find_cache(tmp_path, cache_key(FIELDS)) == first


def test_a_missing_or_a_new_field_is_another_key() -> None:
    keys = {cache_key({n: v for n, v in FIELDS.items() if n != left}) for left in FIELDS}
    keys |= {cache_key(FIELDS), cache_key(FIELDS | {"new": None})}
    assert len(keys) == len(FIELDS) + 2
    assert cache_key(dict(reversed(FIELDS.items()))) == cache_key(FIELDS)


def test_the_same_key_is_the_same_directory_under_any_name(tmp_path: Path) -> None:
    first = write(tmp_path, name="toy")
    before = contents(first)
    assert write(tmp_path, name="renamed") == first
    assert contents(first) == before
    assert find_cache(tmp_path, cache_key(FIELDS)) == first
    assert find_cache(tmp_path / "nowhere", cache_key(FIELDS)) is None


def test_a_directory_of_another_key_is_not_taken_over(tmp_path: Path) -> None:
    """Eight digits of the key can agree by chance: 1 in 4 thousand million."""
    other = write(tmp_path / "elsewhere", fields=FIELDS | {"exif": False})
    mine = tmp_path / f"toy-{cache_key(FIELDS)[:8]}"
    other.rename(mine)
    before = contents(mine)
    found = write(tmp_path)
    assert found == tmp_path / f"toy-{cache_key(FIELDS)}"
    assert contents(mine) == before
    assert write(tmp_path, name="renamed") == found
    assert np.array_equal(FeatureCache(found).read("pooled", np.arange(2)), features(IDS[:2]))
    with pytest.raises(CacheError, match="not that of its name: it was changed or renamed; run"):
        FeatureCache(mine)


def test_a_copy_under_a_name_without_a_key_is_read(tmp_path: Path) -> None:
    copy = write(tmp_path).rename(tmp_path / "my features")
    assert FeatureCache(copy).ids == IDS
    assert verify_cache(copy) == []


def test_facts_that_change_no_number_are_kept_and_not_in_the_key(tmp_path: Path) -> None:
    facts = {"device": "cpu"}
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, made_with=facts) as writer:
        for number, rows in writer.pending():
            commit(writer, number, rows)
        path = writer.finish()
    assert FeatureCache(path).manifest["made_with"] == facts
    assert FeatureCache(path).key == cache_key(FIELDS)
    assert verify_cache(path) == []
