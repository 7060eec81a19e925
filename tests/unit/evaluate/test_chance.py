"""What a blind guess reaches, against all orders of a small gallery."""

from itertools import permutations

import numpy as np
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.chance import average_precision, recall
from evaluate.judge import judge


def by_brute_force(right: list[int], gallery: int, k: int) -> float:
    """Over all queries and orders: how often a right answer is among the first K.

    The candidates 0 to R - 1 are right.
    """
    orders = list(permutations(range(gallery)))
    return float(100 * np.mean([[min(o[:k]) < count for o in orders] for count in right]))


@pytest.mark.parametrize("k", [1, 2, 3, 5, 6, 9])
@pytest.mark.parametrize("right", [[1], [2], [6], [1, 1, 3], [5, 2, 2, 6]])
def test_it_is_what_all_orders_give(right: list[int], k: int) -> None:
    assert recall(np.array(right), 6, k) == pytest.approx(by_brute_force(right, 6, k), abs=1e-9)


@pytest.mark.parametrize("right", [[1], [2], [6], [1, 1, 3], [5, 2, 2, 6]])
def test_the_average_precision_is_what_all_orders_give(right: list[int]) -> None:
    """The candidates 0 to R - 1 are right; places count from 1."""
    values = [
        np.mean([number / place for number, place in enumerate(sorted(order[:count]), start=1)])
        for count in right
        for order in permutations(range(1, 7))
    ]
    found = average_precision(np.array(right), 6)
    assert found == pytest.approx(100 * np.mean(values), abs=1e-9)
    assert average_precision(np.array([1]), 1) == 100


def test_it_is_exactly_100_where_no_order_can_miss() -> None:
    assert recall(np.array([3, 4]), 5, 3) == 100
    assert recall(np.array([3, 2]), 5, 3) < 100
    assert recall(np.array([5000]), 5000, 1) == 100


def test_a_large_gallery_costs_nothing() -> None:
    right = np.full(100_000, 5)
    assert recall(right, 500_000, 1) == pytest.approx(0.001)
    assert 0.0099 < recall(right, 500_000, 10) < 0.01


def drawn(images: int, each: int) -> Embeddings:
    draw = np.random.default_rng(0)
    owner = np.repeat(np.arange(images), each)
    image, caption = (
        Vectors(
            np.array([f"{name}{n}" for n in range(count)]),
            draw.standard_normal((count, 8)).astype(np.float32),
        )
        for name, count in (("i", images), ("c", images * each))
    )
    return Embeddings(image, caption, owner)


def test_the_report_has_it_both_ways_beside_the_galleries() -> None:
    report = judge(drawn(40, 5))
    facts = report.facts
    assert (facts["i2t"]["queries"], facts["i2t"]["gallery"]) == (40, 200)
    assert (facts["t2i"]["queries"], facts["t2i"]["gallery"]) == (200, 40)
    assert facts["chance"]["t2i"] == {"r1": 2.5, "r5": 12.5, "r10": 25.0}
    missed = np.prod([(195 - drawn) / (200 - drawn) for drawn in range(5)])
    assert facts["chance"]["i2t"]["r1"] == 2.5
    assert facts["chance"]["i2t"]["r5"] == pytest.approx(100 * (1 - missed))
    assert report.chance() == "chance R@1 2.5 / 2.5"
    assert report.notes() == []


def test_the_recalls_that_are_asked_for_have_it() -> None:
    asked = {"measures": ["recall"], "options": {"recall": {"k": [2, 50]}}}
    assert set(judge(drawn(8, 2), asked).facts["chance"]["i2t"]) == {"r1", "r2", "r50"}
    other = judge(drawn(8, 2), {"measures": ["mean_rank"]})
    assert set(other.facts["chance"]["i2t"]) == {"r1", "r5", "r10"}


def test_a_gallery_of_one_picture_is_said_to_say_nothing() -> None:
    report = judge(drawn(1, 5))
    assert report.facts["chance"]["i2t"]["r1"] == report.facts["chance"]["t2i"]["r1"] == 100
    i2t, t2i = report.notes()
    assert i2t.startswith("image to text: R@1, R@5, R@10 of a blind guess is 100 in a gallery of 5")
    assert t2i.startswith("text to image: R@1, R@5, R@10 of a blind guess is 100 in a gallery of 1")


def test_a_gallery_of_ten_pictures_has_no_r10() -> None:
    (note,) = judge(drawn(10, 2)).notes()
    assert note.startswith("text to image: R@10 of a blind guess is 100 in a gallery of 10")


def test_a_collapsed_model_scores_about_chance() -> None:
    same = Vectors(np.array([f"i{n}" for n in range(400)]), np.ones((400, 3), np.float32))
    captions = Vectors(np.array([f"c{n}" for n in range(800)]), np.ones((800, 3), np.float32))
    facts = judge(Embeddings(same, captions, np.repeat(np.arange(400), 2))).facts
    assert facts["t2i"]["r10"] == pytest.approx(facts["chance"]["t2i"]["r10"], abs=1e-9)
    assert abs(facts["i2t"]["r10"] - facts["chance"]["i2t"]["r10"]) < 2.5
