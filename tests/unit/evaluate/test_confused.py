"""Who stands first, and what is taken for one another, against plain loops in float64."""

import hashlib

import numpy as np
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.confused import Confused
from evaluate.firsts import firsts
from evaluate.ranking import rank_by
from evaluate.scores.face import Scores
from evaluate.scores.named import scores_of
from evaluate.standing import CAPTIONS, IMAGES
from evaluate.way import Way


def embedded(seed: int, *, steps: int = 0) -> Embeddings:
    """Some pictures with none to three captions each; on a grid of ``steps`` there are ties."""
    draw = np.random.default_rng(seed)
    owner = np.sort(draw.integers(0, 9, size=17)).astype(np.int64)
    image, caption = draw.normal(size=(9, 4)), draw.normal(size=(17, 4))
    if steps:
        image, caption = (np.round(side * steps) / steps for side in (image, caption))
    ids = np.array([f"i{n}" for n in range(9)]), np.array([f"c{n}" for n in range(17)])
    sides = (Vectors(i, v.astype(np.float32)) for i, v in zip(ids, (image, caption), strict=True))
    return Embeddings(*sides, owner)


def plain(given: Embeddings) -> np.ndarray:
    assert given.caption is not None
    return given.image.value.astype(float) @ given.caption.value.astype(float).T


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("asks", [IMAGES, CAPTIONS])
def test_the_first_are_those_of_a_sort_by_scores_then_by_lots(seed: int, asks: int) -> None:
    given = embedded(seed, steps=2)  # sums of halves and quarters are exact: a tie is equality
    assert given.caption is not None
    matrix = plain(given) if asks == IMAGES else plain(given).T
    ids = (given.caption.id, given.image.id)[asks]
    lots = [hashlib.sha256(str(i).encode()).hexdigest() for i in ids]
    way = Way(scores_of(given), asks)
    right = np.arange(len(ids)) % 4 == seed
    for query, line in enumerate(matrix):
        order = sorted(range(len(line)), key=lambda c: (-line[c], lots[c]))  # noqa: B023
        found = firsts(way, query, right, 5)
        assert found.row.tolist() == order[:5]
        assert found.score.tolist() == line[order[:5]].tolist()
        best = next(c for c in order if right[c])
        assert (found.best, found.best_score) == (best, line[best])
        assert found.rank == order.index(best) + 1
    assert len(firsts(way, 0, right, 99).row) == len(ids)


def test_the_first_right_one_stands_where_it_is_ranked() -> None:
    given = embedded(7)
    scores, owner = scores_of(given), given.owner
    assert owner is not None
    ranks, way = rank_by(scores).t2i.best, Way(scores, CAPTIONS)
    for caption, rank in enumerate(ranks.tolist()):
        found = firsts(way, caption, np.arange(9) == owner[caption], 9)
        assert found.rank == rank
        assert found.row.tolist().index(owner[caption]) == rank - 1


def looped(scores: Scores, matrix: np.ndarray, owner: np.ndarray) -> list[tuple[int, float]]:
    found = []
    for caption, own in enumerate(owner):
        others = [(matrix[i, caption], i) for i in range(len(matrix)) if i != own]
        best = max(others, key=lambda each: each[0])
        found.append((best[1], best[0]))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_wrong_picture_of_each_caption(seed: int) -> None:
    given = embedded(seed)
    assert given.owner is not None
    scores, matrix = scores_of(given), plain(given)
    found = Confused.of(scores)
    wanted = looped(scores, matrix, given.owner)
    assert found.picture.tolist() == [picture for picture, _ in wanted]
    np.testing.assert_allclose(found.wrong, [score for _, score in wanted], rtol=1e-12)
    np.testing.assert_allclose(found.right, matrix[given.owner, np.arange(17)], rtol=1e-12)
    assert_pairs(found)
    assert_nearest(found)


def assert_pairs(found: Confused) -> None:
    """Each pair is mutual, and none that has more captions is left out."""
    counts = {}
    for one in range(9):
        for two in range(one + 1, 9):
            sides = [
                [
                    c
                    for c in range(17)
                    if (found.owner[c], found.picture[c]) == way and found.wrong[c] > found.right[c]
                ]
                for way in ((one, two), (two, one))
            ]
            if all(sides):
                counts[one, two] = sides
    pairs = found.pairs(99)
    assert {(p.one, p.two): [list(p.of_one), list(p.of_two)] for p in pairs} == counts
    many = [len(p.of_one) + len(p.of_two) for p in pairs]
    assert many == sorted(many, reverse=True)
    assert found.pairs(1) == pairs[:1]


def assert_nearest(found: Confused) -> None:
    """The highest first, of each two pictures the highest alone."""
    rows = found.nearest(99)
    both = [frozenset((int(found.owner[r]), int(found.picture[r]))) for r in rows]
    assert len(set(both)) == len(both)
    assert found.wrong[rows].tolist() == sorted(found.wrong[rows], reverse=True)
    every = {frozenset(p) for p in zip(found.owner.tolist(), found.picture.tolist(), strict=True)}
    assert set(both) == every
    assert found.nearest(2) == rows[:2]


def test_one_picture_is_taken_for_none() -> None:
    one = np.ones((1, 2), dtype=np.float32)
    given = Embeddings(
        Vectors(np.array(["a"]), one), Vectors(np.array(["c"]), one), np.zeros(1, dtype=np.int64)
    )
    found = Confused.of(scores_of(given))
    assert (found.pairs(5), found.nearest(5)) == ([], [])


def test_two_pictures_that_answer_for_one_another() -> None:
    value = np.eye(3, dtype=np.float32)
    swapped = value[[1, 0, 2, 0]]
    given = Embeddings(
        Vectors(np.array(["a", "b", "c"]), value),
        Vectors(np.array(["a0", "b0", "c0", "c1"]), swapped),
        np.array([0, 1, 2, 2]),
    )
    (pair,) = Confused.of(scores_of(given)).pairs(5)
    assert (pair.one, pair.two, pair.of_one, pair.of_two) == (0, 1, (0,), (1,))
