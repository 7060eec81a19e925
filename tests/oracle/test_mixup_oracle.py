"""Mixup of pairs against loops over pictures, and what the task makes of it."""

import numpy as np
import pytest
import torch

from tests.tiny import CPU, world
from train.building import build, seeded
from train.mixup import Mixup
from train.plan import Plan
from train.recipe import resolve

IDS = [7, 3, 7, 7, 3, 9, 11]


def by_loops(ids, permutation, shares):
    """(partner, share) of each row: row k of a picture goes with row k of its picture's other."""
    pictures = sorted(set(ids))
    rows = {picture: [n for n, own in enumerate(ids) if own == picture] for picture in pictures}
    found = []
    for n, picture in enumerate(ids):
        number = pictures.index(picture)
        theirs = rows[pictures[permutation[number]]]
        place = rows[picture].index(n) % len(theirs)
        found.append((theirs[place], max(shares[number], 1 - shares[number])))
    return [list(column) for column in zip(*found, strict=True)]


def drawn_by_hand(ids, alpha, seed):
    with seeded(seed, CPU):
        count = len(set(ids))
        permutation = torch.randperm(count).tolist()
        pair = torch.full((count, 2), alpha, dtype=torch.float64)
        return permutation, torch.distributions.Dirichlet(pair).sample()[:, 0].tolist()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ids", [IDS, [5], [4, 4, 4], list(range(8, 0, -1))], ids=str)
def test_equals_the_loops(ids, seed, alpha):
    with seeded(seed, CPU):
        found = Mixup.draw(torch.tensor(ids), alpha)
    partner, share = by_loops(ids, *drawn_by_hand(ids, alpha, seed))
    assert found.partner.tolist() == partner
    np.testing.assert_allclose(found.share, share, rtol=0, atol=1e-15)
    vectors = np.random.default_rng(seed).normal(size=(len(ids), 4))
    drawn = enumerate(zip(partner, share, strict=True))
    mixed = [own * vectors[n] + (1 - own) * vectors[other] for n, (other, own) in drawn]
    np.testing.assert_allclose(found.of(torch.from_numpy(vectors)), mixed, rtol=0, atol=1e-15)


def test_the_share_is_the_larger_of_a_uniform_one_and_the_rest():
    torch.manual_seed(0)
    share = Mixup.draw(torch.arange(20_000), 1.0).share
    assert share.min() >= 0.5
    np.testing.assert_allclose([share.mean(), share.var()], [3 / 4, 1 / 48], atol=0.003)


def paired(folder, *assignments):
    """The paired task on the tiny corpus, in training mode, and a batch of three whole pictures."""
    recipe = resolve({}, ["embed_dim=6", "min_count=1", *assignments])
    corpus, sources, modules = world(recipe, folder)
    with seeded(0, CPU):
        learner, data, _ = build(Plan.of(corpus, sources, recipe), modules, CPU)
    rows = np.flatnonzero(np.isin(data.train.group, [1, 4, 6]))[[3, 0, 5, 1, 2, 4]]
    return learner.task.train(), data.train.batch(rows, CPU)


def outputs(task, batch, seed=3):
    with seeded(seed, CPU), torch.no_grad():
        return task.over_batch(task(batch))


@pytest.mark.parametrize("each", ["row", "once"])
def test_both_sides_of_a_pair_are_mixed_before_they_are_scaled(tmp_path, each):
    task, batch = paired(tmp_path, "mixup=1.0", f"each_picture={each}")
    found = outputs(task, batch)
    partner, share = by_loops(batch.image.tolist(), *drawn_by_hand(batch.image.tolist(), 1.0, 3))
    with torch.no_grad():
        sides = {"image": task.image(*batch.features), "caption": task.text(*batch[1:3])}
    for name, vectors in sides.items():
        for row, (other, own) in enumerate(zip(partner, share, strict=True)):
            mixed = (own * vectors[row] + (1 - own) * vectors[other]).double()
            torch.testing.assert_close(found[name][row].double(), mixed / mixed.norm())
    assert torch.equal(found["image_id"], batch.image)


def test_the_captions_of_a_picture_stay_right_answers_of_it(tmp_path):
    task, batch = paired(tmp_path, "mixup=1.0")
    image = outputs(task, batch)["image"]
    for picture in set(batch.image.tolist()):
        one, *others = image[batch.image == picture]
        for other in others:
            torch.testing.assert_close(other, one)


def test_nothing_is_mixed_or_drawn_without_it_nor_at_test(tmp_path):
    task, batch = paired(tmp_path, "mixup=1.0")
    plain, _ = paired(tmp_path)
    with seeded(0, CPU):
        before = torch.get_rng_state()
        ours, theirs = task.eval()(batch), plain.train()(batch)
        assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not torch.equal(outputs(task.train(), batch)["image"], theirs["image"])
