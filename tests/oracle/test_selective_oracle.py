"""Selective retrieval against its definition: every order of the queries that may be refused."""

import math
from itertools import permutations
from statistics import mean, pstdev

import numpy as np
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.selective import ANSWERED, confidence, selective


def by_orders(precision: list[float], sure: list[float]) -> list[float]:
    """For each number of answers their mean precision, the mean over all orders that are alike."""
    orders = [
        order
        for order in permutations(range(len(sure)))
        if all(sure[a] >= sure[b] for a, b in zip(order, order[1:], strict=False))
    ]
    return [
        mean(mean(precision[row] for row in order[:many]) for order in orders)
        for many in range(1, len(sure) + 1)
    ]


@pytest.mark.parametrize("seed", range(30))
def test_shares_and_areas_are_those_of_every_order(seed: int) -> None:
    draw = np.random.default_rng(seed)
    many = int(draw.integers(1, 7))
    precision = draw.integers(0, 4, many) * 25.0
    sure = draw.integers(0, 3, many) / 3
    told = selective(precision, sure)
    means = by_orders(precision.tolist(), sure.tolist())
    at = [max(1, math.ceil(many * share / 100)) for share in ANSWERED]
    assert told.map.tolist() == pytest.approx([means[answers - 1] for answers in at])
    assert told.area == pytest.approx(mean(means))
    assert told.random == pytest.approx(mean(precision.tolist()))
    assert told.perfect == pytest.approx(mean(by_orders(precision.tolist(), precision.tolist())))
    assert told.perfect >= told.area - 1e-9


def test_the_confidence_is_the_deviation_of_the_candidates_that_are_there() -> None:
    draw = np.random.default_rng(1)
    values = draw.normal(3, 2, (6, 9))
    values[[0, 2], [4, 8]] = -np.inf
    slow = [pstdev([each for each in row if each > -math.inf]) for row in values.tolist()]
    assert confidence(values).tolist() == pytest.approx(slow, rel=1e-12)


def test_what_rounding_alone_tells_apart_is_one_confidence() -> None:
    precision = np.array([100.0, 0.0, 40.0])
    exact = selective(precision, np.array([0.3, 0.3, 0.1]))
    near = selective(precision, np.array([0.1 + 0.2, 0.3, 0.1]))
    assert near.map.tolist() == exact.map.tolist() == [*[140 / 3] * 7, *[50.0] * 13]


@pytest.mark.parametrize("seed", range(5))
def test_a_report_is_the_loop_over_its_cosines(seed: int) -> None:
    draw = np.random.default_rng(seed)
    label = np.eye(3, dtype=np.bool_)[[0, 1, 2, 0, 1, 2]]
    value = draw.normal(size=(2, 6, 4)).astype(np.float32)
    image, caption = (
        Vectors(np.array([f"{kind}{n}" for n in range(6)]), each, label)
        for kind, each in zip("ic", value, strict=True)
    )
    report = judge(Embeddings(image, caption), protocol="labels")
    unit = [v.astype(float) / np.linalg.norm(v.astype(float), axis=1)[:, None] for v in value]
    for way, asks, answers in (("i2t", 0, 1), ("t2i", 1, 0), ("i2i", 0, 0)):
        sure = []
        for row in range(6):
            others = [other for other in range(6) if asks != answers or other != row]
            sure.append(pstdev([float(unit[asks][row] @ unit[answers][o]) for o in others]))
        kept = {each.way: each for each in report.queries()}[way].values["map"]
        means = by_orders(kept.tolist(), sure)
        told = report.facts["selective"]
        assert told[way]["area"] == pytest.approx(mean(means))
        assert told[way]["map"][told["answered"].index(50)] == pytest.approx(means[2])
