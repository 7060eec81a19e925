"""Every backbone is held to torchvision's own model: its crops, its shapes and its logits."""

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torchvision.models import WeightsEnum, get_model_weights, list_models
from torchvision_reference import Way, follow, outline, put_back, with_checkpoint

import extract.backbones
from core import plugins
from core.errors import SettingError
from extract.backbone import Backbone, Network
from extract.calls import memory_format
from extract.catalogue import build
from extract.families import PACKAGE, family, names
from extract.images import crops
from extract.settings import FeatureSettings
from extract.stated import made_by
from extract.transform import Transform

NAMES = names()
HEAVY = 4e9  # floating-point operations a crop; of what needs more, smaller crops must do
SMALL = 64
BEFORE = ("pooled", "grid")
TOLERANCE = 1e-5  # of the norm of a crop's logits; 2e-6 is the most that was seen
APART = 1e-2  # of the same norm; 7e-2 is the least that was seen between the logits of two crops


def families() -> list[ModuleType]:
    package = extract.backbones.__name__
    return [plugins.load(package, family) for family in plugins.names(package)]


def classifier_of(name: str) -> str:
    return next(str(family.CLASSIFIER) for family in families() if name in family.NAMES)


def blotches(count: int, size: int) -> Tensor:
    """Crops (count, 3, size, size) that a network tells apart better than plain noise."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn(count, 3, 4, 4, generator=generator)
    fine = torch.randn(count, 3, size, size, generator=generator)
    return interpolate(coarse, (size, size), mode="bilinear") + 0.3 * fine


def build_from(name: str, file: dict[str, Tensor]) -> Backbone:
    """The backbone with ``file`` for what its DEFAULT weights would download."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WeightsEnum, "get_state_dict", lambda *args, **kwargs: dict(file))
        return build(name)


def same_crops(transform: Transform, member: Any) -> bool:
    """Whether ``transform`` makes the crop that torchvision makes for ``member`` of its enum."""
    noise = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    ours, theirs = crops(picture, transform, 1)[0], member.transforms()(picture)
    return ours.shape == theirs.shape and torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def check(name: str) -> None:
    """The whole contract, with the weights that torchvision would download."""
    model, file = with_checkpoint(name)
    member = get_model_weights(name).DEFAULT
    backbone = build_from(name, file)
    assert (backbone.name, backbone.weights) == (name, member.name)
    assert len(backbone.sha256) == 64
    assert same_crops(backbone.transform, member)
    held, operations = check_shapes(backbone)
    small = max(SMALL, *member.meta["min_size"])
    batch = blotches(2, small if operations > HEAVY else backbone.transform.crop)
    check_frozen(backbone.module)
    features = check_features(backbone, batch)
    way = follow(model, classifier_of(name), batch)
    maps = features["grid"].permute(0, 3, 1, 2)
    taken = (features["pooled"] if held == "pooled" else maps).reshape(way.taken.shape)
    check_logits(name, put_back(model, classifier_of(name), taken, batch), way.logits)
    check_grid(name, way, maps)
    check_scores(backbone, features, way.logits)


def check_shapes(backbone: Backbone) -> tuple[str, float]:
    """The layers have the shapes that torchvision's own maps and its classifier's input have.

    Returns:
        The layer that the classifier takes, and the floating-point operations of a crop.
    """
    name, layers = backbone.name, backbone.layers
    way, operations = outline(name, classifier_of(name), backbone.transform.crop)
    height, width, depth = layers["grid"]
    sizes = [tuple(found.shape[1:]) for found in way.maps]
    assert (depth, height, width) in sizes
    assert depth == [size[0] for size in sizes if size[1:] != (1, 1)][-1]
    held = [each for each in BEFORE if math.prod(layers[each]) == way.taken.numel()]
    assert held, f"{name}: {classifier_of(name)} takes {tuple(way.taken.shape)}, not {layers}"
    if held[0] == "grid":
        assert layers["pooled"] == (depth,)
    return held[0], operations


def check_frozen(network: Network) -> None:
    assert not any(part.training for part in network.modules())
    network.train()
    assert not any(part.training for part in network.modules())
    assert not any(part.requires_grad for part in network.parameters())
    assert not any(tensor.is_meta for tensor in network.state_dict().values())


