"""Margins, cosines, gap and principal components, against loops in float64."""

from itertools import combinations

import numpy as np
import pytest

from core.predictions import Embeddings
from evaluate import modality, tile
from evaluate.chance import recall, recall_curve
from evaluate.margins import margins
from evaluate.modality import cosines, distance, own_cosines
from evaluate.principal import principal
from evaluate.ranking import rank
from evaluate.scores.named import scores_of
from tests.oracle.test_closeness_oracle import embeddings


def slow_margins(given: Embeddings) -> dict[str, list[tuple[float, float]]]:
    assert given.caption is not None
    assert given.owner is not None
    image, caption = given.image.value.astype(float), given.caption.value.astype(float)
    owner = given.owner.tolist()
    i2t, t2i = [], []
    for i in range(len(image)):
        every = [(sum(image[i] * caption[c]), c) for c in range(len(caption))]
        right = [score for score, c in every if owner[c] == i]
        wrong = [score for score, c in every if owner[c] != i]
        i2t += [(max(right), max(wrong))] if right and wrong else []
    for c in range(len(caption)):
        wrong = [sum(image[i] * caption[c]) for i in range(len(image)) if i != owner[c]]
        t2i += [(sum(image[owner[c]] * caption[c]), max(wrong))] if wrong else []
    return {way: each for way, each in (("i2t", i2t), ("t2i", t2i)) if each}


@pytest.mark.parametrize(
    ("images", "owner"),
    [(7, [0, 0, 1, 2, 3, 3, 3, 4, 5, 6]), (5, [4, 4, 1]), (2, [0, 0]), (1, [0, 0])],
)
def test_margins_are_those_of_every_pair(
    images: int, owner: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = embeddings(images, owner)
    monkeypatch.setattr(tile, "IMAGE_BLOCK", 2)
    monkeypatch.setattr(tile, "CAPTION_BLOCK", 3)
    found, slow = margins(scores_of(given)), slow_margins(given)
    assert list(found) == list(slow)
    for way, each in found.items():
        pairs = list(zip(each.right, each.wrong, strict=True))
        assert np.allclose(pairs, slow[way], rtol=1e-12)


def test_the_share_that_wins_is_recall_at_1() -> None:
    given = embeddings(30, [n % 30 for n in range(60)], seed=3)
    found, ranks = margins(scores_of(given)), rank(given)
    for way, hits in (("i2t", ranks.i2t), ("t2i", ranks.t2i)):
        assert found[way].won == pytest.approx(100 * np.mean(hits.best == 1))
        assert 0 < found[way].won < 100


def test_cosines_and_gap_are_those_of_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    given = embeddings(6, [0, 0, 2, 5, 5], seed=1)
    assert given.caption is not None
    assert given.owner is not None
    image, caption = given.image.value, given.caption.value
    one, two = (
        [row / sum(row**2) ** 0.5 for row in side.astype(float)] for side in (image, caption)
    )
    within = [[sum(a * b) for a, b in combinations(side, 2)] for side in (one, two)]
    pairs = [(i, c) for i in range(6) for c in range(5)]
    owned = [(int(i), c) for c, i in enumerate(given.owner)]
    found = cosines(image, caption, given.owner)
    assert np.allclose(found.image, within[0])
    assert np.allclose(found.caption, within[1])
    assert np.allclose(
        found.across, [sum(one[i] * two[c]) for i, c in pairs if (i, c) not in owned]
    )
    monkeypatch.setattr(modality, "AT_ONCE", 2)
    assert np.allclose(
        own_cosines(image, caption, given.owner), [sum(one[i] * two[c]) for i, c in owned]
    )
    gap = sum(one) / 6 - sum(two) / 5
    assert distance(image, caption) == pytest.approx(sum(gap**2) ** 0.5, rel=1e-12)
    assert len(cosines(image, caption, None).across) == 30
    assert distance(image, image) == 0


def test_a_vector_of_zeros_has_no_direction() -> None:
    some = np.array([[0, 0], [2, 0]], dtype=np.float32)
    assert cosines(some, some, None).across.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("shape", [(40, 7), (7, 40), (2, 3), (5, 1), (1, 4)])
def test_principal_components_are_those_of_a_singular_value_decomposition(
    shape: tuple[int, int],
) -> None:
    points = np.random.default_rng(2).normal(size=shape) * np.arange(1, shape[1] + 1)
    places, shares = principal(points)
    centred = points - points.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    many = min(2, len(lengths))
    slow = np.zeros((shape[0], 2))
    slow[:, :many] = (left * lengths)[:, :many]
    assert np.allclose(np.abs(places), np.abs(slow), atol=1e-6)
    whole = max(float((lengths**2).sum()), 1e-300)
    assert np.allclose(shares[:many], lengths[:many] ** 2 / whole, atol=1e-12)
    assert (places.max(axis=0) >= -places.min(axis=0) - 1e-9).all()
    assert np.allclose(principal(-points)[1], shares)


def test_the_curve_of_chance_is_the_exact_one_at_each_k() -> None:
    for right, gallery in (([1], 6), ([6], 6), ([5, 2, 2, 6], 6), ([5] * 9, 5000)):
        among = np.array([1, 2, 5, 6, 900, 5000][: 6 if gallery > 6 else 4])
        exact = [recall(np.array(right), gallery, k) for k in among.tolist()]
        assert np.allclose(recall_curve(np.array(right), gallery, among), exact, atol=1e-9)
