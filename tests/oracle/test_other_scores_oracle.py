"""Ranks by Hamming distances, by means of several scores and by a stored matrix, against sorts."""

from dataclasses import replace
from itertools import permutations
from math import fsum

import numpy as np
import pytest
from test_ranks_oracle import Case, Scores, assert_same, brute_force, drawn_case, joined

import evaluate.tile as tile
from core.errors import InputError, NumberError
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.ranking import rank, rank_by
from evaluate.scores.averaged import Averaged
from evaluate.scores.face import Band
from evaluate.scores.named import scores_of
from evaluate.scores.sides import Sides
from evaluate.scores.stored import Stored


def codes(given: Case, seed: int, wide: int) -> Embeddings:
    """Codes of 8 * ``wide`` bits, few of them set, so that many distances are equal."""
    draw = np.random.default_rng(seed)
    sides = [
        Vectors(
            ids, (draw.integers(0, 256, (len(ids), wide)) & draw.choice([1, 3, 255])).astype("u1")
        )
        for ids in (given.image_id, given.caption_id)
    ]
    return Embeddings(*sides, given.owner, similarity="hamming")


def distances(embeddings: Embeddings) -> Scores:
    assert embeddings.caption is not None
    image, caption = (
        [int.from_bytes(bytes(code), "big") for code in side.value]
        for side in (embeddings.image, embeddings.caption)
    )
    return np.array([[-float((i ^ c).bit_count()) for c in caption] for i in image])


@pytest.mark.parametrize("wide", [1, 7, 8, 9, 64])
def test_ranks_by_hamming_distance(wide: int) -> None:
    tied = 0
    for seed in range(60):
        given = drawn_case(seed)
        embeddings = codes(given, seed, wide)
        expected = brute_force(given, distances(embeddings))
        assert_same(rank(embeddings), expected)
        tied += expected.tied_queries > 0
    assert tied > 10


def test_codes_are_judged_and_the_report_says_by_what() -> None:
    report = judge(codes(drawn_case(5), 0, 8))
    assert "; minus the Hamming distance;" in report.facts["protocol"]


def product(given: Case) -> Scores:
    return given.image.astype(float) @ given.caption.astype(float).T


def second(given: Case, seed: int) -> Case:
    """Other vectors, of another width, of the same images and captions."""
    draw = np.random.default_rng(seed)
    image, caption = (draw.integers(-2, 3, (len(side), 3)) for side in (given.image, given.caption))
    return joined(image, caption, given.owner)


def test_the_mean_of_two_is_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile, "IMAGE_BLOCK", 3)
    monkeypatch.setattr(tile, "CAPTION_BLOCK", 5)
    tied = 0
    for seed in range(200):
        given = drawn_case(seed)
        other = second(given, seed)
        expected = brute_force(given, (product(given) + product(other)) / 2)
        both = Averaged([scores_of(each.embeddings()) for each in (given, other)])
        assert_same(rank_by(both), expected)
        tied += expected.tied_queries > 0
    assert tied > 50


def test_scores_of_two_formulas_are_averaged() -> None:
    for seed in range(50):
        given = drawn_case(seed)
        hashed = codes(given, seed, 4)
        expected = brute_force(given, (product(given) + distances(hashed)) / 2)
        both = Averaged([scores_of(given.embeddings()), scores_of(hashed)])
        assert_same(rank_by(both), expected)
        assert "inner product in float64 and minus the Hamming distance" in both.words


def test_the_mean_of_one_is_that_one() -> None:
    for seed in range(50):
        given = drawn_case(seed).embeddings()
        for similarity in ("inner", "order"):
            scores = scores_of(replace(given, similarity=similarity))
            alone, mean = rank_by(scores), rank_by(Averaged([scores]))
            assert alone.i2t.places()[0].tolist() == mean.i2t.places()[0].tolist()
            assert alone.t2i.best.tolist() == mean.t2i.best.tolist()
            assert alone.tied_queries == mean.tied_queries


def test_equal_vectors_tie_in_the_mean_of_three() -> None:
    draw = np.random.default_rng(3)
    parts, owner, twin = [], np.arange(60) % 20, np.arange(20) % 10
    for width in (30, 64, 300):
        image, caption = draw.standard_normal((10, width))[twin], draw.standard_normal((60, width))
        parts.append(scores_of(joined(image, caption, owner).embeddings()))
    assert rank_by(Averaged(parts)).tied_queries == 60


def stored(given: Case, value: Scores) -> Stored:
    return Stored(value, Sides(given.image_id, given.caption_id, given.owner))


def test_the_mean_of_numbers_without_a_band_follows_from_no_order() -> None:
    """Of .1, .2 and .3 the mean is .2, and one order of adding them says a little more."""
    draw = np.random.default_rng(5)
    given = joined(np.zeros((20, 1)), np.zeros((60, 1)), np.arange(60) % 20)
    values = draw.permuted(np.tile([0.1, 0.2, 0.3], (20, 60, 1)), axis=2)
    values[np.arange(60) % 20, np.arange(60)] = [0.1, 0.2, 0.3]
    found = []
    for order in permutations(range(3)):
        made = rank_by(Averaged([stored(given, values[..., part]) for part in order]))
        assert made.tied_queries == 80
        found.append((made.i2t.best.tolist(), made.t2i.best.tolist()))
    assert found == found[:1] * 6