def check_features(backbone: Backbone, batch: Tensor) -> dict[str, Tensor]:
    """Finite float32 of the declared shapes; one crop's are its own; a plain head is the mean."""
    module = backbone.module.to(memory_format=memory_format(torch.device("cpu")))
    found = {layer: module(batch, layer) for layer in backbone.layers}
    for layer in backbone.layers:
        if batch.shape[-1] == backbone.transform.crop:
            assert found[layer].shape == (len(batch), *backbone.layers[layer])
        assert found[layer].shape[-1] == backbone.layers[layer][-1]
        assert found[layer].isfinite().all()
        assert found[layer].dtype == torch.float32
        assert found[layer].std() > 0
    again, alone = module(batch, "pooled"), module(batch[:1], "pooled")[0]
    assert torch.equal(again, found["pooled"])  # neither dropout nor running statistics
    assert (alone - again[0]).norm() <= 1e-4 * again[0].norm()
    if not module.head.state_dict():  # with nothing learned in between, it is the mean
        mean = found["grid"].mean((1, 2))
        torch.testing.assert_close(found["pooled"], mean, rtol=1e-4, atol=1e-6 * float(mean.std()))
    return found


def check_grid(name: str, way: Way, grid: Tensor) -> None:
    """The grid (N, D, H, W) is a map of torchvision's, or one after a ReLU of its ``forward``."""
    near = TOLERANCE * grid.norm()
    maps = [found for found in way.maps if found.shape == grid.shape]
    fitting = [m for m in maps if min((m - grid).norm(), (m.relu() - grid).norm()) <= near]
    assert fitting, f"{name}: the grid is none of torchvision's maps"


def check_logits(name: str, ours: Tensor, torchvisions: Tensor) -> None:
    """The features, put back before the classifier, give torchvision's own logits."""
    norm = torchvisions.norm(dim=1)
    off = float(((ours - torchvisions).norm(dim=1) / norm).max())
    apart = float((torchvisions[0] - torchvisions[1]).norm() / norm.max())
    assert off <= TOLERANCE, f"{name}: logits {off:.1e} off torchvision's"
    assert apart >= APART, f"{name}: the same logits whatever the crop"


def check_scores(backbone: Backbone, features: dict[str, Tensor], torchvisions: Tensor) -> None:
    """Where the family names a classifier, its scores are torchvision's own logits."""
    assert backbone.layers.keys() == features.keys() == {*backbone.module.layers}
    assert bool(backbone.lacks) == ("scores" not in features) == (not backbone.classifier)
    if "scores" in features:
        check_logits(backbone.name, features["scores"], torchvisions)
        assert backbone.classifier not in ("", backbone.sha256)


def check_random(name: str) -> None:
    """Seeded weights leave the generator alone; their crops are some that torchvision makes."""
    state = torch.random.get_rng_state()
    backbone = build(name, "random")
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (backbone.name, backbone.weights) == (name, "random(seed=0)")
    assert len(backbone.sha256) == 64
    fitting = [each for each in get_model_weights(name) if same_crops(backbone.transform, each)]
    assert fitting, f"{name}: no weights of torchvision's ask for {backbone.transform}"


def test_each_name_is_torchvisions_and_of_one_family() -> None:
    assert sorted(name for family in families() for name in family.NAMES) == NAMES
    assert len(set(NAMES)) == len(NAMES) > 0
    assert set(NAMES) <= set(list_models())


@pytest.mark.parametrize("name", NAMES)
def test_a_backbone_is_torchvisions(name: str) -> None:
    check(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_backbone_with_random_weights(name: str) -> None:
    check_random(name)


def test_an_unknown_backbone_or_layer_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=f"did you mean '{NAMES[0]}'"):
        build(f"{NAMES[0]}x", "random")
    network = Network(nn.Identity(), nn.Identity())
    with pytest.raises(SettingError, match="unknown layer 'pool'.*did you mean 'pooled'"):
        network(torch.zeros(1, 3, 4, 4), "pool")
    with pytest.raises(SettingError, match="unknown layer 'scores': accepted: grid, pooled$"):
        network(torch.zeros(1, 3, 4, 4), "scores")


