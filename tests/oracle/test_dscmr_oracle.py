"""Each term of DSCMR against the formula written as loops over numbers, values and gradients."""

import math

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from train.likelihood import common_space
from train.losses.dscmr import DSCMR, Options, invariance, label_space

ONE = [{0}, {1}, {0}, {2}, {1}, {0}, {2}]
SEVERAL = [{0, 1}, {1}, {0, 1, 2}, {2}, {1, 2}, {0}, {0, 2}]
MISSING = [{0}, set(), {0, 2}, {2}, set(), {0}, {1}]
NONE = [set()] * 7
LABELS = {"one": ONE, "several": SEVERAL, "missing": MISSING, "none": NONE}
FORMS = ("paper", "code")


@pytest.fixture(params=LABELS)
def labels(request):
    return LABELS[request.param]


def drawn(rows=7, dim=4, seed=0):
    draw = torch.Generator().manual_seed(seed)
    shape = (rows, dim)
    return torch.randn(*shape, generator=draw, dtype=torch.float64, requires_grad=True)


def table(labels):
    return torch.tensor([[each in row for each in range(3)] for row in labels])


def length(numbers):
    return torch.sqrt(sum(number * number for number in numbers))


def slow_cosine(x, y):
    lengths = [length(each).clamp(min=1e-3) for each in (x, y)]
    return sum(a * b for a, b in zip(x, y, strict=True)) / (lengths[0] * lengths[1])


def slow_common(image, caption, labels):
    known = [row for row, each in enumerate(labels) if each]
    total = torch.zeros((), dtype=torch.float64)
    for one, other in ((image, caption), (image, image), (caption, caption)):
        for i in known:
            for j in known:
                gamma = slow_cosine(one[i], other[j]) / 2
                same = 1.0 if labels[i] & labels[j] else 0.0
                total = total + torch.log(1 + torch.exp(gamma)) - same * gamma
    return total / len(known) ** 2 if known else total + 0 * image.sum() + 0 * caption.sum()


def slow_label_space(image, caption, labels, form):
    known = [row for row, each in enumerate(labels) if each]
    total = 0 * image.sum() + 0 * caption.sum()
    for said in (image, caption) if known else ():
        away = [[said[i][c] - float(c in labels[i]) for c in range(3)] for i in known]
        if form == "paper":
            total = total + length([number for row in away for number in row]) / len(known)
        else:
            total = total + sum(length(row) for row in away) / len(known)
    return total


def slow_invariance(image, caption, form):
    away = [
        [a - b for a, b in zip(*pair, strict=True)] for pair in zip(image, caption, strict=True)
    ]
    if form == "paper":
        return length([number for row in away for number in row]) / len(away)
    return sum(length(row) for row in away) / len(away)


def assert_same(ours, slow, *given):
    torch.testing.assert_close(ours, slow, rtol=1e-12, atol=1e-14)
    for mine, theirs in zip(
        torch.autograd.grad(ours, given), torch.autograd.grad(slow, given), strict=True
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("cells", [1, 30, 2**20])
def test_the_common_space_whatever_the_blocks(labels, cells):
    image, caption = drawn(seed=1), drawn(seed=2)
    ours = common_space(image, caption, table(labels), cells=cells)
    assert_same(ours, slow_common(image, caption, labels), image, caption)


def test_a_short_vector_counts_as_a_thousandth(labels):
    far = torch.tensor([1, 1e-4, 1, 1e-5, 1e-2, 1, 9e-4], dtype=torch.float64)[:, None]
    image, caption = (
        (drawn(seed=seed) * scale).detach().requires_grad_()
        for seed, scale in ((1, far), (2, far.flip(0)))
    )
    ours, slow = common_space(image, caption, table(labels)), slow_common(image, caption, labels)
    assert_same(ours, slow, image, caption)
    changed = common_space(image.detach() * far, caption.detach(), table(labels))
    assert (changed != ours) == any(labels)


@pytest.mark.parametrize("form", FORMS)
def test_the_label_space(labels, form):
    image, caption = drawn(dim=3, seed=1), drawn(dim=3, seed=2)
    ours = label_space(image, caption, table(labels), form=form)
    assert_same(ours, slow_label_space(image, caption, labels, form), image, caption)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_pair_is_apart(form):
    image, caption = drawn(seed=1), drawn(seed=2)
    slow = slow_invariance(image, caption, form)
    assert_same(invariance(image, caption, form=form), slow, image, caption)


@pytest.mark.parametrize("form", FORMS)
def test_the_loss_is_their_weighted_sum(labels, form):
    vectors, said = (drawn(seed=1), drawn(seed=2)), (drawn(dim=3, seed=3), drawn(dim=3, seed=4))
    loss = DSCMR(Options(form=form, common=0.3, apart=0.7))
    slow = slow_label_space(*said, labels, form) + 0.3 * slow_common(*vectors, labels)
    slow = slow + 0.7 * slow_invariance(*vectors, form)
    assert_same(loss(*vectors, *said, table(labels)), slow, *vectors, *said)


def test_the_weights_are_the_papers():
    assert (Options().common, Options().apart) == (1e-3, 1e-1)


def test_a_vector_of_no_length_and_a_pair_in_one_place_have_finite_gradients():
    image = torch.zeros(3, 4, requires_grad=True)
    caption = torch.zeros(3, 4, requires_grad=True)
    label = table([{0}, {1}, set()])
    said = label.float().requires_grad_()
    for form in FORMS:
        loss = DSCMR(Options(form=form))(image, caption, said, said, label)
        for gradient in torch.autograd.grad(loss, (image, caption, said)):
            assert gradient.isfinite().all()
    # Each of three kinds of pair has the cosine 0: log 2 a pair, without anything to gain by it.
    apart = common_space(image, caption, table([{0}, {1}, {2}]))
    assert apart.item() == pytest.approx(3 * math.log(2))


def test_what_is_kept_for_the_way_back_does_not_grow_with_the_square_of_the_batch():
    def kept(rows):
        sizes = []
        image, caption = drawn(rows, 2), drawn(rows, 2, seed=1)
        label = torch.ones(rows, 1, dtype=torch.bool)
        with saved_tensors_hooks(lambda t: sizes.append(t.numel()) or t, lambda t: t):
            common_space(image, caption, label, cells=64)
        return sum(sizes)

    assert kept(400) == 4 * kept(100)


class Largest(TorchDispatchMode):
    """How many numbers are in the largest tensor that is made inside."""

    numbers = 0

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        found = operator(*args, **(kwargs or {}))
        made = [each.numel() for each in tree_leaves(found) if isinstance(each, torch.Tensor)]
        self.numbers = max([self.numbers, *made])
        return found


def test_no_more_pairs_are_in_memory_at_once_than_is_said():
    """Blocks of 5 of 400 rows; what is as long as the batch has 400 x 2 x 2 numbers at most."""
    image, caption = drawn(400, 2), drawn(400, 2, seed=1)
    label = torch.ones(400, 1, dtype=torch.bool)
    with Largest() as seen:
        common_space(image, caption, label, cells=5 * 400 + 399)
    assert seen.numbers == 5 * 400
