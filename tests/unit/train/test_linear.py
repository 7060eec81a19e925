"""The linear layer that learns by oneDNN's products against torch's own, in float64 too."""

import pytest
import torch
from torch import nn

from train import linear, products
from train.linear import LargeLinear

DRAW = torch.Generator().manual_seed(0)


def draw(*size):
    return torch.randn(size, generator=DRAW)


@pytest.fixture
def met(monkeypatch):
    """The shapes that oneDNN is given; any weight is large enough."""
    monkeypatch.setattr(linear, "fits", lambda weight: products.fits(weight, 1))
    shapes = []

    def product(rows, weight, bias=None):
        shapes.append((*rows.shape, len(weight)))
        return products.product(rows, weight, bias)

    monkeypatch.setattr(linear, "product", product)
    return shapes


def pair(into, out, bias=True):
    """The layer, and torch's own with the same weights in float64."""
    ours = LargeLinear(into, out, bias=bias)
    exact = nn.Linear(into, out, bias=bias).double()
    exact.load_state_dict(ours.state_dict())
    return ours, exact


def near(found, exact):
    assert found.shape == exact.shape
    assert (found.double() - exact).norm() <= 1e-6 * exact.norm()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [1, 2, 7, 130])
@pytest.mark.parametrize(("into", "out"), [(5, 3), (96, 32), (1, 40)])
def test_values_and_gradients_are_those_of_float64(rows, into, out, bias, met):
    ours, exact = pair(into, out, bias)
    x, up = draw(rows, into), draw(rows, out)
    one, two = x.clone().requires_grad_(), x.double().requires_grad_()
    found, known = ours(one), exact(two)
    found.backward(up)
    known.backward(up.double())
    near(found, known)
    near(one.grad, two.grad)
    for name, weight in exact.named_parameters():
        near(ours.get_parameter(name).grad, weight.grad)
        assert ours.get_parameter(name).grad.is_contiguous()
    assert met == [(rows, into, out), (rows, out, into), (out, rows, into)]


@pytest.mark.parametrize("how", ["expanded", "turned", "every other"])
def test_rows_and_gradients_in_any_layout(how, met):
    ours, exact = pair(6, 4)
    x = {"expanded": draw(1, 6).expand(8, 6), "turned": draw(6, 8).t()}.get(how, draw(16, 6)[::2])
    up = {"expanded": draw(1, 4).expand(8, 4), "turned": draw(4, 8).t()}.get(how, draw(16, 4)[::2])
    ours(x).backward(up)
    exact(x.double()).backward(up.double())
    near(ours(x), exact(x.double()))
    near(ours.weight.grad, exact.weight.grad)
    near(ours.bias.grad, exact.bias.grad)
    assert met


@pytest.mark.parametrize("learns", ["input", "weight", "bias"])
def test_only_what_is_asked_for_is_computed(learns, met):
    ours, exact = pair(6, 4)
    x, up = draw(8, 6), draw(8, 4)
    one, two = x.requires_grad_(learns == "input"), x.detach().double()
    two.requires_grad_(learns == "input")
    for layer in (ours, exact):
        for name, weight in layer.named_parameters():
            weight.requires_grad_(name == learns)
    ours(one).backward(up)
    exact(two).backward(up.double())
    pairs = {n: (w, exact.get_parameter(n)) for n, w in ours.named_parameters()}
    for name, (weight, known) in (pairs | {"input": (one, two)}).items():
        assert (weight.grad is None) == (name != learns)
        if name == learns:
            near(weight.grad, known.grad)
    assert len(met) == (1 if learns == "bias" else 2)


def test_the_same_gradient_twice(met):
    ours, x, up = LargeLinear(96, 32), draw(40, 96), draw(40, 32)
    found = []
    for _ in range(2):
        ours.zero_grad()
        ours(x).backward(up)
        found.append(ours.weight.grad)
    assert torch.equal(*found)


def test_it_begins_as_torchs_own_does():
    torch.manual_seed(3)
    ours = LargeLinear(6, 4).state_dict()
    torch.manual_seed(3)
    plain = nn.Linear(6, 4).state_dict()
    assert ours.keys() == plain.keys()
    assert all(torch.equal(ours[name], plain[name]) for name in plain)


def plainly(layer, x):
    return nn.functional.linear(x, layer.weight, layer.bias)


@pytest.mark.parametrize("x", [draw(2, 3, 6), draw(0, 6), draw(6)], ids=["3-D", "no rows", "a row"])
def test_what_is_not_rows_is_torchs(x, met):
    layer = LargeLinear(6, 4)
    assert torch.equal(layer(x), plainly(layer, x))
    assert not met


def test_what_is_computed_to_be_compared_is_torchs(met):
    layer, x = LargeLinear(6, 4), draw(8, 6)
    with torch.no_grad():
        assert torch.equal(layer(x), plainly(layer, x))
    assert not met


def test_what_is_cast_is_torchs(met):
    layer, x = LargeLinear(6, 4), draw(8, 6)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x)
        assert found.dtype == torch.bfloat16
        assert torch.equal(found, plainly(layer, x))
    assert not met


def test_what_is_compiled_is_torchs(met):
    layer, x = LargeLinear(6, 4), draw(8, 6)
    torch.compile(layer, backend="eager", fullgraph=True)(x).sum().backward()
    assert layer.weight.grad is not None
    assert not met


def test_other_numbers_are_torchs(met):
    layer, x = LargeLinear(6, 4).double(), draw(8, 6).double()
    assert torch.equal(layer(x), plainly(layer, x))
    assert not met


@pytest.mark.parametrize("odd", [draw(8, 6).double(), draw(8, 5), torch.tensor(1.0)])
def test_what_does_not_fit_is_refused_in_torchs_words(odd, met):
    layer = LargeLinear(6, 4)
    with pytest.raises(RuntimeError) as theirs:
        plainly(layer, odd)
    with pytest.raises(RuntimeError) as ours:
        layer(odd)
    assert str(ours.value) == str(theirs.value)
    assert not met


def test_without_the_operator_it_is_torchs(met, monkeypatch):
    monkeypatch.setattr(products, "missing", lambda: "no such operator")
    layer, x = LargeLinear(6, 4), draw(8, 6)
    assert torch.equal(layer(x), plainly(layer, x))
    assert not met


def test_a_small_weight_is_torchs(monkeypatch):
    monkeypatch.setattr(linear, "product", None)
    layer = LargeLinear(64, products.LEAST // 64 - 1)
    x = draw(8, 64)
    assert torch.equal(layer(x), plainly(layer, x))
    with pytest.raises(TypeError):
        LargeLinear(64, products.LEAST // 64)(x)
