"""Which weights have a classifier, of how many classes, and what is said where they have none."""

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional
from torchvision.models import get_model

from core.errors import SettingError
from extract.catalogue import build
from extract.settings import FeatureSettings
from extract.stated import made_by

NAME, WEIGHT, BIAS = "resnet18", "fc.weight", "fc.bias"
SCORES = FeatureSettings(backbone=NAME, layer="scores", crops=1)


@pytest.fixture(scope="module")
def state():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return dict(get_model(NAME, weights=None).state_dict())


@pytest.fixture
def backbone(tmp_path, state):
    def built(**changes):
        own = {WEIGHT.replace(".", "_"): state[WEIGHT], BIAS.replace(".", "_"): state[BIAS]}
        given = {key.replace("fc_", "fc."): value for key, value in (own | changes).items()}
        rest = {key: value for key, value in state.items() if key not in (WEIGHT, BIAS)}
        tensors = rest | {key: value for key, value in given.items() if value is not None}
        save_file(tensors, tmp_path / "w.safetensors")
        return build(NAME, str(tmp_path / "w.safetensors"))

    return built


def test_its_digest_is_its_own_and_the_others_know_nothing_of_it(backbone, state):
    usual, other = backbone(), backbone(fc_bias=state[BIAS] + 1)
    assert usual.sha256 == other.sha256
    assert usual.classifier != other.classifier
    pooled = SCORES.model_copy(update={"layer": "pooled"})
    assert made_by(usual, pooled) == made_by(other, pooled)
    assert "own_weights" not in made_by(usual, pooled)
    told = made_by(usual, SCORES)
    assert told["layers"] == {"scores": [1000]}
    assert told["own_weights"] == {"scores": usual.classifier}
    assert told["weights"] == usual.sha256


def test_it_may_have_other_classes_than_torchvisions(backbone, state):
    few = {"fc_weight": state[WEIGHT][:7].clone(), "fc_bias": state[BIAS][:7].clone()}
    own = backbone(**few)
    assert (own.layers["scores"], own.lacks) == ((7,), "")
    crops = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    expected = functional.linear(own.module(crops, "pooled"), few["fc_weight"], few["fc_bias"])
    torch.testing.assert_close(own.module(crops, "scores"), expected)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"fc_weight": None, "fc_bias": None}, "its weights hold no 'fc.weight'"),
        ({"fc_bias": None}, "its weights hold no 'fc.bias'"),
        ({"fc_bias": torch.full((1000,), torch.nan)}, "'fc.bias' of its .* not finite"),
        (
            {"fc_bias": torch.zeros(7)},
            r"another classifier: fc.bias \[7\], fc.weight \[1000, 512\]",
        ),
        ({"fc_weight": torch.zeros(1000, 9)}, r"another classifier: .*fc.weight \[1000, 9\]"),
    ],
)
def test_weights_without_one_have_the_other_layers(backbone, changes, why):
    own = backbone(**changes)
    assert own.layers.keys() == {"pooled", "grid"}
    assert (own.sha256, own.classifier) == (backbone().sha256, "")
    assert not any(tensor.is_meta for tensor in own.module.state_dict().values())
    line = (
        rf"resnet18 with w.safetensors has no layer 'scores' \(.*{why}.*\); give --layer pooled or"
    )
    with pytest.raises(SettingError, match=line):
        made_by(own, SCORES)
