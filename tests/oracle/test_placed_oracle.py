"""The places of any right answers, evaluate/placed.py, against the rule written out, one by one."""

import hashlib
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from test_ranks_oracle import Case, drawn_case, every

import evaluate.placed as placing
import evaluate.way as way_of_asking
from core.errors import InputError
from core.predictions import Embeddings, Vectors
from evaluate.placed import PartHits, placed
from evaluate.ranking import rank_by
from evaluate.right import Bools, Listed, Right, Shared
from evaluate.scores.averaged import Averaged
from evaluate.scores.face import Band, Scores
from evaluate.scores.named import scores_of
from evaluate.scores.sides import Sides
from evaluate.scores.stored import Stored
from evaluate.standing import CAPTIONS, IMAGES
from evaluate.way import Way

Numbers = npt.NDArray[np.float64]
Row = tuple[list[int], bool]


def row_by_row(
    scores: Numbers, right: Bools, slack: Numbers, ids: npt.NDArray[np.str_]
) -> dict[int, Row]:
    """By the query that asks, the ranks of its right answers and whether one ties with a wrong."""
    toss = [hashlib.sha256(str(i).encode()).hexdigest() for i in ids]
    every = enumerate(zip(scores.tolist(), right.tolist(), slack.tolist(), strict=True))
    return {q: one_by_one(*row, toss) for q, row in every if any(row[1])}


def one_by_one(
    score: Sequence[float], right: Sequence[bool], slack: float, toss: Sequence[str]
) -> Row:
    """The best-placed right answer, then that of the rest, as docs/protocols.md has it."""

    def tie(a: int, b: int) -> bool:
        return abs(score[a] - score[b]) <= slack

    there = [c for c in range(len(score)) if score[c] > -np.inf]
    wrong, left = [c for c in there if not right[c]], {c for c in there if right[c]}
    ranks, most = list[int](), 0
    tied = any(tie(a, b) for a in left for b in wrong)
    while left:
        highest = max(left, key=lambda c: score[c])
        best = min((c for c in left if tie(c, highest)), key=lambda c: toss[c])
        before = [c for c in wrong if score[c] > score[highest] and not tie(c, highest)]
        before += [c for c in wrong if tie(c, highest) and toss[c] < toss[best]]
        most = max(most, len(before))
        ranks.append(most + len(ranks) + 1)
        left.remove(best)
    return ranks, tied


def told(parts: Sequence[PartHits]) -> dict[int, Row]:
    """The same of what was placed."""
    return {
        int(row): (ranks, bool(tied))
        for part in parts
        for row, ranks, tied in zip(part.row, every(part.hits), part.tied, strict=True)
    }


@pytest.fixture(params=["whole", "in small blocks"])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "whole":
        monkeypatch.setattr(way_of_asking, "BLOCK", 40)
        monkeypatch.setattr(way_of_asking, "CANDIDATES", 3)
        monkeypatch.setattr(placing, "AT_ONCE", 25)


def stored(matrix: Numbers, slack: float, draw: np.random.Generator) -> Stored:
    images, captions = matrix.shape
    sides = Sides(
        np.array([f"picture {i}" for i in draw.permutation(images)]),
        np.array([f"caption {i}" for i in draw.permutation(captions)]),
        draw.integers(0, images, captions),
    )
    return Stored(matrix, sides, Band(np.full(images, slack), np.full(captions, slack)))


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("slack", [0.0, 1.0, 2.5, 1e9])
def test_any_pairs_are_right_and_ties_are_not_transitive(slack: float) -> None:
    tied = silent = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        images, captions = draw.integers(1, 14, 2)
        matrix = draw.integers(-9, 10, (images, captions)) * draw.choice([0.5, 1, 3])
        right = draw.random((images, captions)) < draw.choice([0.1, 0.5, 0.9])
        scores = stored(matrix, slack, draw)
        for asks, (m, r) in enumerate([(matrix, right), (matrix.T, right.T)]):
            row, candidate = np.nonzero(r)
            offsets = np.searchsorted(row, np.arange(len(r) + 1))
            parts = list(placed(Way(scores, asks), Listed(candidate, offsets, r.shape[1])))
            ids = (scores.sides.caption_id, scores.sides.image_id)[asks]
            expected = row_by_row(m, r, np.full(len(m), slack), ids)
            assert told(parts) == expected
            assert all(part.hits.gallery == r.shape[1] for part in parts)
            tied += any(each for _, each in expected.values())
            silent += len(expected) < len(r)
    assert tied > 20
    assert silent > 10


