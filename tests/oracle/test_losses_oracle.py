"""Each loss over a batch of pairs against loops over its formula, in float64."""

from math import exp, log

import numpy as np
import pytest
import torch

from core.errors import SettingError
from core.plugins import load
from train.measured import Measured
from train.recipe import resolve


def hinges(scores, query, negatives, margin):
    return [max(0.0, margin - scores[query, query] + scores[query, n]) for n in negatives]


def others(ids, query, same_image):
    return [n for n in range(len(ids)) if n != query and (same_image or ids[n] != ids[query])]


def triplet(scores, ids, query, *, margin):
    distinct = sorted(set(ids))
    if len(distinct) == 1:
        return 0.0
    following = distinct[(distinct.index(ids[query]) + 1) % len(distinct)]
    return np.mean(
        hinges(scores, query, [n for n in range(len(ids)) if ids[n] == following], margin)
    )


def semi_hard(scores, ids, query, *, margin, same_image_negatives):
    fair = [
        n
        for n in others(ids, query, same_image_negatives)
        if scores[query, n] < scores[query, query] - 1e-12  # the same picture again is as near
    ]
    return max([0.0, *hinges(scores, query, fair, margin)])


def selective(scores, ids, query, *, margin, epsilon, same_image_negatives):
    negatives = others(ids, query, same_image_negatives)
    if not negatives:
        return 0.0
    costs = hinges(scores, query, negatives, margin)
    gap = abs(scores[query, query] - max(scores[query, n] for n in negatives))
    return (np.mean(costs) if gap < epsilon else max(costs)) / 2


def pairwise(scores, ids, query, *, near, far, same_image_negatives):
    negatives = others(ids, query, same_image_negatives)
    pair = max(0.0, 1 - scores[query, query] - near)
    inside = [max(0.0, far - (1 - scores[query, n])) for n in negatives]
    return (pair + (np.mean(inside) if inside else 0.0)) / 2


def infonce(scores, ids, query, *, temperature, positives, same_image_negatives, caption):
    """``caption``: the query is a caption, and pictures are asked for."""
    score = {n: scores[query, n] / temperature for n in range(len(ids))}
    if positives == "one":
        asked = [query, *others(ids, query, same_image_negatives)]
        return (log(sum(exp(score[n]) for n in asked)) - score[query]) / 2
    if not caption:
        total = log(sum(exp(value) for value in score.values()))
        return np.mean([total - score[n] for n in score if ids[n] == ids[query]]) / 2
    once = {ids[n]: exp(score[n]) for n in score}
    return -log(once[ids[query]] / sum(once.values())) / 2


def smooth_ap(scores, ids, query, *, temperature, caption):
    def above(b, a):
        return 1 / (1 + exp((scores[query, a] - scores[query, b]) / temperature))

    every = range(len(ids))
    if caption:
        first = {ids[n]: n for n in every if ids[n] != ids[query]}
        return (1 - 1 / (1 + sum(above(b, query) for b in first.values()))) / 2
    right = [n for n in every if ids[n] == ids[query]]
    precision = [
        (1 + sum(above(b, a) for b in right if b != a))
        / (1 + sum(above(b, a) for b in every if b != a))
        for a in right
    ]
    return (1 - np.mean(precision)) / 2


CASES = [
    (triplet, {"margin": 0.2}),
    (triplet, {"margin": 1.0}),
    *((semi_hard, {"margin": 0.3, "same_image_negatives": same}) for same in (True, False)),
    *(
        (selective, {"margin": 0.2, "epsilon": e, "same_image_negatives": same})
        for e in (0.0, 0.01, 0.4)
        for same in (True, False)
    ),
    *((pairwise, {"near": 0.2, "far": 0.9, "same_image_negatives": s}) for s in (True, False)),
    *(
        (infonce, {"temperature": t, "positives": p, "same_image_negatives": same})
        for t in (0.07, 0.5)
        for p, same in (("one", True), ("one", False), ("several", False))
    ),
    (smooth_ap, {"temperature": 0.01}),
    (smooth_ap, {"temperature": 0.3}),
]
TOLD_THE_SIDE = (infonce, smooth_ap)


def by_loops(formula, image, caption, ids, options):
    """(B,) the sum of what the formula says of each pair's picture and of its caption."""
    sides = {"image": image @ caption.T, "caption": caption @ image.T}
    costs = np.zeros(len(ids))
    for side, scores in sides.items():
        told = {"caption": side == "caption"} if formula in TOLD_THE_SIDE else {}
        costs += [formula(scores, list(ids), query, **options, **told) for query in range(len(ids))]
    return costs


def unit(rng, rows, dim):
    vectors = rng.normal(size=(rows, dim))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def build(name, options):
    plugin = load("train.losses", name)
    return plugin.build(plugin.Options(**options), measured=Measured({}), dim=5).double()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("formula", "options"), CASES)
