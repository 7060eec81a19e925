"""Products with a weight laid out for oneDNN against the plain ones; a wrong one is not used."""

import pytest
import torch

from tests.operators import changer
from train import products
from train.products import NEAR, Product, missing

DRAW = torch.Generator().manual_seed(0)


def draw(*size: int) -> torch.Tensor:
    return torch.randn(size, generator=DRAW)


@pytest.fixture
def changed(monkeypatch):
    """Puts another operator in the place of one of torch's; the answer is not kept."""
    return changer(monkeypatch, missing)


@pytest.mark.parametrize("rows", [1, 2, 7, 64, 130])
@pytest.mark.parametrize(("into", "out"), [(5, 3), (32, 96), (33, 70)])
def test_laid_out_and_plain_are_the_sum_in_float64(rows, into, out, monkeypatch):
    weight, bias, x = draw(out, into), draw(out), draw(rows, into)
    exact = x.double() @ weight.double().t() + bias.double()
    plain = Product(weight, bias)
    monkeypatch.setattr(products, "LARGE", 0)
    laid_out = Product(weight, bias)
    assert plain._laid_out is None
    assert laid_out._laid_out is not None
    for product in (plain, laid_out):
        assert (product(x).double() - exact).norm() <= 1e-6 * exact.norm()
        assert torch.equal(product(x), product(x))


def test_a_weight_that_learns_is_read_as_it_is_now(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 0)
    weight, bias, x = draw(8, 4).requires_grad_(), draw(8).requires_grad_(), draw(3, 4)
    product = Product(weight, bias)
    assert not product(x).requires_grad
    with torch.no_grad():
        weight.mul_(2)
    torch.testing.assert_close(Product(weight, bias)(x), torch.addmm(bias, x, weight.t()).detach())


@pytest.mark.parametrize("weight", [draw(8, 4).double(), draw(8, 4).bfloat16()], ids=["64", "16"])
def test_other_numbers_are_multiplied_as_ever(weight, monkeypatch):
    monkeypatch.setattr(products, "LARGE", 0)
    bias, x = draw(8).to(weight), draw(3, 4).to(weight)
    assert torch.equal(Product(weight, bias)(x), torch.addmm(bias, x, weight.t()))


def test_only_a_large_weight_is_laid_out(monkeypatch):
    assert 3 * 1024 * 1024 >= products.LARGE > 4 * 512 * 512
    monkeypatch.setattr(products, "LARGE", 32)
    assert Product(draw(8, 4), draw(8))._laid_out is not None
    assert Product(draw(7, 4), draw(7))._laid_out is None


def test_without_the_operators_the_product_is_the_plain_one(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 0)
    monkeypatch.setattr(products, "missing", lambda: "no such operator")
    weight, bias, x = draw(8, 4), draw(8), draw(3, 4)
    assert torch.equal(Product(weight, bias)(x), torch.addmm(bias, x, weight.t()))


def test_here_the_operators_are_there_and_right():
    assert missing() == ""


@pytest.mark.parametrize("name", ["_linear_pointwise", "_reorder_linear_weight"])
@pytest.mark.parametrize("factor", [1 + 100 * NEAR, torch.nan])
def test_an_operator_with_other_numbers_is_found(name, factor, changed):
    real = getattr(torch.ops.mkldnn, name)

    def wrong(*given):
        if name.startswith("_reorder"):
            return real(given[0] * factor, *given[1:])
        return real(*given) * factor

    assert "other numbers" in changed(name, wrong)


@pytest.mark.parametrize("name", ["_linear_pointwise", "_reorder_linear_weight"])
@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError, NotImplementedError])
def test_an_operator_that_is_missing_or_takes_something_else_is_found(name, error, changed):
    def fail(*given):
        raise error(f"no {name}\nand a trace")

    assert (
        changed(name, fail) == f"torch {torch.__version__} has no such oneDNN product (no {name})"
    )


@pytest.mark.parametrize(
    "wrong_of",
    [
        lambda rows, weight, bias: bias is None,
        lambda rows, weight, bias: weight.stride() == (1, weight.shape[0]),
        lambda rows, weight, bias: weight.stride() == (weight.shape[1], 1),
        lambda rows, weight, bias: not rows.is_contiguous(),
    ],
    ids=["without a bias", "of a turned weight", "of a weight as it is", "of turned rows"],
)
def test_a_product_that_is_wrong_in_one_layout_is_found(wrong_of, changed):
    real = torch.ops.mkldnn._linear_pointwise

    def wrong(rows, weight, bias, *given):
        plain = weight.layout is torch.strided and wrong_of(rows, weight, bias)
        return real(rows, weight, bias, *given) * (1 + plain)

    assert "other numbers" in changed("_linear_pointwise", wrong)


@pytest.mark.parametrize("many", [1, 7, 64])
def test_a_number_of_rows_that_is_wrong_is_named(many, changed):
    real = torch.ops.mkldnn._linear_pointwise

    def wrong(rows, *given):
        return real(rows, *given) + (len(rows) == many)

    assert changed("_linear_pointwise", wrong).endswith(f"of {many} rows")


def test_a_weight_that_is_not_on_a_cpu_is_left_to_torch():
    weight = draw(products.LEAST, 1)
    assert products.fits(weight)
    assert not products.fits(weight.to("meta"))