def both_ways(scores: Scores) -> list[PartHits]:
    """Whole, with the owners' captions as the right answers: i2t, t2i."""
    owned = scores.sides.owner == np.arange(len(scores.sides.image_id))[:, None]
    ways = [(IMAGES, owned), (CAPTIONS, owned.T)]
    parts = []
    for asks, right in ways:
        (part,) = placed(Way(scores, asks), Whole(right))
        parts.append(part)
    return parts


class Whole(Right):
    """What a matrix says."""

    def __init__(self, right: Bools) -> None:
        self._right = right

    def of(self, part: slice) -> Bools:
        return self._right[part].copy()


def as_order(given: Case) -> Embeddings:
    sides = (Vectors(given.image_id, given.image), Vectors(given.caption_id, given.caption))
    return Embeddings(*sides, given.owner, similarity="order")


def as_codes(given: Case) -> Embeddings:
    image, caption = ((side * 37 % 251).astype(np.uint8) for side in (given.image, given.caption))
    sides = (Vectors(given.image_id, image), Vectors(given.caption_id, caption))
    return Embeddings(*sides, given.owner, similarity="hamming")


def as_mean(given: Case) -> Averaged:
    return Averaged([scores_of(given.embeddings()), scores_of(as_order(given))])


FORMULAS: dict[str, Callable[[Case], Scores]] = {
    "inner": lambda given: scores_of(given.embeddings()),
    "order": lambda given: scores_of(as_order(given)),
    "hamming": lambda given: scores_of(as_codes(given)),
    "mean": as_mean,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_of_owners_they_are_the_places_of_plain_retrieval(formula: str) -> None:
    tied = 0
    for seed in range(60):
        scores = FORMULAS[formula](drawn_case(seed))
        ranks = rank_by(scores)
        for part, hits in zip(both_ways(scores), (ranks.i2t, ranks.t2i), strict=True):
            assert every(part.hits) == every(hits)
            assert part.hits.best.tolist() == hits.best.tolist()
            assert part.hits.right.tolist() == hits.right.tolist()
            assert part.hits.gallery == hits.gallery
        tied += ranks.tied_queries > 0
    assert tied > 20


def test_of_owners_in_a_crooked_band_too() -> None:
    """Scores a third of a tie apart: what ties with what depends on which is looked at."""
    crooked = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        owner = np.repeat(np.arange(4), 6)
        matrix = draw.integers(0, 25, (4, len(owner))) / 3.0
        sides = Sides(np.array(list("abcd")), np.array([f"c{i}" for i in range(24)]), owner)
        scores = Stored(matrix, sides, Band(np.ones(4), np.ones(24)))
        ranks, (part, _) = rank_by(scores), both_ways(scores)
        assert every(part.hits) == every(ranks.i2t)
        plain = np.argsort(-matrix, axis=1, kind="stable")
        crooked += every(part.hits) != [
            (np.flatnonzero(owner[line] == row) + 1).tolist() for row, line in enumerate(plain)
        ]
    assert crooked == 100


def test_a_query_is_not_in_its_own_gallery() -> None:
    draw = np.random.default_rng(0)
    for _ in range(50):
        count = int(draw.integers(2, 12))
        matrix = draw.integers(-3, 4, (count, count)).astype(float)
        label = draw.random((count, 4)) < 0.3
        ids = np.array([f"i{i}" for i in range(count)])
        scores = Stored(matrix, Sides(ids, ids, np.zeros(count, dtype=np.int64)))
        parts = list(placed(Way(scores, IMAGES, itself=True), Shared(label, label)))
        right = (label.astype(int) @ label.T > 0) & ~np.eye(count, dtype=bool)
        alone = np.where(np.eye(count, dtype=bool), -np.inf, matrix)
        assert told(parts) == row_by_row(alone, right, np.zeros(count), ids)
        assert all(part.hits.gallery == count - 1 for part in parts)


def labelled(draw: np.random.Generator, kind: str) -> tuple[Case, Bools, Bools]:
    """Vectors of no small whole numbers, some of them twice, or all of them one."""
    images, captions, width = 60, 90, 48
    drawn = draw.standard_normal((images + captions, width)).astype(np.float32)
    if kind == "twins":
        drawn[draw.random(len(drawn)) < 0.3] = drawn[3]
        drawn[draw.random(len(drawn)) < 0.3] = drawn[70]
    elif kind == "collapsed":
        drawn[:] = drawn[0]
    case = Case(
        np.array([f"picture {i}" for i in range(images)]),
        drawn[:images],
        np.array([f"caption {i}" for i in range(captions)]),
        drawn[images:],
        draw.integers(0, images, captions),
    )
    return case, draw.random((images, 5)) < 0.25, draw.random((captions, 5)) < 0.25


@pytest.mark.parametrize("similarity", ["inner", "cosine", "order"])
@pytest.mark.parametrize("kind", ["apart", "twins", "collapsed"])
def test_no_rank_follows_from_the_order_of_the_rows(kind: str, similarity: str) -> None:
    draw = np.random.default_rng(1)
    case, image_label, caption_label = labelled(draw, kind)

    def by_id(image: npt.NDArray[np.int64], caption: npt.NDArray[np.int64]) -> dict[str, Row]:
        sides = (
            Vectors(case.image_id[image], case.image[image]),
            Vectors(case.caption_id[caption], case.caption[caption]),
        )
        owner = np.zeros(len(caption), dtype=np.int64)
        scores = scores_of(Embeddings(*sides, owner, similarity=similarity))
        labels = (image_label[image], caption_label[caption])
        found = {}
        for asks in (IMAGES, CAPTIONS):
            way = Way(scores, asks)
            ranks = told(list(placed(way, Shared(labels[asks], labels[1 - asks]))))
            found |= {str(way.asking[row]): each for row, each in ranks.items()}
        return found

    first = by_id(np.arange(60), np.arange(90))
    assert len(first) > 100
    for _ in range(3):
        assert by_id(draw.permutation(60), draw.permutation(90)) == first
    assert any(tied for _, tied in first.values()) == (kind != "apart")


def test_a_collapsed_model_stands_in_the_order_of_the_toss() -> None:
    case, image_label, caption_label = labelled(np.random.default_rng(2), "collapsed")
    scores = scores_of(case.embeddings())
    parts = list(placed(Way(scores, IMAGES), Shared(image_label, caption_label)))
    right = image_label.astype(int) @ caption_label.T > 0
    expected = row_by_row(np.zeros(right.shape), right, np.zeros(60), case.caption_id)
    assert told(parts) == expected


def test_right_answers_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="none of 3 candidates; count rows from 0"):
        Listed(np.array([0, 3]), np.array([0, 2]), 3)
    with pytest.raises(InputError, match="of 2 classes where is asked and of 3"):
        Shared(np.zeros((1, 2), dtype=bool), np.zeros((1, 3), dtype=bool))


@pytest.mark.parametrize("asks", [IMAGES, CAPTIONS])
def test_memory_follows_from_the_blocks_and_not_from_the_right_answers(
    monkeypatch: pytest.MonkeyPatch, asks: int
) -> None:
    """Half of all pairs are right: their places alone would be 16 MB, all scores 32."""
    count = 2000
    monkeypatch.setattr(way_of_asking, "BLOCK", 2**16)
    monkeypatch.setattr(way_of_asking, "CANDIDATES", 256)
    monkeypatch.setattr(placing, "AT_ONCE", 2**14)
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((count, 4)).astype(np.float32)
    ids = np.arange(count).astype(str)
    label = np.eye(2, dtype=np.bool_)[draw.integers(0, 2, count)]
    side = Vectors(ids, vectors)
    scores = scores_of(Embeddings(side, side, np.arange(count)))
    way, right = Way(scores, asks), Shared(label, label)
    assert next(placed(way, right)).hits.gallery == count  # what is computed once is there
    tracemalloc.start()
    found = sum(int(part.hits.right.sum()) for part in placed(way, right))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found > count**2 * 0.49
    assert peak < 4e6