def test_equals_the_loops(formula, options, seed):
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 10))
    ids = rng.integers(0, max(1, rows - 2), size=rows)
    image, caption = unit(rng, rows, 5)[ids], unit(rng, rows, 5)
    if seed % 4 == 0:
        caption[:] = caption[0]
    found = build(formula.__name__, options)(*map(torch.from_numpy, (image, caption, ids)))
    assert found.dtype == torch.float64
    expected = by_loops(formula, image, caption, ids, options)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=1e-7)


def test_the_temperature_learns_only_where_it_is_asked_to():
    image, caption = (torch.from_numpy(unit(np.random.default_rng(n), 4, 5)) for n in (0, 1))
    for learned in (True, False):
        loss = build("infonce", {"learned": learned})
        loss(image.requires_grad_(), caption, torch.arange(4)).mean().backward()
        assert (loss.log_temperature.grad is not None) == learned


@pytest.mark.parametrize(("learnt", "taken"), [(10.0, 0.5), (1e-5, 0.001), (0.2, 0.2)])
def test_the_temperature_stays_within_its_bounds(learnt, taken):
    image, caption = (torch.from_numpy(unit(np.random.default_rng(n), 4, 5)) for n in (0, 1))
    loss = build("infonce", {})
    with torch.no_grad():
        loss.log_temperature.fill_(log(learnt))
    expected = build("infonce", {"temperature": taken})(image, caption, torch.arange(4))
    torch.testing.assert_close(loss(image, caption, torch.arange(4)), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize(("begun", "way"), [(0.5, -1), (0.001, 1)])
def test_a_temperature_at_a_bound_still_learns(begun, way):
    image, caption = (torch.from_numpy(unit(np.random.default_rng(n), 4, 5)) for n in (0, 0))
    loss = build("infonce", {"temperature": begun})
    with torch.no_grad():
        loss.log_temperature.sub_(way)  # beyond it
    asked = caption if way < 0 else caption.flip(0)
    loss(image, asked, torch.arange(4)).mean().backward()
    assert loss.log_temperature.exp().item() == pytest.approx(begun)
    assert loss.log_temperature.grad.item() * way < 0


@pytest.mark.parametrize("near", [0.8, 0.9])
def test_radii_that_cross_are_refused(near):
    with pytest.raises(SettingError, match=rf"near = {near} must be below far = 0\.8"):
        resolve({"loss": {"one": {"name": "pairwise", "near": near}}})


def test_a_hardest_negative_that_is_the_right_answer_gives_way_to_the_mean():
    image = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.96, 0.28]], dtype=torch.float64)
    caption = image.clone().requires_grad_()
    moved = []
    for epsilon in (0.0, 0.01):
        cost = build("selective", {"epsilon": epsilon})(image, caption, torch.arange(3))
        moved.append(torch.autograd.grad(cost[:2].sum(), caption)[0][:2].norm().item())
    assert moved[0] == 0
    assert moved[1] > 0.1


def gradients(plain, image, caption, ids, monkeypatch):
    """The costs, and their gradients, where each picture once is encoded and stands in its rows."""
    from train.losses import infonce as plugin

    leaf, told = (torch.from_numpy(side.copy()).requires_grad_() for side in (image, caption))
    with monkeypatch.context() as patch:
        if plain:
            patch.setattr(plugin, "_one_vector_each", lambda *_: None)
        costs = build("infonce", {})(leaf[torch.from_numpy(ids)], told, torch.from_numpy(ids) * 7)
    (costs * torch.arange(1.0, len(ids) + 1)).sum().backward()
    return costs.detach(), leaf.grad, told.grad


@pytest.mark.parametrize("seed", range(6))
def test_each_picture_once_is_the_plain_loss_with_its_gradients(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    image, caption, ids = unit(rng, 4, 5), unit(rng, 11, 5), rng.integers(0, 4, 11)
    each, plain = (gradients(p, image, caption, ids, monkeypatch) for p in (False, True))
    for one, other in zip(each, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_a_picture_of_which_each_row_draws_a_crop_keeps_them_all():
    rng = np.random.default_rng(0)
    image, caption, ids = unit(rng, 6, 5), unit(rng, 6, 5), np.array([0, 0, 1, 1, 1, 2])
    found = build("infonce", {})(*map(torch.from_numpy, (image, caption, ids)))
    scores, expected = image @ caption.T / 0.07, []
    for row, own in enumerate(ids):
        right = np.flatnonzero(ids == own)
        captions = log(np.exp(scores[row]).sum()) - scores[row, right].mean()
        shares = np.exp(scores[:, row]) / np.bincount(ids)[ids]
        expected.append((captions - log(shares[right].sum() / shares.sum())) / 2)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=1e-7)
