"""Precision within a Hamming radius against counting bits, pair by pair."""

from fractions import Fraction

import numpy as np
import pytest
from test_other_scores_oracle import codes, distances
from test_ranks_oracle import CASES, Case, drawn_case

import evaluate.placed as placing
import evaluate.tile as tile
import evaluate.way as way_of_asking
from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings, Vectors
from evaluate.hits import Hits
from evaluate.judge import judge
from evaluate.measures import options_of, per_query
from evaluate.placed import placed
from evaluate.ranking import rank, rank_by
from evaluate.right import Shared
from evaluate.scores.named import scores_of
from evaluate.scores.part import PartScores
from evaluate.standing import IMAGES
from evaluate.way import Way

RADII = (0, 2, 5, 500)


def shares(apart: np.ndarray, right: np.ndarray, radius: int) -> list[float]:
    """In percent of each row, by whole numbers; (queries, candidates) both."""
    found = []
    for line, own in zip(apart.tolist(), right.tolist(), strict=True):
        near = [is_right for bits, is_right in zip(line, own, strict=True) if bits <= radius]
        found.append(float(Fraction(100 * sum(near), max(len(near), 1))))
    return found


def check(given: Case, seed: int) -> int:
    """Both ways of one case; how many queries found nothing."""
    embeddings = codes(given, seed, 1 + seed % 9)
    ranks, apart = rank(embeddings), -distances(embeddings)
    right = given.owner[None] == np.arange(len(apart))[:, None]
    asks, nothing = right.any(axis=1), 0
    for hits, far, own in (
        (ranks.i2t, apart[asks], right[asks]),
        (ranks.t2i, apart.T, right.T),
    ):
        found = per_query(
            "precision_within", hits, options_of("precision_within", {"radius": RADII})
        )
        for radius in RADII:
            expected = shares(far, own, radius)
            assert found[f"p_within{radius}"].tolist() == pytest.approx(expected, rel=1e-12)
            nothing += int((far > radius).all(axis=1).sum())
    return nothing


def test_of_1000_cases_by_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = 0
    for seed in range(CASES):
        monkeypatch.setattr(tile, "IMAGE_BLOCK", 1 + seed % 5)
        monkeypatch.setattr(tile, "CAPTION_BLOCK", 1 + seed % 7)
        nothing += check(drawn_case(seed), seed)
    assert nothing > 100


def test_codes_are_judged_by_it() -> None:
    options = {"measures": ["precision_within"], "options": {"precision_within": {"radius": [64]}}}
    embeddings = codes(drawn_case(5), 0, 8)
    facts = judge(embeddings, options).facts
    one = 100 / facts["t2i"]["gallery"]
    assert facts["t2i"]["p_within64"] == pytest.approx(one)


@pytest.mark.parametrize("itself", [False, True])
def test_by_any_right_answers_and_within_one_side(
    monkeypatch: pytest.MonkeyPatch, *, itself: bool
) -> None:
    monkeypatch.setattr(way_of_asking, "BLOCK", 40)
    monkeypatch.setattr(placing, "AT_ONCE", 25)
    shown = 0
    for seed in range(200):
        draw = np.random.default_rng(seed)
        value = (draw.integers(0, 256, (draw.integers(2, 12), 1)) & 15).astype(np.uint8)
        ids, owner = np.array([f"item {n}" for n in range(len(value))]), np.arange(len(value))
        side = Vectors(ids, value, draw.random((len(value), 3)) < 0.4)
        assert side.label is not None
        scores = scores_of(Embeddings(side, side, owner, similarity="hamming"))
        bits = value[:, 0].tolist()
        apart = np.array([[(a ^ b).bit_count() for b in bits] for a in bits])
        if itself:
            np.fill_diagonal(apart, 10**6)
        own = (side.label[:, None] & side.label).any(axis=2) & (apart < 10**6)
        expected = [shares(apart, own, radius) for radius in RADII]
        for part in placed(Way(scores, IMAGES, itself=itself), Shared(side.label, side.label)):
            found = per_query(
                "precision_within", part.hits, options_of("precision_within", {"radius": RADII})
            )
            for radius, each in zip(RADII, expected, strict=True):
                values = found[f"p_within{radius}"].tolist()
                assert values == pytest.approx([each[row] for row in part.row], rel=1e-12)
            shown += len(part.row)
    assert shown > 500


def test_a_part_of_codes_is_of_codes() -> None:
    whole = scores_of(codes(drawn_case(5), 0, 8))
    images = np.arange(len(whole.sides.image_id))
    every, part = (
        rank_by(scores).t2i.within((9,)) for scores in (whole, PartScores(whole, images))
    )
    assert [each.tolist() for each in every] == [each.tolist() for each in part]


def test_what_are_no_distances_are_refused_in_one_line() -> None:
    measured = {"measures": ["precision_within"]}
    given = drawn_case(5).embeddings()
    of_codes = codes(drawn_case(5), 0, 8)
    for prediction in (given, Ensemble.of({"a": of_codes, "b": of_codes})):
        with pytest.raises(InputError, match="^precision_within .* leave it out of --measures"):
            judge(prediction, measured)


@pytest.mark.parametrize("distances", [[[0, 1]], [[0, 2, 1]], [[0, 1, 2], [0, 1, 2]]])
def test_distances_that_cannot_be_are_refused(distances: list[list[int]]) -> None:
    with pytest.raises(InputError, match="give each query 3 distances"):
        Hits.of([[1]], gallery=3, distances=distances)
