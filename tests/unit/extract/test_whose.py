"""Weights of another backbone are known by their names and shapes."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import get_model

from core.errors import InputError
from extract.catalogue import build
from extract.families import names
from extract.whose import whose


def state(name: str) -> dict[str, torch.Tensor]:
    with torch.device("meta"):
        return dict(get_model(name, weights=None).state_dict())


@pytest.mark.parametrize("name", names())
def test_each_backbone_knows_its_own_and_no_other_s(name: str) -> None:
    assert whose(state(name)) == [name]


def test_the_classifier_and_the_counters_may_be_missing_and_nothing_else() -> None:
    whole = state("mobilenet_v2")
    bare = {k: v for k, v in whole.items() if "classifier" not in k and "tracked" not in k}
    assert len(bare) < len(whole)
    assert whose(bare) == ["mobilenet_v2"]
    assert whose({k: v for k, v in bare.items() if k != "features.0.0.weight"}) == []
    assert whose({**bare, "one_more": torch.zeros(1)}) == []
    assert whose({**bare, "features.0.0.weight": torch.zeros(1)}) == []
    assert whose({}) == []


def test_old_names_of_a_densenet_are_its_names() -> None:
    renamed = {
        key.replace("denselayer1.norm1", "denselayer1.norm.1"): value
        for key, value in state("densenet121").items()
    }
    assert renamed.keys() != state("densenet121").keys()
    assert whose(renamed) == ["densenet121"]


def test_the_message_names_whose_they_are(tmp_path: Path) -> None:
    file = tmp_path / "given.safetensors"
    with torch.random.fork_rng():
        given = get_model("squeezenet1_1", weights=None).state_dict()
    save_file(given, file)
    with pytest.raises(InputError) as caught:
        build("alexnet", str(file))
    assert str(caught.value).endswith(
        "they are squeezenet1_1's: give --backbone squeezenet1_1, or weights of alexnet"
    )
    save_file({"some": torch.zeros(1)}, file)
    with pytest.raises(InputError, match="give a state dict of the same torchvision model"):
        build("alexnet", str(file))
