"""The figures of a run with the gallery's bias: a space without it, scores as they are ranked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from core.predictions import Embeddings
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.margins import margins
from evaluate.scores.named import scores_of
from pipeline.plots import manifold
from pipeline.plots.closest import BIASED
from pipeline.plots.drawn import Drawn
from pipeline.plots.report import BARE, figures
from tests.unit.pipeline.test_report_plots import PICTURES, space
from train.gallery.bias import Bank, Gallery

Figures = Mapping[str, Drawn]
POINTS: list[np.ndarray[Any, Any]] = []


def place(points: np.ndarray[Any, Any]) -> Any:
    POINTS.append(points)
    return points[:, :2]


def facts(bare: Embeddings, biased: Embeddings, strength: float) -> dict[str, Any]:
    report = Galleried.of(judge(biased), judge(bare), "so", chosen=strength > 0)
    return {**report.facts, "gallery": {"strength": strength}}


def extended(strength: float) -> Embeddings:
    draws = torch.Generator().manual_seed(1)
    image, caption = (torch.randn(many, 16, generator=draws) for many in (5, 9))
    return Gallery(Bank(image, caption), strength, 1.5).extend(space())


def drawn(strength: float) -> Figures:
    biased = extended(strength)
    report = facts(space(), biased, strength)
    found = figures(
        biased, report, judge(biased).queries(), None, lambda: margins(scores_of(biased))
    )
    return {each.id: each for each in found}


@pytest.fixture(scope="module")
def found() -> Figures:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifold, "LEAST", 20)
        patched.setattr(manifold, "METHODS", {"t-SNE": ("json", place)})
        return drawn(0.9)


def sides() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Unit pictures, unit captions and owners, float64, of the vectors without the bias."""
    bare = space()
    assert bare.caption is not None
    assert bare.owner is not None
    one, two = (side.value.astype(np.float64) for side in (bare.image, bare.caption))
    length = (np.sqrt((each**2).sum(axis=1))[:, None] for each in (one, two))
    wide, high = length
    return one / wide, two / high, bare.owner


def test_the_gap_is_that_of_the_model_s_own_vectors(found: Figures) -> None:
    one, two, owner = sides()
    apart = np.sqrt(((one.mean(axis=0) - two.mean(axis=0)) ** 2).sum())
    assert found["gap"].title == f"Modality gap: {apart:.3f}"
    pairs = [float(one[a] @ one[b]) for a in range(PICTURES) for b in range(a)]
    own = [float(one[owner[c]] @ two[c]) for c in range(2 * PICTURES)]
    assert f"two pictures {np.mean(pairs):.3f}," in found["gap"].alt
    assert f"a picture and its own caption {np.mean(own):.3f}." in found["gap"].alt


def test_the_projections_are_of_the_model_s_own_vectors(found: Figures) -> None:
    one, two, owner = sides()
    (points,) = POINTS
    assert points.shape == (2 * PICTURES, 16)
    np.testing.assert_allclose(points[:PICTURES], one, atol=1e-7)
    rows = [int(np.abs(two - point).sum(axis=1).argmin()) for point in points[PICTURES:]]
    np.testing.assert_allclose(points[PICTURES:], two[rows], atol=1e-7)
    assert owner[rows].tolist() == [*range(PICTURES)]
    bare = space()
    assert bare.caption is not None
    both = np.concatenate([bare.image.value, bare.caption.value[rows]]).astype(np.float64)
    spread = np.linalg.svd(both - both.mean(axis=0), compute_uv=False) ** 2
    first, second = 100 * spread[:2] / spread.sum()
    assert f"explain {first:.1f} % and {second:.1f} % of" in found["pca"].alt


def test_each_picture_of_the_space_says_so(found: Figures) -> None:
    for name in ("pca", "t-sne", "gap"):
        assert BARE in found[name].note
    judged = judge(space())
    for each in figures(
        space(), judged.facts, judged.queries(), None, lambda: margins(scores_of(space()))
    ):
        assert BARE not in each.note


def test_the_similarities_are_those_that_the_report_ranks_by(found: Figures) -> None:
    biased = extended(0.9)
    assert biased.caption is not None
    assert biased.owner is not None
    one, two = (side.value.astype(np.float64) for side in (biased.image, biased.caption))
    scores = one[:, :16] @ two[:, :16].T + one[:, 16:17] + two[:, 17]
    right = np.arange(PICTURES)[:, None] == biased.owner
    best, wrong = np.where(right, scores, -np.inf), np.where(right, -np.inf, scores)
    for name, axis in (("image to text", 1), ("text to image", 0)):
        means = best.max(axis=axis).mean(), wrong.max(axis=axis).mean()
        told = f"{name}: right {means[0]:.3f}, closest wrong {means[1]:.3f} in the mean"
        assert told in found["closest"].alt
    assert found["closest"].note.endswith(BIASED)


def test_a_bias_that_was_not_chosen_is_in_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert BIASED not in drawn(0.0)["closest"].note
    assert capsys.readouterr().err == ""
