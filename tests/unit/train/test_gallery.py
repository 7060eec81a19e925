"""The gallery's bias: its formula, what it does to ranks, and how its numbers are chosen."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from train_fakes import rsum

import train.gallery.bias
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from train.gallery.bias import Bank, Gallery, extended, in_words, liking, plain
from train.gallery.choice import choose

TOLD = {"strength": 0.8, "inverse_temperature": 17.1, "pictures": 1, "captions": 5}


def unit(rng, *shape):
    values = rng.normal(size=shape)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def hubby(rng, pictures, captions=2, dim=12):
    """A space where some pictures and captions lie near the direction that all lean to."""
    centre = np.ones(dim) / math.sqrt(dim)
    meant = rng.normal(size=(pictures, dim))
    owner = np.repeat(np.arange(pictures), captions)
    sides = []
    for which in (np.arange(pictures), owner):
        hub = rng.exponential(2.0, size=(len(which), 1))
        values = meant[which] + 0.9 * rng.normal(size=(len(which), dim)) + (1 + hub) * centre
        sides.append(values / np.linalg.norm(values, axis=1, keepdims=True))
    image, caption = (values.astype(np.float32) for values in sides)
    ids = np.array([f"{i:04d}" for i in range(len(owner))])
    return Embeddings(Vectors(ids[:pictures], image), Vectors(ids, caption), owner)


def bank_of(embeddings):
    return Bank(
        torch.from_numpy(embeddings.image.value), torch.from_numpy(embeddings.caption.value)
    )


def score(embeddings):
    return judge(embeddings).scores()


@pytest.mark.parametrize("beta", [0.5, 17.1, 80.0])
@pytest.mark.parametrize("blocks", [(1, 1), (3, 4), (512, 8192)])
def test_liking_is_the_loop(monkeypatch, beta, blocks):
    monkeypatch.setattr(train.gallery.bias, "ITEMS", blocks[0])
    monkeypatch.setattr(train.gallery.bias, "QUERIES", blocks[1])
    rng = np.random.default_rng(0)
    items, queries = unit(rng, 7, 5), unit(rng, 9, 5)
    other, found = liking(torch.from_numpy(items), torch.from_numpy(queries), [1.0, beta])
    for item, value in zip(items.tolist(), found.tolist(), strict=True):
        dots = [sum(a * b for a, b in zip(item, query, strict=True)) for query in queries.tolist()]
        assert value == pytest.approx(math.log(math.fsum(math.exp(beta * d) for d in dots)) / beta)
    assert found.dtype == other.dtype == torch.float64
    assert torch.equal(other, liking(torch.from_numpy(items), torch.from_numpy(queries), [1.0])[0])


def test_liking_of_long_vectors_does_not_overflow():
    far = 1000 * torch.eye(3)
    assert torch.allclose(liking(far, far, [50.0])[0], torch.tensor(1e6, dtype=torch.float64))


def test_the_inner_product_is_the_formula_and_the_asking_side_adds_a_constant():
    rng = np.random.default_rng(1)
    space, bank = hubby(rng, 6), bank_of(hubby(rng, 9))
    with_bias = Gallery(bank, 0.8, 17.1).extend(space)
    image, caption = space.image.value.astype(float), space.caption.value.astype(float)
    asked, pictures = bank.caption.numpy().astype(float), bank.image.numpy().astype(float)
    down = -0.8 * np.log(np.exp(17.1 * image @ asked.T).sum(1)) / 17.1
    across = -0.8 * np.log(np.exp(17.1 * caption @ pictures.T).sum(1)) / 17.1
    expected = image @ caption.T + down[:, None] + across[None, :]
    product = with_bias.image.value.astype(float) @ with_bias.caption.value.astype(float).T
    assert np.allclose(product, expected, atol=1e-6)
    assert np.array_equal(with_bias.image.value[:, -1], np.ones(6))
    assert np.array_equal(with_bias.caption.value[:, -2], np.ones(12))
    to_image, to_text = image @ caption.T + down[:, None], image @ caption.T + across[None, :]
    assert np.array_equal(product.argsort(axis=0), to_image.argsort(axis=0))
    assert np.array_equal(product.argsort(axis=1), to_text.argsort(axis=1))


def test_without_the_two_numbers_the_vectors_are_the_task_s_own():
    rng = np.random.default_rng(2)
    space = hubby(rng, 6)
    back = plain(Gallery(bank_of(hubby(rng, 4)), 0.8, 17.1).extend(space))
    for side in ("image", "caption"):
        ours, theirs = getattr(back, side), getattr(space, side)
        assert ours.value.tobytes() == theirs.value.tobytes()
        assert ours.value.flags.c_contiguous


def test_strength_0_ranks_as_the_plain_vectors():
    rng = np.random.default_rng(3)
    space = hubby(rng, 40)
    assert score(Gallery(bank_of(hubby(rng, 9)), 0.0, 17.1).extend(space)) == score(space)


def test_each_query_is_ranked_alone():
    """With more captions asking, what is asked of each picture stays the same to the bit."""
    rng = np.random.default_rng(4)
    space, gallery = hubby(rng, 30), Gallery(bank_of(hubby(rng, 20)), 0.8, 17.1)
    fewer = replace(
        space,
        caption=Vectors(space.caption.id[:9], space.caption.value[:9]),
        owner=space.owner[:9],
    )
    few, all_of_them = gallery.extend(fewer), gallery.extend(space)
    assert few.image.value.tobytes() == all_of_them.image.value.tobytes()
    assert np.allclose(few.caption.value, all_of_them.caption.value[:9], atol=1e-6, rtol=0)


def test_it_lifts_a_space_of_hubs_and_shuffled_it_falls_below_the_plain_one():
    rng = np.random.default_rng(5)
    val, test, bank = hubby(rng, 150), hubby(rng, 150), bank_of(hubby(rng, 300))
    chosen = choose(bank, val, score)
    image, caption = (each[0] for each in bank.liking(test, [chosen.beta]))
    image, caption = -chosen.strength * image, -chosen.strength * caption
    shuffled = extended(test, image[rng.permutation(150)], caption[rng.permutation(300)])
    without, with_bias = score(test)["score"], score(extended(test, image, caption))["score"]
    assert with_bias > without + 10
    assert score(shuffled)["score"] < without - 10
    assert rsum(extended(test, image, caption))["score"] == pytest.approx(with_bias)


@pytest.mark.parametrize(
    ("strength", "beta"),
    [(0.5, 5.0), (0.8, 2.5 * 2**2.75), (1.1, 40.0), (0.8, 2.5 * 2**6.75)],
    ids=str,
)
def test_of_a_smooth_score_the_choice_is_the_top(strength, beta):
    """Each try is known by its vectors, so that it is told apart from all that could be tried."""
    rng = np.random.default_rng(6)
    val, bank = hubby(rng, 4), bank_of(hubby(rng, 4))
    betas = [2.5 * 2 ** (quarter / 4) for quarter in range(-8, 30)]
    sides = bank.liking(val, betas)
    numbers, tried = {}, []
    for row, inverse in enumerate(betas):
        for tenths in range(20):
            pushed = extended(val, *(-(tenths / 10) * side[row] for side in sides))
            numbers[pushed.image.value.tobytes()] = tenths / 10, inverse

    def smooth(embeddings):
        tried.append(numbers[embeddings.image.value.tobytes()])
        return {"score": -abs(tried[-1][0] - strength) - abs(math.log2(tried[-1][1] / beta))}

    chosen = choose(bank, val, smooth)
    assert (chosen.strength, chosen.beta) == pytest.approx((strength, beta))
    assert chosen.tried == len(tried) <= 20


def test_where_no_bias_helps_there_is_none():
    rng = np.random.default_rng(7)
    val, bank = hubby(rng, 8), bank_of(hubby(rng, 8))
    chosen = choose(bank, val, lambda e: {"score": -float(np.abs(e.image.value[:, -2]).sum())})
    assert chosen.strength == 0
    assert chosen.scores == {"score": 0.0}
    alike = choose(bank, val, lambda e: {"score": 1.0})
    assert alike.strength == 0


def test_it_is_told_in_words():
    assert in_words(TOLD) == (
        "strength 0.8, inverse temperature 17.1, chosen on validation; bank of 1 training picture "
        "and their 5 captions"
    )
    assert in_words({**TOLD, "strength": 0.0}).startswith("none, as none that was tried raises")