FORGETFUL = """
from torch import nn

from extract.backbone import Network

NAMES = ("googlenet", "inception_v3", "densenet121")
CLASSIFIER = "fc"
APART = ("aux1", "aux2", "AuxLogits", "avgpool", "dropout", "fc", "classifier")


def cut(model):
    maps = [part for name, part in model.named_children() if name not in APART]
    return Network(nn.Sequential(*maps), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
"""

RIGHT = """
import torch
from torch import nn
from torchvision.models import get_model

from extract.backbone import Network
from extract.transform import IMAGENET, Transform

NAMES = ("googlenet", "inception_v3")
CLASSIFIER = "fc"
APART = ("aux1", "aux2", "AuxLogits", "avgpool", "dropout", "fc")


class Rescale(nn.Module):
    def forward(self, crops):
        mean, std = (torch.tensor(v, device=crops.device) for v in (IMAGENET.mean, IMAGENET.std))
        return (crops * std[:, None, None] + mean[:, None, None] - 0.5) / 0.5


def cut(model):
    maps = [part for name, part in model.named_children() if name not in APART]
    first = Rescale() if model.transform_input else nn.Identity()
    head = nn.Sequential(model.avgpool, nn.Flatten())
    return Network(nn.Sequential(first, *maps), head, classifier=model.fc)


def make(name):
    return get_model(name, weights=None, transform_input=True, init_weights=False)


def transform(name):
    large = Transform(342, 299, "bilinear", IMAGENET.mean, IMAGENET.std)
    return large if name == "inception_v3" else IMAGENET
"""


@pytest.fixture
def add_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Adds a family file from outside; the names that it has are its alone from then on."""

    def add(source: str) -> None:
        (tmp_path / "stranger.py").write_text(source, encoding="utf-8")
        path, told = list(extract.backbones.__path__), plugins.constant
        monkeypatch.setattr(extract.backbones, "__path__", [*path, str(tmp_path)])
        taken = plugins.load(PACKAGE, "stranger").NAMES

        def others(package: str, file: str, variable: str) -> tuple[str, ...]:
            found = told(package, file, variable)
            return tuple(name for name in found if file == "stranger" or name not in taken)

        monkeypatch.setattr(plugins, "constant", others)

    yield add
    del sys.modules["extract.backbones.stranger"], extract.backbones.stranger


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_a_family_from_outside_is_known_by_its_file(name: str, add_family: Any) -> None:
    add_family(RIGHT)
    assert name in names()
    check(name)
    check_random(name)


def test_a_family_may_lack_a_classifier(add_family: Any) -> None:
    add_family(RIGHT.replace(", classifier=model.fc", ""))
    check("googlenet")
    backbone = build("googlenet", "random")
    assert backbone.lacks == "its family names no classifier"
    wanted = FeatureSettings(backbone="googlenet", layer="scores")
    told = r"googlenet with random\(seed=0\) has no layer 'scores' \(its family names no classifier"
    with pytest.raises(SettingError, match=told + r"\); give --layer pooled or --layer grid$"):
        made_by(backbone, wanted)


def test_auxiliary_heads_are_not_needed(add_family: Any) -> None:
    add_family(RIGHT)
    _, file = with_checkpoint("googlenet")
    without = {key: tensor for key, tensor in file.items() if not key.startswith("aux")}
    assert len(without) < len(file)
    assert build_from("googlenet", without).sha256 == build_from("googlenet", file).sha256


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize(
    ("name", "classifier"),
    [("googlenet", "fc"), ("inception_v3", "fc"), ("densenet121", "classifier")],
)
def test_what_torchvision_does_in_forward_alone_is_missed(
    name: str, classifier: str, add_family: Any
) -> None:
    add_family(FORGETFUL.replace('"fc"', f'"{classifier}"', 1))
    with pytest.raises(AssertionError, match=f"{name}: logits .* off torchvision's"):
        check(name)


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
def test_crops_of_another_size_are_caught(add_family: Any) -> None:
    add_family(FORGETFUL)
    with pytest.raises(AssertionError, match="inception_v3: no weights .* ask for .*crop=224"):
        check_random("inception_v3")


def test_the_names_that_are_read_are_those_that_are_run():
    files = plugins.names(PACKAGE)
    run = {name: file for file in reversed(files) for name in plugins.load(PACKAGE, file).NAMES}
    assert {name: family(name) for name in names()} == run
