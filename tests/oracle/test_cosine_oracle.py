"""Cosines and ranks by them against whole numbers, pair by pair."""

import numpy as np
import numpy.typing as npt
from test_ranks_oracle import assert_same, brute_force, drawn_case

from core.predictions import Embeddings, Vectors
from evaluate.ranking import rank, rank_by
from evaluate.scores.named import scores_of

Numbers = npt.NDArray[np.float64]


def cosines(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> Numbers:
    """Pair by pair, in whole numbers as far as they go."""
    found = np.zeros((len(a), len(b)))
    for i, one in enumerate(a.astype(int).tolist()):
        for j, other in enumerate(b.astype(int).tolist()):
            inner = sum(x * y for x, y in zip(one, other, strict=True))
            size = sum(x * x for x in one) * sum(x * x for x in other)
            found[i, j] = inner / size**0.5 if size else 0.0
    return found


def test_the_cosine_of_each_pair_and_the_ranks() -> None:
    tied = 0
    for seed in range(100):
        given = drawn_case(seed)
        sides = (Vectors(given.image_id, given.image), Vectors(given.caption_id, given.caption))
        scores = scores_of(Embeddings(*sides, given.owner, similarity="cosine"))
        expected = cosines(given.image, given.caption)
        images, captions = expected.shape
        rows, columns = np.arange(images), np.arange(captions)
        band = scores.slack().image[:, None] / 2
        for found in (
            scores.exact(rows, slice(captions)),
            scores.block(slice(images), slice(captions)),
            np.array([scores.pairs(np.full(captions, i), columns) for i in rows]),
        ):
            assert found.dtype == np.float64
            assert (abs(found - expected) <= band).all()
        # What is drawn is so coarse that cosines nearer than this are one.
        told = brute_force(given, np.round(expected, 12))
        assert_same(rank_by(scores), told)
        tied += told.tied_queries > 0
    assert tied > 20


def test_vectors_of_any_length_have_their_cosine() -> None:
    draw = np.random.default_rng(3)
    image, caption = (draw.standard_normal((20, 7)).astype(np.float32) for _ in range(2))
    ids = np.array([f"i{i}" for i in range(20)])

    def ranks(scales: npt.ArrayLike, similarity: str = "cosine") -> list[int]:
        longer = caption * np.asarray(scales, dtype=np.float32)
        sides = (Vectors(ids, image), Vectors(ids, longer))
        return rank(Embeddings(*sides, np.arange(20), similarity=similarity)).i2t.best.tolist()

    # By powers of two, so that no number but its exponent changes.
    uneven = 2.0 ** draw.integers(-60, 60, (20, 1))
    assert ranks(uneven) == ranks(1.0) == ranks(2.0**120) == ranks(2.0**-120)
    assert ranks(uneven, "inner") != ranks(1.0, "inner")
