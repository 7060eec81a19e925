"""Ranks by the order violation against loops over its formula and a sort in float64."""

from dataclasses import replace

import numpy as np
import pytest
from test_ranks_oracle import Case, Scores, assert_same, brute_force, drawn_case, joined

import evaluate.scores.order as order
import evaluate.tile as tile
from evaluate.judge import judge
from evaluate.ranking import Ranks, rank


def ranks(given: Case) -> Ranks:
    return rank(replace(given.embeddings(), similarity="order"))


def violations(given: Case) -> Scores:
    """Minus the sum of squares, a number at a time: exact where the numbers are small and whole."""
    found = np.zeros((len(given.image), len(given.caption)))
    for i, image in enumerate(given.image.tolist()):
        for c, caption in enumerate(given.caption.tolist()):
            for one, other in zip(image, caption, strict=True):
                found[i, c] -= max(0.0, other - one) ** 2
    return found


@pytest.mark.parametrize("at_once", [1, 7, 30_000])
def test_random_cases_with_ties(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(order, "AT_ONCE", at_once)
    tied = differs = 0
    for seed in range(200):
        given = drawn_case(seed)
        expected = brute_force(given, violations(given))
        assert_same(ranks(given), expected)
        tied += expected.tied_queries > 0
        differs += brute_force(given) != expected
    # The cases are of no use unless they hold what they are for.
    assert tied > 100
    assert differs > 100


@pytest.mark.parametrize("blocks", [(1, 1), (2, 3), (100, 2)])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, blocks: tuple[int, int]) -> None:
    monkeypatch.setattr(tile, "IMAGE_BLOCK", blocks[0])
    monkeypatch.setattr(tile, "CAPTION_BLOCK", blocks[1])
    for seed in range(40):
        given = drawn_case(seed)
        assert_same(ranks(given), brute_force(given, violations(given)))


def test_scores_are_those_of_the_loops_to_their_own_rounding() -> None:
    draw = np.random.default_rng(0)
    given = joined(np.abs(draw.normal(size=(9, 70))), np.abs(draw.normal(size=(31, 70))), [0] * 31)
    made = order.Order(replace(given.embeddings(), similarity="order"))
    expected = -np.sqrt(-violations(given))
    found = made.block(slice(0, 9), slice(0, 31))
    slack = made.slack().image[:, None]
    assert (np.abs(found - expected) <= slack).all()
    assert (found == made.exact(np.arange(9), slice(0, 31))).all()
    assert slack.max() < 1e-12
    np.testing.assert_allclose(made.right, expected[0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_equal_images_tie_whatever_their_scale(scale: float) -> None:
    draw = np.random.default_rng(2)
    image, caption = draw.random((20, 64)) * scale, draw.random((60, 64)) * scale
    image[10:] = image[:10]
    assert ranks(joined(image, caption, np.arange(60) % 20)).tied_queries == 60


def test_an_image_stands_above_what_its_captions_say() -> None:
    """The first image has all that the caption says; the second lacks half, and has more else."""
    given = joined(np.array([[3, 3], [1, 9]]), np.array([[2, 2]]), [0])
    assert ranks(given).t2i.best.tolist() == [1]
    assert rank(given.embeddings()).t2i.best.tolist() == [2]
    swapped = joined(given.caption, given.image, [0, 0])
    assert ranks(swapped).i2t.best.tolist() == [1]


def test_the_report_says_by_what_was_ranked() -> None:
    embeddings = drawn_case(5).embeddings()
    protocols = {
        name: judge(replace(embeddings, similarity=name)).facts["protocol"]
        for name in ("inner", "order")
    }
    assert "; inner product in float64;" in protocols["inner"]
    assert "; order violation in float64;" in protocols["order"]
