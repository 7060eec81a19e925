"""Sources: rows by id, what made them, and the refusal of another encoder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cache_cases import FAILURES, FIELDS, IDS, PICTURES, features, write

from core.errors import CacheError, InputError, NumberError
from core.files import json_sha256
from core.sources import (
    CacheLayer,
    Source,
    StoredVectors,
    of_layers,
    refuse_other_encoder,
    refuse_other_facts,
    stored,
    together,
)
from core.store import FeatureCache, FeatureWriter
from tests.caches import fields_of

MADE_BY = {"model": "somebody's", "version": 3}
READABLE = [name for name in IDS if name not in FAILURES]


def vectors(count: int = 5, dtype: str = "float32", **options: Any) -> StoredVectors:
    values = np.arange(count * 4, dtype=dtype).reshape(count, 4)
    return StoredVectors([f"i{row}" for row in range(count)], values, MADE_BY, **options)


def two_layers(root: Path, pictures: list[tuple[str, str]] = PICTURES, **made: Any) -> FeatureCache:
    own = {"crops": 10, "own_weights": {"grid": "7" * 64}}
    fields = FIELDS | fields_of(pictures, {"pooled": [6], "grid": [2, 2, 3]}, **own)
    with FeatureWriter.open(root, "two", fields, pictures, **made) as writer:
        layers = {"pooled": features(IDS), "grid": features(IDS, (1, 2, 2, 3))}
        writer.commit(0, layers, FAILURES)
        return FeatureCache(writer.finish())


def test_a_layer_of_a_cache(tmp_path: Path) -> None:
    source = CacheLayer(FeatureCache(write(tmp_path)), "pooled")
    rows = source.rows([IDS[3], "none", IDS[2], IDS[0]])
    assert rows.tolist() == [3, -1, -1, 0]
    kept = rows[rows >= 0]
    assert source.shape == (1, 6)
    assert np.array_equal(source.read(kept), features([IDS[3], IDS[0]]))
    again = source.read(kept, np.random.default_rng(0))
    assert np.array_equal(again, source.read(kept))
    assert source.digests(kept) == [PICTURES[3][1], PICTURES[0][1]]


def test_the_encoder_of_a_layer_is_all_but_the_pictures_and_the_other_layers(
    tmp_path: Path,
) -> None:
    cache = two_layers(tmp_path)
    source, grid = CacheLayer(cache, "pooled"), CacheLayer(cache, "grid")
    expected = {k: v for k, v in FIELDS.items() if k != "corpus"} | {"layers": {"pooled": [6]}}
    grid_weights = {"own_weights": {"grid": "7" * 64}}
    assert source.made_by == expected
    assert source.encoder == json_sha256(expected) != grid.encoder
    assert grid.made_by == expected | {"layers": {"grid": [2, 2, 3]}} | grid_weights
    other = CacheLayer(two_layers(tmp_path, [(IDS[0], "2" * 64), *PICTURES[1:]]), "pooled")
    assert other.cache.key != cache.key
    assert other.encoder == source.encoder
    told = dict(cache.manifest["fields"])
    del told["corpus"]
    assert together(source.made_by, [grid.made_by, source.made_by]) == told
    assert together(grid.made_by, [source.made_by, MADE_BY]) == told
    assert together(source.made_by, [dict(grid.made_by) | {"crops": 5}]) == source.made_by
    assert of_layers(told, ["grid"]) == grid.made_by
    assert of_layers(MADE_BY, ["grid"]) == MADE_BY


@pytest.mark.parametrize("settings", [None, {}, {"layer": "grid,pooled", "crops": 10}])
def test_what_a_person_chose_is_told_of_the_layer_alone(
    tmp_path: Path, settings: dict[str, Any] | None
) -> None:
    cache = two_layers(tmp_path, made_with={"settings": settings})
    told = CacheLayer(cache, "grid").settings
    assert told == ({"layer": "grid", "crops": 10} if settings else settings)


def test_a_layer_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="not 'grid'; make it with `features --layer grid`"):
        CacheLayer(FeatureCache(write(tmp_path)), "grid")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_stored_vectors(dtype: str) -> None:
    source = vectors(dtype=dtype, digests=["a", "b", "c", "", "e"])
    assert source.rows(["i4", "none", "i0"]).tolist() == [4, -1, 0]
    assert source.shape == (4,)
    found = source.read(np.array([4, 0, 4]), np.random.default_rng(0))
    assert found.dtype == dtype
    assert found.tolist() == [[16, 17, 18, 19], [0, 1, 2, 3], [16, 17, 18, 19]]
    assert source.digests(np.array([3, 1])) == ["", "b"]
    assert vectors().digests(np.array([0])) == [""]
    assert source.encoder == json_sha256(MADE_BY)
    assert (source.settings, source.code) == (None, None)


def test_nothing_is_copied_and_a_mapped_file_stays_one(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((7, 2, 3)).astype(np.float32)
    np.save(tmp_path / "v.npy", values)
    mapped = np.load(tmp_path / "v.npy", mmap_mode="r")
    source = StoredVectors("abcdefg", mapped, MADE_BY)
    assert source.values is mapped
    assert source.shape == (2, 3)
    found = source.read(source.rows(["g", "b"]))
    assert type(found) is np.ndarray
    assert np.array_equal(found, values[[6, 1]])


@pytest.mark.parametrize("block", [1, 32, 1 << 24])
def test_a_value_that_is_not_finite_is_named(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(stored, "BLOCK_BYTES", block)
    values = np.zeros((9, 4), dtype=np.float32)
    values[7, 3] = np.inf
    ids = [f"i{row}" for row in range(9)]
    with pytest.raises(NumberError, match="of 'i7' holds values that are not finite; leave"):
        StoredVectors(ids, values, MADE_BY)
    values[7, 3] = 0
    assert StoredVectors(ids, values, MADE_BY).rows(["i7"]).tolist() == [7]


@pytest.mark.parametrize(
    ("ids", "values", "digests", "message"),
    [
        ("abc", np.zeros((2, 4), np.float32), None, r"shape \(2, 4\).*for 3 ids; give"),
        ("ab", np.zeros((2, 4), np.float32), ["x"], "1 digests for 2 ids; give"),
        ("ab", np.float32(3), None, r"shape \(\) "),
        ("aba", np.zeros((3, 4), np.float32), None, "have the id 'a'; make the ids unique"),
        ("ab", np.zeros((2, 4)), None, "of float64; convert them"),
        ("ab", np.zeros((2, 4), np.int64), None, "of int64; convert them"),
    ],
)
def test_vectors_that_do_not_fit(ids: str, values: Any, digests: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        StoredVectors(ids, np.asarray(values), MADE_BY, digests)


@pytest.mark.parametrize("row", [-1, 11])
def test_a_row_that_is_no_item(tmp_path: Path, row: int) -> None:
    sources: list[Source] = [CacheLayer(FeatureCache(write(tmp_path)), "pooled"), vectors(11)]
    for source in sources:
        for ask in (source.read, source.digests):
            with pytest.raises(CacheError, match=f"row {row} is no .*answers with -1"):
                ask(np.array([0, row]))


def test_the_same_encoder_is_accepted(tmp_path: Path) -> None:
    source = CacheLayer(two_layers(tmp_path), "pooled")
    refuse_other_encoder("image", dict(source.made_by), source)
    refuse_other_facts("this", {"mean": [1, 2]}, {"mean": (1, 2)}, "stop")


def test_another_encoder_is_refused_with_both_sides(tmp_path: Path) -> None:
    now = CacheLayer(two_layers(tmp_path), "pooled")
    then = {**now.made_by, "backbone": "squeezenet1_1"}
    with pytest.raises(CacheError) as caught:
        refuse_other_encoder("image", then, now)
    message = str(caught.value)
    assert "source 'image'" in message
    assert "backbone 'resnet50' (trained on: 'squeezenet1_1')" in message
    assert message.endswith("; make the features as those were made, or train on these")
    assert "crops" not in message


def test_the_first_differing_facts_are_named_by_their_dotted_names() -> None:
    then = {"a": {"b": 1, "c": 2}, "d": 3, "e": 4, "f": 5, "g": 6}
    now = {"a": {"b": 1, "c": 0}, "d": "3", "e": None, "h": [1], "g": 6}
    with pytest.raises(CacheError) as caught:
        refuse_other_facts("this", then, now, "go on")
    listed = "a.c 0 (trained on: 2), d '3' (trained on: 3), e null (trained on: 4) and 2 more"
    assert str(caught.value) == (
        f"this: not the numbers that the model was trained on: {listed}; go on"
    )
