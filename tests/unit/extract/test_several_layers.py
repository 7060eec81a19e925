"""Several layers of one pass: each with the bits and the encoder that it has alone."""

from itertools import combinations

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import nn

from core.errors import NumberError
from core.records import Corpus, Image
from core.settings import validate
from core.sources import CacheLayer
from core.store import FeatureCache, verify_cache
from extract import run
from extract.backbone import Backbone, Calls, Network
from extract.calls import run as run_network
from extract.catalogue import build
from extract.settings import FeatureSettings
from extract.transform import IMAGENET, Transform

CPU = torch.device("cpu")
NAMES = ["alexnet", "densenet121", "mobilenet_v2", "resnet18", "squeezenet1_1"]
ALL = ("grid", "pooled", "scores")
SETS = [*combinations(ALL, 1), *combinations(ALL, 2), ALL]


@pytest.fixture
def drawn(tmp_path):
    def some(count):
        for number in range(count):
            values = np.random.default_rng(number).integers(0, 256, (80, 90, 3), dtype=np.uint8)
            Pillow.fromarray(values).save(tmp_path / f"{number:03d}.png")
        paths = sorted(tmp_path.glob("*.png"))
        return Corpus.build("drawn", [Image(path.name, path, "train") for path in paths], [])

    return some


def extract(corpus, backbone, root, layer, **options):
    given = {"backbone": backbone.name, "layer": layer, **options}
    settings = validate(FeatureSettings, given, "options")
    return FeatureCache(run.extract(corpus, backbone, root, settings, device=CPU).path)


def same_bits(one, other, layer):
    """Of the values, and of all that makes them but which pictures there are."""
    left, right = CacheLayer(one, layer), CacheLayer(other, layer)
    rows = left.rows(one.ids)
    assert (left.encoder, left.made_by) == (right.encoder, right.made_by)
    assert left.settings == right.settings
    return left.read(rows).tobytes() == right.read(rows).tobytes()


@pytest.mark.parametrize("engine", ["plain", "fused"])
@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_the_same_alone_and_with_others(drawn, tmp_path, name, engine):
    backbone = build(name, "random", "72:64")
    given = {"crops": 2, "keep": "all", "engine": engine, "shard_size": 7}
    corpus, root = drawn(12), tmp_path / "work"  # of 24 crops, the last call takes fewer
    caches = {named: extract(corpus, backbone, root, ",".join(named), **given) for named in SETS}
    assert len({cache.key for cache in caches.values()}) == len(SETS)
    for named, cache in caches.items():
        assert tuple(cache.layers) == named
        assert verify_cache(cache.path) == []
        for layer in named:
            assert same_bits(cache, caches[layer,], layer), f"{layer} of {named}"
    assert not same_bits(caches[ALL], mirrored(caches[ALL]), "pooled")


def mirrored(cache):
    """The same but for the order of crops: what a comparison must see."""
    other = FeatureCache(cache.path)
    other.read = lambda layer, rows: cache.read(layer, rows)[:, ::-1]
    return other


def test_the_order_of_the_words_does_not_matter(drawn, tmp_path):
    backbone = build("squeezenet1_1", "random", "72:64")
    corpus, given = drawn(2), {"crops": 5}
    one = extract(corpus, backbone, tmp_path / "work", "pooled,scores", **given)
    assert one.path.name.startswith("drawn-squeezenet1_1-pooled-scores-5crop-mean-")
    for words in ("scores,pooled", "scores, pooled,scores"):
        assert extract(corpus, backbone, tmp_path / "work", words, **given).path == one.path
    other = extract(corpus, backbone, tmp_path / "other", "scores,pooled", **given)
    assert [file.read_bytes() for file in sorted(one.path.glob("shard*"))] == [
        file.read_bytes() for file in sorted(other.path.glob("shard*"))
    ]
    assert one.manifest["made_with"]["settings"]["layer"] == "pooled,scores"


class Interrupt(Exception):
    pass


def test_it_goes_on_to_the_same_bytes(drawn, tmp_path):
    backbone, corpus = build("squeezenet1_1", "random", "72:64"), drawn(7)
    given = {"crops": 1, "shard_size": 3}

    def stop(done, total):
        if done == 5:
            raise Interrupt

    settings = FeatureSettings(backbone=backbone.name, layer="pooled,scores,grid", **given)
    with pytest.raises(Interrupt):
        run.extract(corpus, backbone, tmp_path / "a", settings, device=CPU, progress=stop)
    (begun,) = (tmp_path / "a").iterdir()
    assert len([*begun.glob("shard*.h5")]) == 1
    (begun / "cache.json").unlink()  # the shards tell
    resumed = extract(corpus, backbone, tmp_path / "a", "grid,pooled,scores", **given)
    whole = extract(corpus, backbone, tmp_path / "b", "scores,pooled,grid", **given)
    for file in whole.path.glob("*.*"):
        assert (resumed.path / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_value_that_does_not_fit_is_told_with_its_layer(drawn, tmp_path):
    backbone = build("squeezenet1_1", "random", "72:64")
    backbone.module.classifier[0][1].bias.data.fill_(1e6)
    with pytest.raises(NumberError, match=r"000.png: .*feature \(scores\), 1e\+06, does not fit"):
        extract(drawn(2), backbone, tmp_path, "pooled,scores", crops=1, dtype="float16")


def test_a_picture_without_one_finite_layer_has_none(drawn, tmp_path):
    class Poison(nn.Module):
        def forward(self, batch):
            out = batch.mean((2, 3))
            return torch.where(out == out.max(), torch.inf, out)

    network = Network(nn.Identity(), Poison(), classifier=nn.Linear(3, 2))
    small, shapes = Transform(40, 32, *SMALL), {"pooled": (3,), "grid": (32, 32, 3), "scores": (2,)}
    backbone = Backbone("tiny", "random", "a" * 64, network, small, shapes, classifier="c" * 64)
    given = {"crops": 1, "batch_size": 11}
    both = extract(drawn(11), backbone, tmp_path, "grid,scores", **given)
    assert [failure["reason"] for failure in both.manifest["failures"]] == [
        "its features are not finite"
    ]
    row = int(np.flatnonzero(~both.readable)[0])
    assert not both.read("grid", np.array([row])).any()


SMALL = (IMAGENET.interpolation, IMAGENET.mean, IMAGENET.std)


def greedy(calls, classifies="pooled"):
    """Parts that write into what they are given."""
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    head = nn.Sequential(nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if classifies == "grid":
        own = nn.Sequential(nn.Hardtanh(-0.1, 0.1, inplace=True), nn.Flatten(), nn.Linear(144, 2))
    else:
        own = nn.Sequential(nn.Hardtanh(-0.1, 0.1, inplace=True), nn.Linear(4, 2))
    return Network(trunk, head, calls, classifier=own, classifies=classifies)


@pytest.mark.parametrize("classifies", ["pooled", "grid"])
@pytest.mark.parametrize("calls", [Calls(3, 8), Calls(8, 3), Calls.both(4), Calls.both(99)])
def test_no_part_changes_what_another_takes(calls, classifies):
    network, crops = greedy(calls, classifies), torch.randn(11, 3, 8, 8)
    alone = {layer: run_network(network, crops, (layer,), CPU, calls)[0] for layer in ALL}
    assert (alone["grid"] < 0).any()
    assert (alone["pooled"] > 0.1).any()
    for named in SETS:
        for layer, found in zip(named, run_network(network, crops, named, CPU, calls), strict=True):
            assert torch.equal(found, alone[layer]), f"{layer} of {named}"
