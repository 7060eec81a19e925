"""How close right and hardest wrong pairs are, against loops over every pair in float64."""

import numpy as np
import pytest
import torch

from core.predictions import Embeddings, Vectors
from evaluate import tile
from evaluate.protocols.retrieval import Options, judge
from evaluate.ranking import rank


def embeddings(images: int, owner: list[int], seed: int = 0) -> Embeddings:
    draw = np.random.default_rng(seed)
    sides = [draw.normal(size=(many, 5)).astype(np.float32) for many in (images, len(owner))]
    ids = ([f"{kind}{n}" for n in range(len(side))] for kind, side in zip("pc", sides, strict=True))
    image, caption = (Vectors(np.array(i), v) for i, v in zip(ids, sides, strict=True))
    return Embeddings(image, caption, np.array(owner))


def slow(given: Embeddings) -> dict[str, float]:
    assert given.caption is not None
    assert given.owner is not None
    image, caption = given.image.value.astype(float), given.caption.value.astype(float)
    right, of_image, of_caption = [], [], []
    for c, owner in enumerate(given.owner):
        right.append(sum(image[owner] * caption[c]))
        wrong = [sum(image[i] * caption[c]) for i in range(len(image)) if i != owner]
        of_caption += [max(wrong)] if wrong else []
    for i in range(len(image)):
        wrong = [sum(image[i] * caption[c]) for c, o in enumerate(given.owner) if o != i]
        of_image += [max(wrong)] if wrong and i in given.owner else []
    told = {"positive": float(np.mean(right))}
    ways = [float(np.mean(each)) for each in (of_image, of_caption) if each]
    return told | ({"negative": float(np.mean(ways))} if ways else {})


@pytest.mark.parametrize(
    ("images", "owner"),
    [
        (7, [0, 0, 1, 2, 3, 3, 3, 4, 5, 6]),
        (5, [4, 4, 1]),  # pictures without captions ask nothing, and are wrong candidates
        (2, [0, 0]),
        (1, [0]),  # nothing is wrong
        (1, [0, 0, 0]),
    ],
)
def test_it_is_the_mean_over_every_pair(
    images: int, owner: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = embeddings(images, owner)
    whole = rank(given).closeness
    assert whole == pytest.approx(slow(given), rel=1e-12)
    monkeypatch.setattr(tile, "IMAGE_BLOCK", 2)
    monkeypatch.setattr(tile, "CAPTION_BLOCK", 3)
    assert rank(given).closeness == pytest.approx(whole, rel=1e-12)


def test_a_collapsed_model_has_the_same_in_both() -> None:
    one = np.full((4, 3), 3**-0.5, dtype=np.float32)
    ids = np.array(["a", "b", "c", "d"])
    told = rank(Embeddings(Vectors(ids, one), Vectors(ids, one), np.arange(4))).closeness
    assert told["positive"] == pytest.approx(1.0, abs=1e-6)
    assert told["negative"] == told["positive"]


def test_it_is_of_the_log_of_a_training_and_in_no_report() -> None:
    report = judge(embeddings(4, [0, 1, 2, 3]), Options(), device=torch.device("cpu"))
    assert {"similarity_positive", "similarity_negative"} <= report.scores().keys()
    assert "similarity" not in str(report.facts)
