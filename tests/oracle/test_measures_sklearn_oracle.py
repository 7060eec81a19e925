"""Average precision and nDCG against scikit-learn's, of scores without ties."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from evaluate.hits import Hits
from evaluate.measures import options_of, per_query

CASES = 200


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, Hits]:
    """(queries, candidates) scores, all different; which of them are right; and the hits."""
    draw = np.random.default_rng(seed)
    queries, gallery = draw.integers(1, 6), draw.integers(2, 60)
    right = draw.random((queries, gallery)) < draw.random((queries, 1))
    right[np.arange(queries), draw.integers(0, gallery, queries)] = True
    scores = np.stack([draw.permutation(gallery) for _ in range(queries)]).astype(float)
    ranks = gallery - scores
    hits = Hits.of([r[a].astype(int).tolist() for r, a in zip(ranks, right, strict=True)], gallery)
    return scores, right, hits


def test_average_precision_is_scikit_learns() -> None:
    for seed in range(CASES):
        scores, right, hits = drawn(seed)
        theirs = [average_precision_score(r, s) for r, s in zip(right, scores, strict=True)]
        ours = per_query("average_precision", hits)["map"] / 100
        assert ours.tolist() == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("k", [None, 1, 3, 20])
def test_ndcg_is_scikit_learns(k: int | None) -> None:
    options = options_of("ndcg", {"k": [k] if k else []})
    for seed in range(CASES):
        scores, right, hits = drawn(seed)
        theirs = ndcg_score(right, scores, k=k)
        ours = per_query("ndcg", hits, options)[f"ndcg{k}" if k else "ndcg"] / 100
        assert ours.mean() == pytest.approx(theirs, rel=1e-12)
