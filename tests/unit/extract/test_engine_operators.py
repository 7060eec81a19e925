"""oneDNN's operators against sums in float64; where they are missing or wrong, it is said."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional

from extract.engine import operators
from extract.engine.folding import can_fold, can_lay_out, folded
from extract.engine.operators import Convolution, ConvolutionInto, Shape, missing, near
from tests.operators import changer

DRAW = torch.Generator().manual_seed(0)


def draw(*size):
    return torch.randn(size, generator=DRAW)


def maps(*size):
    return draw(*size).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [(1, 1, 1, 1), (2, 0, 2, 4)])
@pytest.mark.parametrize("applied", ["", "relu", "relu6"])
@pytest.mark.parametrize("rows", [1, 5])
def test_a_convolution_is_the_sum_over_its_window(stride, padding, dilation, groups, applied, rows):
    x, weight, bias = maps(rows, 8, 9, 7), draw(12, 8 // groups, 3, 3), draw(12)
    shape = Shape((padding,) * 2, (stride,) * 2, (dilation,) * 2, groups)
    own = Convolution(weight, bias, shape, (2, 8, 9, 7), applied)
    before = x.clone()
    found = own(x)
    padded = functional.pad(x.double(), (padding,) * 4)
    expected = torch.zeros(found.shape, dtype=torch.float64)
    for out, row, column in itertools.product(range(12), *map(range, found.shape[2:])):
        first = out * groups // 12 * (8 // groups)
        window = padded[:, first : first + 8 // groups]
        rows_ = slice(row * stride, row * stride + 2 * dilation + 1, dilation)
        columns = slice(column * stride, column * stride + 2 * dilation + 1, dilation)
        products = window[:, :, rows_, columns] * weight[out].double()
        expected[:, out, row, column] = products.sum((1, 2, 3)) + bias[out]
    expected = expected.clamp(*{"": (None, 1e9), "relu": (0, 1e9), "relu6": (0, 6)}[applied])
    assert near(found.double(), expected)
    assert torch.equal(x, before)
    assert torch.equal(found, own(x))


@pytest.mark.parametrize("applied", ["", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_convolution_into_what_is_there(applied, bias):
    layer = nn.Conv2d(8, 6, 1, bias=bias).requires_grad_(False)
    shape = Shape((0, 0), (1, 1), (1, 1), 1)
    x, there = maps(3, 8, 5, 5), maps(3, 6, 5, 5)
    expected = there.double() + layer.double()(x.double())
    expected = expected.relu() if applied else expected
    layer.float()
    own = Convolution(layer.weight, layer.bias, shape, x.shape, "")
    found = ConvolutionInto(own, applied)(there, x)
    assert found.data_ptr() == there.data_ptr()
    assert near(found.double(), expected)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_folded_norm_is_the_convolution_and_then_the_norm(affine, bias):
    layer = nn.Conv2d(6, 4, 3, groups=2, bias=bias).requires_grad_(False)
    norm = nn.BatchNorm2d(4, affine=affine, eps=0.1).eval().requires_grad_(False)
    norm.running_mean.copy_(draw(4))
    norm.running_var.copy_(draw(4).exp())
    if affine:
        norm.weight.copy_(draw(4))
        norm.bias.copy_(draw(4))
    x = draw(2, 6, 8, 8)
    before = layer.weight.clone()
    weight, shift = folded(layer, norm)
    assert torch.equal(layer.weight, before)
    assert weight.dtype == shift.dtype == torch.float32
    expected = norm.double()(layer.double()(x.double()))
    found = functional.conv2d(x.double(), weight.double(), shift.double(), groups=2)
    assert near(found, expected, 1e-7)


def test_without_a_norm_the_convolution_keeps_its_own():
    layer = nn.Conv2d(3, 4, 3)
    assert folded(layer, None) == (layer.weight, layer.bias)


def test_what_can_be_folded_and_laid_out():
    assert can_fold(nn.BatchNorm2d(3).eval())
    assert not can_fold(nn.BatchNorm2d(3))  # its statistics are those of the batch
    assert not can_fold(nn.BatchNorm2d(3, track_running_stats=False).eval())
    assert not can_fold(nn.InstanceNorm2d(3).eval())
    assert can_lay_out(nn.Conv2d(3, 4, 3, padding=1))
    assert not can_lay_out(nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular"))
    assert not can_lay_out(nn.Conv2d(3, 4, 3, padding="valid"))
    assert not can_lay_out(nn.Conv2d(3, 4, 3).double())
    assert not can_lay_out(nn.Conv1d(3, 4, 3))


@pytest.fixture
def changed(monkeypatch):
    """Puts another operator in the place of one of torch's; the answer is not kept."""
    return changer(monkeypatch, missing)


NAMES = (
    "_convolution_pointwise",
    "_convolution_pointwise_",
    "_reorder_convolution_weight",
)


def test_here_the_operators_are_there_and_right():
    assert missing() == ""


@pytest.mark.parametrize("name", NAMES)
def test_an_operator_with_other_numbers_is_found(name, changed):
    real = getattr(torch.ops.mkldnn, name)

    def wrong(*given):
        if name.startswith("_reorder"):
            return real(given[0] * 1.001, *given[1:])
        return real(*given) * 1.001

    assert "other numbers" in changed(name, wrong)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError, NotImplementedError])
def test_an_operator_that_is_missing_or_takes_something_else_is_found(name, error, changed):
    def fail(*given):
        raise error(f"no {name}\nand a trace")

    why = changed(name, fail)
    assert why.startswith(f"torch {torch.__version__} has no such oneDNN operator")
    assert f"(no {name})" in why


def test_a_kind_of_convolution_that_is_wrong_is_named(changed):
    real = torch.ops.mkldnn._convolution_pointwise

    def wrong(x, weight, bias, padding, stride, dilation, groups, *after):
        found = real(x, weight, bias, padding, stride, dilation, groups, *after)
        return found + 1 if groups > 1 else found

    assert "'groups': 16" in changed("_convolution_pointwise", wrong)


def test_near():
    one = torch.ones(4)
    assert near(one, one + 1e-6)
    assert not near(one, one + 1e-4)
    assert not near(one, one[:1])
    assert not near(one, one.double())
    assert not near(one, torch.full((4,), torch.nan))
    assert near(torch.zeros(3), torch.zeros(3))
    assert operators.NEAR <= 1e-5