def test_scores_of_any_size_have_one_mean_in_any_order() -> None:
    draw = np.random.default_rng(6)
    given = joined(np.zeros((7, 1)), np.zeros((14, 1)), np.arange(14) % 7)
    values = draw.standard_normal((5, 7, 14)) * 10.0 ** draw.integers(-9, 9, (5, 7, 14))
    rows, everything = np.arange(7), slice(0, 14)
    means = [
        Averaged([stored(given, values[part]) for part in order]).exact(rows, everything)
        for order in permutations(range(5))
    ]
    assert all((mean == means[0]).all() for mean in means)
    true = np.array([[fsum(values[:, i, c]) / 5 for c in range(14)] for i in range(7)])
    band = Averaged([stored(given, each) for each in values]).slack()
    assert (np.abs(means[0] - true) <= band.image[:, None] / 2).all()
    assert (np.abs(means[0] - true) <= band.caption / 2).all()


@pytest.mark.parametrize(("more", "tied"), [(2.0**-51, 4), (1e-12, 0)])
def test_means_that_rounding_may_tell_apart_tie(more: float, tied: int) -> None:
    given = joined(np.zeros((2, 1)), np.zeros((2, 1)), np.array([0, 1]))
    last = np.array([[1, 1 + more], [1 + more, 1]])
    parts = [stored(given, each) for each in (np.ones((2, 2)), np.ones((2, 2)), last)]
    assert rank_by(Averaged(parts)).tied_queries == tied


def test_the_size_of_a_mean_is_that_of_a_part_without_a_band_too() -> None:
    """Beside vectors of length 1e-6, numbers of 1,000: the mean is rounded by these."""
    given = joined(*(np.full((n, 1), 1e-6) for n in (10, 60)), np.arange(60) % 10)
    draw = np.random.default_rng(7)
    values = draw.permuted(np.tile([1000.1, 2000.2, 3000.3], (10, 60, 1)), axis=2)
    values[np.arange(60) % 10, np.arange(60)] = [1000.1, 2000.2, 3000.3]
    parts = [stored(given, values[..., part]) for part in range(3)]
    assert rank_by(Averaged([scores_of(given.embeddings()), *parts])).tied_queries == 70


@pytest.mark.parametrize("similarity", ["inner", "order", "cosine"])
def test_no_score_is_larger_than_the_largest(similarity: str) -> None:
    draw = np.random.default_rng(8)
    for seed in range(30):
        given = drawn_case(seed)
        made = scores_of(replace(given.embeddings(), similarity=similarity))
        one = stored(given, draw.standard_normal((len(given.image_id), len(given.caption_id))))
        for scores in (made, one, Averaged([made, one]), scores_of(codes(given, seed, 9))):
            size = np.abs(scores.exact(np.arange(len(given.image_id)), slice(0, None)))
            assert (size <= scores.largest().image[:, None] * (1 + 1e-12)).all()
            assert (size <= scores.largest().caption * (1 + 1e-12)).all()


def test_the_mean_of_distances_has_no_band() -> None:
    for seed in range(40):
        given = drawn_case(seed)
        parts = [codes(given, part + seed, wide) for part, wide in enumerate((3, 8, 9))]
        both = Averaged([scores_of(each) for each in parts])
        assert not both.slack().image.any()
        assert_same(rank_by(both), brute_force(given, sum(map(distances, parts)) / 3))


def test_no_scores_have_no_mean() -> None:
    with pytest.raises(InputError, match="no scores to average; give one or more"):
        Averaged([])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_stored_matrix_is_ranked(kind: type) -> None:
    for seed in range(100):
        given = drawn_case(seed)
        matrix = product(given).astype(kind)
        stored = Stored(matrix, Sides.of(given.embeddings()))
        assert_same(rank_by(stored), brute_force(given))
        assert (matrix == product(given)).all(), "it is changed"


def test_a_stored_matrix_ties_within_its_slack() -> None:
    given = joined(np.eye(2), np.array([[3, 3.5], [1, 4]]), [0, 1])
    sides = Sides.of(given.embeddings())
    matrix = product(given)
    assert rank_by(Stored(matrix, sides)).tied_queries == 0
    wide = Stored(matrix, sides, Band(np.full(2, 0.5), np.full(2, 0.5)))
    assert rank_by(wide).tied_queries == 2


def test_a_matrix_that_is_none_is_refused() -> None:
    sides = Sides.of(drawn_case(5).embeddings())
    shape = len(sides.image_id), len(sides.caption_id)
    with pytest.raises(InputError, match="make the matrix again"):
        Stored(np.zeros((shape[0] + 1, shape[1])), sides)
    with pytest.raises(InputError, match="int64, not .* float32 or float64"):
        Stored(np.zeros(shape, dtype=np.int64), sides)
    bad = np.zeros(shape)
    bad[-1, -1] = np.nan
    with pytest.raises(NumberError, match="is nan; make the matrix again"):
        rank_by(Stored(bad, sides))
