"""Caches of one backbone as views of one source, against stacking their crops by hand."""

import itertools
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from core.errors import CacheError
from core.files import json_sha256
from core.sources import CacheLayer, Source, Views, by_network, each_view, refuse_other_facts
from core.store import FeatureCache
from tests.caches import cache_of

PICTURES = [(f"p{n}", sha256(b"%d" % n).hexdigest()) for n in range(9)]
IDS = [name for name, _ in PICTURES]
NET = {"backbone": "vgg19", "weights": "0" * 64, "exif": True}
WHOLE, LARGE = {"resize": 224, "crop": 224}, {"resize": 288, "crop": 288}


@pytest.fixture
def caches(tmp_path: Path) -> list[FeatureCache]:
    """One crop; two crops of another size, all kept; the mean of ten, rounded."""
    one = cache_of(tmp_path, PICTURES, 1, **NET, transform=WHOLE, failures={"p3": "cut"})
    two = cache_of(
        tmp_path, PICTURES[::-1], 2, **NET, transform=LARGE, crops=2, keep="all", decoder="other"
    )
    ten = cache_of(tmp_path, PICTURES, 3, **NET, transform=WHOLE, crops=10, dtype="float16")
    return [one, two, ten]


def layers(caches: list[FeatureCache]) -> list[CacheLayer]:
    return [CacheLayer(cache, "pooled") for cache in caches]


def test_their_crops_stand_on_one_axis(caches: list[FeatureCache]) -> None:
    source = Views(layers(caches))
    assert source.shape == (4, 6)
    rows = source.rows(["p8", "none", "p3", "p0"])
    assert (rows >= 0).tolist() == [True, False, False, True]
    found = source.read(rows[rows >= 0])
    assert found.dtype == np.float32
    ordered = sorted(layers(caches), key=lambda layer: layer.encoder)
    for place, name in ((0, "p8"), (1, "p0")):
        by_hand = [each.read(each.rows([name]))[0] for each in ordered]
        assert np.array_equal(found[place], np.concatenate(by_hand))
    assert source.digests(rows[rows >= 0]) == [dict(PICTURES)["p8"], dict(PICTURES)["p0"]]
    assert not source.varies


def test_a_row_of_a_picture_that_one_cache_lacks_is_refused(caches: list[FeatureCache]) -> None:
    source = Views(layers(caches))
    lacking = next(row for row, name in enumerate(source.layers[0].cache.ids) if name == "p3")
    for row in (lacking, -1, 99):
        with pytest.raises(CacheError, match="leave out"):
            source.read(np.array([row]))


def test_the_order_in_which_they_are_given_changes_nothing(caches: list[FeatureCache]) -> None:
    ids = [name for name in IDS if name != "p3"]
    sources = [Views(order) for order in itertools.permutations(layers(caches))]
    assert len({source.encoder for source in sources}) == 1
    values = [source.read(source.rows(ids)) for source in sources]
    assert all(np.array_equal(value, values[0]) for value in values)


def test_what_made_them_is_told_of_each(caches: list[FeatureCache]) -> None:
    source = Views(layers(caches))
    assert source.encoder == json_sha256(source.made_by)
    assert source.made_by["backbone"] == "vgg19"
    told = each_view({"made_by": source.made_by, "settings": source.settings})
    assert [each["made_by"] for each in told] == [each.made_by for each in source.layers]
    assert [each["encoder"] for each in told] == [each.encoder for each in source.layers]
    alone = layers(caches)[0]
    (one,) = each_view({"made_by": alone.made_by, "settings": {"weights": "random"}})
    assert (one["encoder"], one["settings"]) == (alone.encoder, {"weights": "random"})
    fewer = Views(layers(caches)[:2])
    assert fewer.encoder != source.encoder
    with pytest.raises(CacheError, match=r"views\.\d\.crops \d+ \(trained on: \d+\)"):
        refuse_other_facts("it", source.made_by, fewer.made_by, "stop")


def test_one_layer_alone_stays_what_it_is(caches: list[FeatureCache]) -> None:
    (layer, *_) = layers(caches)
    assert by_network([layer]) == [layer]


def test_other_networks_and_other_layers_are_sources_beside(
    tmp_path: Path, caches: list[FeatureCache]
) -> None:
    other = NET | {"weights": "1" * 64}
    more = cache_of(
        tmp_path, PICTURES, 4, **other, transform=WHOLE, layers={"pooled": 6, "grid": 2}
    )
    every = [*layers(caches), CacheLayer(more, "pooled"), CacheLayer(more, "grid")]
    for order in (every, every[::-1]):
        found: list[Source] = list(by_network(order))
        assert [source.shape for source in found] in (
            [(1, 2), (1, 6), (4, 6)],
            [(1, 2), (4, 6), (1, 6)],
        )
        assert len({source.encoder for source in found}) == 3
    one, two = by_network(every), by_network(every[::-1])
    assert [source.encoder for source in one] == [source.encoder for source in two]


def test_the_code_that_made_them_is_that_of_all(caches: list[FeatureCache]) -> None:
    noted = [{"a": "1", "b": "2"}, {"a": "1", "b": "3"}, None]
    for cache, code in zip(caches, noted, strict=True):
        cache.manifest["made_with"] = {"code": code}
    assert Views(layers(caches)).code == {"a": "1", "b": "2+3"}
