"""Ranks from products in float32 against the stated rule on a whole matrix in float64."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from test_ranks_oracle import Case, joined, toss

from evaluate import standing
from evaluate.ranking import Ranks, rank
from evaluate.scores.face import Band
from evaluate.scores.inner import Inner
from evaluate.tile import Tile

UNIT = 2.0**-53
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """Places by the rule of docs/protocols.md, from every score in float64 at once."""

    i2t: list[int]
    t2i: list[int]
    tied_queries: int


def by_the_rule(given: Case) -> Rule:
    image, caption = given.image.astype(float), given.caption.astype(float)
    scores, width = image @ caption.T, image.shape[1]
    a, b = (np.linalg.norm(side, axis=1) for side in (image, caption))
    captions, images = (np.argsort(np.argsort(toss(i))) for i in (given.caption_id, given.image_id))
    ways = [
        [
            placed(scores[i], 2 * width * UNIT * a[i] * b.max(), captions, given.owner == i)
            for i in range(len(image))
            if (given.owner == i).any()
        ],
        [
            placed(
                scores[:, c],
                2 * width * UNIT * b[c] * a.max(),
                images,
                np.arange(len(image)) == given.owner[c],
            )
            for c in range(len(caption))
        ],
    ]
    tied = sum(tie for way in ways for _, tie in way)
    i2t, t2i = ([place for place, _ in way] for way in ways)
    return Rule(i2t, t2i, tied)


def placed(
    line: Floats, slack: float, order: npt.NDArray[np.int64], right: npt.NDArray[np.bool_]
) -> tuple[int, bool]:
    """The rank of the best-placed right answer, and whether a wrong one ties with it."""
    score = line[right].max()
    answer = min(order[right & (line >= score - slack)])
    gap = line[~right] - score
    level = abs(gap) <= slack
    earlier = (gap > slack) | (level & (order[~right] < answer))
    return 1 + int(earlier.sum()), bool(level.any())


def assert_as_the_rule_says(given: Case, ours: Ranks) -> None:
    expected = by_the_rule(given)
    assert ours.i2t.best.tolist() == expected.i2t
    assert ours.t2i.best.tolist() == expected.t2i
    assert ours.tied_queries == expected.tied_queries


def crowded(draw: np.random.Generator, images: int, many: int, width: int) -> tuple[Floats, Floats]:
    """Vectors around one direction: scores so close that float32 tells few of them apart."""
    around = draw.standard_normal(width)
    return (
        around + 1e-6 * draw.standard_normal((images, width)),
        around + 1e-6 * draw.standard_normal((many, width)),
    )


def drawn(kind: str, seed: int) -> Case:
    draw = np.random.default_rng([seed, *kind.encode()])
    images, width = int(draw.integers(2, 40)), int(draw.integers(1, 200))
    owner = draw.permutation(np.repeat(np.arange(images), draw.integers(0, 5, images)))
    owner = owner if len(owner) else np.array([0])
    image, caption = (draw.standard_normal((n, width)) for n in (images, len(owner)))
    if kind == "crowded":
        image, caption = crowded(draw, images, len(owner), width)
    if kind == "duplicated":
        image, caption = (
            side[draw.integers(0, 1 + len(side) // 3, len(side))] for side in (image, caption)
        )
    if kind == "collapsed":
        image, caption = np.repeat(image[:1], images, 0), np.repeat(image[:1], len(owner), 0)
    if kind == "huge":
        image, caption = image * 1e37, caption * 1e37
    if kind == "tiny":
        image, caption = image * 1e-20, caption * 1e-22
    if kind == "subnormal":
        image, caption = image * 1e-41, caption
    if kind == "of all sizes":
        image, caption = (
            side * 10.0 ** draw.integers(-18, 18, (len(side), 1)) for side in (image, caption)
        )
    return joined(image, caption, owner)


KINDS = ["any", "crowded", "duplicated", "collapsed", "huge", "tiny", "subnormal", "of all sizes"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_rank_is_that_of_float64(kind: str) -> None:
    for seed in range(40):
        given = drawn(kind, seed)
        assert_as_the_rule_says(given, given.rank())


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was scored again: a pair at a time, or a whole tile."""
    told, at, exact = [], Tile.at, Inner.exact

    def at_told(self: Tile, row: npt.NDArray[np.int64], column: npt.NDArray[np.int64]) -> Floats:
        if self.doubt is not None:
            told.append("pairs")
        return at(self, row, column)

    def exact_told(self: Inner, images: npt.NDArray[np.int64], captions: slice) -> Floats:
        told.append("tile")
        return exact(self, images, captions)

    monkeypatch.setattr(Tile, "at", at_told)
    monkeypatch.setattr(Inner, "exact", exact_told)
    return told


