"""Both terms of MRL against the formula written as loops over numbers, values and gradients."""

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.functional import normalize

from train.contrasts import contrast
from train.losses.mrl import MRL, Options, robust_clustering

ONE = [{0}, {1}, {0}, {2}, {1}, {0}]
SEVERAL = [{0, 1}, {1}, {0, 1, 2}, {2}, {1, 2}, {0}]
MISSING = [{0}, set(), {0, 2}, {2}, set(), {0}]
NONE = [set()] * 6
LABELS = {"one": ONE, "several": SEVERAL, "missing": MISSING, "none": NONE}
PICTURES = {"apart": [0, 1, 2, 3, 4, 5], "repeated": [0, 1, 0, 2, 2, 2], "one": [7] * 6}


def drawn(rows=6, dim=4, seed=0, dtype=torch.float64):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(rows, dim, generator=draw, dtype=dtype, requires_grad=True)


def table(labels, classes=3):
    return torch.tensor([[each in row for each in range(classes)] for row in labels])


def slow_clustering(image, caption, labels, temperature):
    known = [row for row, each in enumerate(labels) if 0 < len(each) < image.shape[1]]
    total = 0 * image.sum() + 0 * caption.sum()
    for said in (image, caption):
        for row in known:
            shares = [torch.exp(number / temperature) for number in said[row]]
            right = sum(shares[c] for c in labels[row]) / sum(shares)
            total = total + torch.log(1 - right) / len(known)
    return total


def slow_contrast(image, caption, pictures, temperature):
    many, total = len(image), 0
    items = [(side, row) for side in (0, 1) for row in range(many)]
    vectors = (image, caption)

    def likeness(x, y):
        products = zip(vectors[x[0]][x[1]], vectors[y[0]][y[1]], strict=True)
        return torch.exp(sum(a * b for a, b in products) / temperature)

    for x in items:
        pair = (1 - x[0], x[1])
        among = [
            y
            for y in items
            if y == pair or (y != x and (pictures is None or pictures[y[1]] != pictures[x[1]]))
        ]
        share = likeness(x, pair) / sum(likeness(x, y) for y in among)
        total = total - torch.log(share) / (2 * many)
    return total


def assert_same(ours, slow, *given):
    torch.testing.assert_close(ours, slow, rtol=1e-12, atol=1e-14)
    for mine, theirs in zip(
        torch.autograd.grad(ours, given), torch.autograd.grad(slow, given), strict=True
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("temperature", [1.0, 0.3])
def test_the_classes(labels, temperature):
    image, caption = drawn(dim=3, seed=1), drawn(dim=3, seed=2)
    ours = robust_clustering(image, caption, table(labels), temperature)
    assert_same(ours, slow_clustering(image, caption, labels, temperature), image, caption)


@pytest.mark.parametrize("pictures", [None, *PICTURES.values()])
@pytest.mark.parametrize("cells", [1, 30, 2**20])
def test_the_pairs_whatever_the_blocks(pictures, cells):
    image, caption = drawn(seed=1), drawn(seed=2)
    out = None if pictures is None else torch.tensor(pictures)
    ours = contrast(image, caption, out, 0.7, cells=cells)
    assert_same(ours, slow_contrast(image, caption, pictures, 0.7), image, caption)


@pytest.mark.parametrize("same", [False, True])
def test_the_loss_is_their_weighted_sum_and_the_pairs_count_twice(same):
    image, caption, *said = drawn(seed=1), drawn(seed=2), drawn(dim=3, seed=3), drawn(dim=3, seed=4)
    ids = PICTURES["repeated"]
    loss = MRL(Options(beta=0.4, temperature=0.5, same_image_negatives=same))
    slow = 0.4 * slow_clustering(*said, MISSING, 0.5)
    slow = slow + 1.2 * slow_contrast(image, caption, None if same else ids, 0.5)
    ours = loss(image, caption, *said, torch.tensor(ids), table(MISSING))
    assert_same(ours, slow, image, caption, *said)


def test_the_options_are_those_of_the_public_codes_command():
    assert (Options().beta, Options().temperature) == (0.7, 1.0)


def test_a_sure_classifier_has_a_finite_gradient_and_a_doubting_one_a_small_one():
    said = torch.tensor([[200.0, 0.0, 0.0], [-200.0, 0.0, 0.0]], requires_grad=True)
    label = table([{0}, {0}])
    loss = robust_clustering(said, said.detach(), label, 1.0)
    assert loss.item() == pytest.approx(2 * (torch.tensor(2.0).log().item() - 200) / 2)
    (gradient,) = torch.autograd.grad(loss, said)
    # Two rows: of each half its p. A label against all that is seen draws nothing.
    torch.testing.assert_close(gradient, torch.tensor([[-0.5, 0.25, 0.25], [0.0, 0.0, 0.0]]))


@pytest.mark.parametrize("rows", [1, 5])
def test_one_class_or_all_in_one_place_is_finite(rows):
    image = torch.zeros(rows, 4, requires_grad=True)
    said = torch.zeros(rows, 3, requires_grad=True)
    ids, label = torch.arange(rows), table([{0}] * rows)
    loss = MRL(Options())(image, image, said, said, ids, label)
    for gradient in torch.autograd.grad(loss, (image, said)):
        assert gradient.isfinite().all()
    # A pair alone has no other item: nothing is to be gained by it.
    expected = torch.tensor(2.0 * rows - 1).log().item()
    assert contrast(image, image, ids, 1.0).item() == pytest.approx(expected)


def test_a_low_temperature_does_not_overflow():
    image, caption = (normalize(drawn(seed=seed, dtype=torch.float32), dim=1) for seed in (1, 2))
    loss = contrast(image, caption, None, 0.01)
    assert loss.isfinite()
    assert all(each.isfinite().all() for each in torch.autograd.grad(loss, (image, caption)))


def test_what_is_kept_for_the_way_back_does_not_grow_with_the_square_of_the_batch():
    def kept(rows):
        sizes = []
        image, caption = drawn(rows, 2), drawn(rows, 2, seed=1)
        with saved_tensors_hooks(lambda t: sizes.append(t.numel()) or t, lambda t: t):
            contrast(image, caption, None, 1.0, cells=300)
        return sum(sizes)

    assert kept(40) == 4 * kept(10)
