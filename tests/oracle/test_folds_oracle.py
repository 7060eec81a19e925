"""The folds of evaluate/protocols/folds.py against loops as the public evaluation has them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.ensemble import Ensemble
from core.predictions import Embeddings, Vectors
from core.similarities.matrix import Similarity
from evaluate.judge import judge
from evaluate.measured import SIZES

Numbers = npt.NDArray[Any]
IMAGES, FOLD, EACH = 60, 12, 5
KINDS = ("inner", "order", "hamming")


def embeddings(kind: str, seed: int = 0, each: int | None = EACH) -> Embeddings:
    """Images with ``each`` captions near them, or 1 to 7; rows are in no order."""
    draw = np.random.default_rng(seed)
    row = draw.permutation(IMAGES)
    many = np.full(IMAGES, each) if each else 1 + row % 7
    image = draw.standard_normal((IMAGES, 16))[row]
    owner = np.repeat(np.arange(IMAGES), many)
    caption = image[owner] + 2 * draw.standard_normal((len(owner), 16))
    ids = np.array([f"picture {n:02}" for n in row])
    place = np.concatenate([np.arange(count) for count in many])
    told = np.array([f"{ids[o]}#{k}" for o, k in zip(owner, place, strict=True)])
    sides = [
        np.packbits(side > 0, axis=1) if kind == "hamming" else side.astype(np.float32)
        for side in (image, caption)
    ]
    return Embeddings(Vectors(ids, sides[0]), Vectors(told, sides[1]), owner, similarity=kind)


def scores(given: Embeddings) -> Numbers:
    """(images, captions) float64, from all differences at once."""
    assert given.caption is not None
    image, caption = given.image.value.astype(float), given.caption.value.astype(float)
    if given.similarity == "inner":
        return image @ caption.T
    return -np.linalg.norm(np.maximum(caption[None] - image[:, None], 0), axis=2)


def loops(similar: Numbers, each: int) -> dict[str, float]:
    """What the public code reports of images with ``each`` captions, that follow one another."""
    to_text = [
        min(int(np.flatnonzero(np.argsort(line)[::-1] == each * i + k)[0]) for k in range(each))
        for i, line in enumerate(similar)
    ]
    to_image = [
        int(np.flatnonzero(np.argsort(line)[::-1] == c // each)[0])
        for c, line in enumerate(similar.T)
    ]
    told = {}
    for way, place in (("i2t", np.array(to_text)), ("t2i", np.array(to_image))):
        told |= {f"{way}_r{k}": 100 * float((place < k).mean()) for k in (1, 5, 10)}
        told[f"{way}_median_rank"] = float(np.floor(np.median(place)) + 1)
        told[f"{way}_mean_rank"] = float(place.mean()) + 1
    return told


def flat(facts: dict[str, Any]) -> dict[str, float]:
    told = {way: facts[way] for way in ("i2t", "t2i")}
    return {f"{w}_{k}": v for w, way in told.items() for k, v in way.items() if k not in SIZES}


@pytest.mark.parametrize("kind", ["inner", "order"])
def test_the_folds_are_those_of_the_public_loops(kind: str) -> None:
    given = embeddings(kind)
    report = judge(given, {"fold": FOLD}, protocol="folds")
    assert given.caption is not None
    order = np.argsort(given.image.id)
    captions = np.argsort(given.caption.id)
    similar = scores(given)[order][:, captions]
    told = [
        loops(
            similar[start : start + FOLD, EACH * start : EACH * (start + FOLD)],
            EACH,
        )
        for start in range(0, IMAGES, FOLD)
    ]
    expected = {key: float(np.mean([fold[key] for fold in told])) for key in told[0]}
    folds = report.facts["folds"]
    assert flat(folds["mean"]) == pytest.approx(expected, abs=1e-12)
    for each, by_loops in zip(folds["each"], told, strict=True):
        assert flat(each) == pytest.approx(by_loops, abs=1e-12)
    assert flat(report.facts) == pytest.approx(loops(similar, EACH))
    assert 1.5 < expected["t2i_mean_rank"] < FOLD / 2
    six = [value for key, value in expected.items() if key[4] == "r"]
    assert folds["mean"]["rsum"] == pytest.approx(sum(six))


def taken(given: Embeddings, ids: list[str]) -> Embeddings:
    """The images of these ids alone, with their captions, in the order of the ids."""
    assert given.caption is not None
    assert given.owner is not None
    rows = [int(np.flatnonzero(given.image.id == i)[0]) for i in ids]
    captions = [c for row in rows for c in np.flatnonzero(given.owner == row)]
    owner = np.array([rows.index(int(given.owner[c])) for c in captions])
    return Embeddings(
        Vectors(given.image.id[rows], given.image.value[rows]),
        Vectors(given.caption.id[captions], given.caption.value[captions]),
        owner,
        similarity=given.similarity,
    )


def numbers(facts: dict[str, Any], name: str = "") -> dict[str, float]:
    """All numbers of facts within facts, by the names that lead to them."""
    told = {}
    for key, value in facts.items():
        here = f"{name}.{key}"
        told |= numbers(value, here) if isinstance(value, dict) else {here: value}
    return told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("models", [1, 2])
def test_a_fold_is_what_its_images_alone_are(kind: str, models: int) -> None:
    """Captions are 1 to 7 an image; codes of 16 bits tie all the time."""
    each = [embeddings(kind, each=None), embeddings("inner", seed=1, each=None)][:models]
    measures = {"measures": ["recall", "average_precision", "mean_rank"], "ties": True}
    ids = sorted(each[0].image.id.tolist())
    told = judge(_joined(each), {"fold": 25, **measures}, protocol="folds").facts["folds"]
    assert (told["many"], told["left_out"]) == (2, 10)
    for number, fold in enumerate(told["each"]):
        alone = [taken(one, ids[25 * number : 25 * (number + 1)]) for one in each]
        facts = judge(_joined(alone), measures).facts
        # Sums of the same numbers, in another order.
        for key, value in numbers(fold).items():
            assert value == pytest.approx(numbers(facts)[key], rel=1e-12), key


def test_the_folds_of_a_stored_matrix_are_those_of_its_vectors() -> None:
    given = embeddings("order", each=None)
    assert given.caption is not None
    assert given.owner is not None
    stored = Similarity(scores(given), given.image.id, given.caption.id, given.owner)
    told, expected = (judge(each, {"fold": FOLD}, protocol="folds") for each in (stored, given))
    assert numbers(told.facts["folds"]["mean"]) == numbers(expected.facts["folds"]["mean"])
    assert told.score == expected.score


def _joined(each: list[Embeddings]) -> Embeddings | Ensemble:
    return each[0] if len(each) == 1 else Ensemble.of({str(n): e for n, e in enumerate(each)})