def large(kind: str) -> Case:
    draw = np.random.default_rng(5)
    owner = draw.permutation(np.repeat(np.arange(150), 3))
    image = draw.standard_normal((150, 512))
    caption = image[owner] + 10 * draw.standard_normal((len(owner), 512))
    if kind == "crowded":
        image, caption = crowded(draw, 150, 450, 512)
    return joined(image, caption, owner)


@pytest.mark.parametrize(("kind", "how"), [("any", {"pairs"}), ("crowded", {"tile"})])
def test_few_pairs_are_scored_again_or_a_whole_tile(
    looked_at: list[str], kind: str, how: set[str]
) -> None:
    given = large(kind)
    ours = given.rank()
    assert set(looked_at) == how
    assert_as_the_rule_says(given, ours)


def test_float32_alone_gives_other_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases are of no use if what is near never mattered."""
    given = large("crowded")
    monkeypatch.setattr(Inner, "doubt", lambda self: Band(np.zeros(150), np.zeros(450)))
    monkeypatch.setattr(standing, "SHARE", 1)
    ours, expected = given.rank(), by_the_rule(given)
    assert ours.t2i.best.tolist() != expected.t2i
    assert ours.i2t.best.tolist() != expected.i2t


@pytest.mark.parametrize("kind", [*KINDS, "alike"])
def test_a_product_in_float32_is_as_near_as_it_is_said_to_be(kind: str) -> None:
    draw = np.random.default_rng(6)
    for seed in range(20):
        given = drawn(kind, seed)
        if kind == "alike":  # all products of one sign: rounding adds up
            given = joined(*(1 + 1e-3 * draw.random((9, 3000)) for _ in range(2)), np.arange(9))
        scores = Inner(given.embeddings())
        every = slice(0, len(given.image)), slice(0, len(given.caption))
        away = abs(scores.block(*every) - scores.exact(np.arange(len(given.image)), every[1]))
        doubt = scores.doubt()
        assert doubt is not None or (away == 0).all()
        if doubt is not None:
            assert (away <= doubt.image[:, None]).all()
            assert (away <= doubt.caption).all()


@pytest.fixture(params=["high", "medium", "tf32 of all", "bf16 of the CPU", "tf32 of GPUs"])
def fewer_bits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each way in which torch may be told to multiply with fewer bits."""
    kind, _, where = request.param.partition(" of ")
    sides: dict[str, Any] = {
        "all": torch.backends,
        "the CPU": torch.backends.mkldnn.matmul,  # type: ignore[attr-defined]
        "GPUs": torch.backends.cuda.matmul,
    }
    before = {name: side.fp32_precision for name, side in sides.items()}
    if where:
        sides[where].fp32_precision = kind
    else:
        torch.set_float32_matmul_precision(kind)
    yield
    for name, side in sides.items():
        side.fp32_precision = before[name]


@pytest.mark.usefixtures("fewer_bits")
def test_products_of_fewer_bits_are_not_trusted() -> None:
    given = large("crowded")
    assert Inner(given.embeddings()).doubt() is None
    assert_as_the_rule_says(given, given.rank())


def test_products_of_all_bits_are_trusted() -> None:
    assert Inner(large("any").embeddings()).doubt() is not None


def test_single_pairs_have_the_scores_of_the_whole() -> None:
    given = large("any")
    for similarity in ("inner", "order"):
        embeddings = replace(given.embeddings(), similarity=similarity)
        assert rank(embeddings).closeness["positive"] == pytest.approx(
            float(np.mean([slowly(similarity, given, c) for c in range(len(given.caption))])),
            rel=1e-13,
        )


def slowly(similarity: str, given: Case, caption: int) -> float:
    pairs = zip(
        given.image[given.owner[caption]].tolist(), given.caption[caption].tolist(), strict=True
    )
    if similarity == "inner":
        return sum(i * c for i, c in pairs)
    return float(-np.sqrt(sum(max(0.0, c - i) ** 2 for i, c in pairs)))
