"""A backbone that learns: torchvision's names, its gradient, and stage one's numbers."""

import copy

import pytest
import safetensors.torch
import torch
from torchvision.models import get_model

from extract.learning import learning

NAMES = ["squeezenet1_1", "resnet18", "mobilenet_v2", "densenet121"]
CROPS = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def plain(name, network):
    """Torchvision's own model with the same weights, in eval mode."""
    model = get_model(name, weights=None)
    model.load_state_dict(network.state_dict())
    return model.eval()


def test_its_tensors_have_torchvisions_names_and_are_saved_each_once(name):
    _, network = learning(name, "random")
    assert network.state_dict().keys() == get_model(name, weights=None).state_dict().keys()
    assert safetensors.torch.load(safetensors.torch.save(network.state_dict())).keys()


def test_a_copy_computes_what_stage_one_does_within_rounding(name):
    backbone, network = learning(name, "random")
    found = copy.deepcopy(network)(CROPS)
    torch.testing.assert_close(found, backbone.module(CROPS, "pooled"), rtol=1e-4, atol=1e-5)
    assert found.shape == (2, *backbone.layers["pooled"])


def test_its_gradient_is_that_of_torchvisions_model_before_the_classifier(name):
    """The input of the classifier, caught in torchvision's own forward, in float64."""
    _, network = learning(name, "random")
    network, crops = copy.deepcopy(network).double(), CROPS.double()
    model = plain(name, network).double()
    if name == "squeezenet1_1":  # whose classifier takes the map, of which the vector is the mean
        vectors = model.features(crops).mean((2, 3))
    else:
        caught = []
        last = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
        last.register_forward_pre_hook(lambda module, given: caught.append(given[0]))
        model(crops)
        (vectors,) = caught
    weigh = torch.randn(vectors.shape, generator=torch.Generator().manual_seed(1)).double()
    (vectors * weigh).sum().backward()
    (network(crops) * weigh).sum().backward()
    theirs = {n: weight.grad for n, weight in model.named_parameters()}
    for own, weight in network.named_parameters():
        if weight.requires_grad:
            torch.testing.assert_close(weight.grad, theirs[own], rtol=1e-8, atol=1e-10)
        else:
            assert theirs[own] is None


def test_the_classifier_learns_nothing(name):
    _, network = learning(name, "random")
    frozen = {own.split(".")[0] for own, w in network.named_parameters() if not w.requires_grad}
    assert frozen == {"fc" if name == "resnet18" else "classifier"}


def test_it_stays_in_eval_mode(name):
    _, network = learning(name, "random")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network.train()(CROPS)
    assert not any(module.training for module in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_weights_without_a_classifier_give_a_network_without_one(tmp_path):
    model = get_model("resnet18", weights=None)
    kept = {key: value for key, value in model.state_dict().items() if not key.startswith("fc.")}
    safetensors.torch.save_file(kept, tmp_path / "w.safetensors")
    _, network = learning("resnet18", str(tmp_path / "w.safetensors"))
    assert network.state_dict().keys() == kept.keys()
    assert network.to("cpu")(CROPS).shape == (2, 512)
