"""Every backbone: shapes as declared, eval mode for good, one crop's features are its own."""

import pytest
import torch
from torchvision.models import get_model_weights

from core.errors import SettingError
from extract.backbone import LAYERS
from extract.backbones import build, names
from extract.batches import memory_format

POOLED = {
    "alexnet": 4096,
    "densenet121": 1024,
    "densenet201": 1920,
    "mobilenet_v2": 1280,
    "resnet18": 512,
    "resnet50": 2048,
    "resnet101": 2048,
    "resnet152": 2048,
    "squeezenet1_0": 512,
    "squeezenet1_1": 512,
    "vgg16": 4096,
    "vgg19": 4096,
}
GRID = {
    "alexnet": (6, 6, 256),
    "squeezenet1_0": (13, 13, 512),
    "squeezenet1_1": (13, 13, 512),
    "vgg16": (14, 14, 512),
    "vgg19": (14, 14, 512),
}
HEAVY = ("vgg16", "vgg19", "densenet201", "resnet101", "resnet152")


def test_the_names_are_torchvisions():
    assert names() == sorted(POOLED)
    assert all(get_model_weights(name) for name in names())


@pytest.mark.parametrize("name", sorted(POOLED))
def test_a_backbone_keeps_the_contract(name):
    state = torch.random.get_rng_state()
    backbone = build(name, "random")
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (backbone.name, backbone.weights) == (name, "random(seed=0)")
    assert len(backbone.sha256) == 64
    pooled = POOLED[name]
    assert backbone.layers == {"pooled": (pooled,), "grid": GRID.get(name, (7, 7, pooled))}

    module = backbone.module.train()
    assert not any(part.training for part in module.modules())
    assert not any(part.requires_grad for part in module.parameters())
    assert not any(tensor.is_meta for tensor in module.state_dict().values())
    module.to(memory_format=memory_format(torch.device("cpu")))
    size = 64 if name in HEAVY else 224
    crops = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    found = {layer: module(crops, layer) for layer in LAYERS}
    for layer in LAYERS:
        if size == 224:
            assert found[layer].shape == (2, *backbone.layers[layer])
        assert found[layer].shape[-1] == backbone.layers[layer][-1]
        assert found[layer].isfinite().all()
        assert found[layer].dtype == torch.float32
        assert found[layer].std() > 0
    again, alone = module(crops, "pooled"), module(crops[:1], "pooled")[0]
    assert torch.equal(again, found["pooled"])  # neither dropout nor running statistics
    assert (alone - again[0]).norm() <= 1e-4 * again[0].norm()
    if name in ("alexnet", "vgg16", "vgg19"):
        assert found["pooled"].min() == 0  # after the ReLU
    else:
        mean = found["grid"].mean((1, 2))
        torch.testing.assert_close(found["pooled"], mean, rtol=1e-4, atol=1e-6 * float(mean.std()))


def test_an_unknown_backbone_or_layer_names_the_nearest():
    with pytest.raises(SettingError, match="did you mean 'resnet50'"):
        build("resnet51", "random")
    with pytest.raises(SettingError, match="unknown layer 'pool'.*did you mean 'pooled'"):
        build("squeezenet1_1", "random").module(torch.zeros(1, 3, 224, 224), "pool")
