"""The obvious average precision, which looks right and is not: 76.4 where the truth is 54.5."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.hits import Hits
from evaluate.judge import judge
from evaluate.measures import summary

Ranks = npt.NDArray[np.int64]
WRONG, TRUE = 76.4, 54.5
FOUND_AMONG = 10


def drawn() -> dict[str, Any]:
    """40 pictures with 5 captions each, which are their pictures and noise."""
    draw, owner = np.random.default_rng(13272), np.repeat(np.arange(40), 5)
    image = draw.standard_normal((40, 8))
    caption = image[owner] + 1.05 * draw.standard_normal((200, 8))
    sides = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (image, caption))
    return {**dict(zip(("image", "caption"), sides, strict=True)), "owner": owner}


def sorted_ranks(given: dict[str, Any]) -> Ranks:
    """The ranks of the captions of each picture, (40, 5), by one sort in float64."""
    order = np.argsort(-(given["image"] @ given["caption"].T), axis=1)
    right = given["owner"][order] == np.arange(40)[:, None]
    return (1 + np.nonzero(right)[1]).reshape(40, 5)


def true_map(ranks: Ranks) -> float:
    """Precision at every place of the whole list times whether it is right, over all right ones."""
    found = []
    for row in ranks.tolist():
        precisions = [sum(r <= k for r in row) / k for k in range(1, max(row) + 1) if k in row]
        found.append(sum(precisions) / len(row))
    return 100 * float(np.mean(found))


def of_the_best(ranks: Ranks) -> float:
    """The trap: all that ``measure(ranks)`` could see were the best right answers."""
    return 100 * float(np.mean(1 / ranks.min(axis=1)))


def over_the_found(ranks: Ranks) -> float:
    """The other: the sum of the first ten places is divided by the right answers found there."""
    precision = np.arange(1, ranks.shape[1] + 1) / ranks
    inside = ranks <= FOUND_AMONG
    return 100 * float(np.mean((precision * inside).sum(axis=1) / inside.sum(axis=1)))


def test_with_the_best_right_answer_alone_a_retrieval_gains_22_points() -> None:
    given = drawn()
    ranks = sorted_ranks(given)
    assert (round(of_the_best(ranks), 1), round(true_map(ranks), 1)) == (WRONG, TRUE)
    sides = {
        side: Vectors(np.array([f"{side}{n}" for n in range(len(v))]), v.astype(np.float32))
        for side, v in given.items()
        if side != "owner"
    }
    embeddings = Embeddings(**sides, owner=given["owner"])
    facts = judge(embeddings, {"measures": ["average_precision"]}).facts
    assert facts["i2t"]["map"] == pytest.approx(true_map(ranks), rel=1e-12)
    assert round(facts["i2t"]["map"], 1) == TRUE


def test_divided_by_those_found_it_gains_as_much() -> None:
    ranks = np.array([[2, 4, 5, 6], [1, 2, 8, 22], [1, 3, 7, 15], [1, 11, 16, 24]])
    assert (round(over_the_found(ranks), 1), round(true_map(ranks), 1)) == (WRONG, TRUE)
    hits = Hits.of(ranks.tolist(), gallery=1000)
    assert summary("average_precision", hits)["map"] == pytest.approx(true_map(ranks), rel=1e-12)
    assert summary("map_at_k", hits)["map10"] < WRONG
