"""The report: its keys, its sums, its table."""

import json
import math

import numpy as np
import pytest

from core.embeddings import Embeddings
from evaluate.report import report, table

DIRECTION = {"queries", "r1", "r5", "r10", "median_rank", "mean_rank"}


@pytest.fixture
def given() -> Embeddings:
    """Three images, four captions; the last image has none and stands in the gallery."""
    return Embeddings(
        image_id=np.array(["a", "b", "c"]),
        image_vector=np.eye(3, dtype=np.float32),
        caption_id=np.array(["a0", "a1", "b0", "b1"]),
        caption_vector=np.array([[3, 0, 0], [0, 2, 1], [0, 3, 0], [0, 0, 1]], dtype=np.float32),
        owner=np.array([0, 0, 1, 1]),
    )


def test_keys_are_those_that_scripts_depend_on(given: Embeddings) -> None:
    facts = report(given, "val")
    assert list(facts) == [
        "split",
        "images",
        "captions",
        "protocol",
        "i2t",
        "t2i",
        "rsum",
        "tied_queries",
    ]
    assert set(facts["i2t"]) == set(facts["t2i"]) == DIRECTION


def test_values_of_a_small_example(given: Embeddings) -> None:
    """t2i ranks: a0 1; a1 scores 0, 2, 1: 3; b0 1; b1 scores 0, 0, 1: behind c, tied with a."""
    facts = report(given, "val")
    assert (facts["split"], facts["images"], facts["captions"]) == ("val", 3, 4)
    assert facts["i2t"] == {
        "queries": 2,
        "r1": 100.0,
        "r5": 100.0,
        "r10": 100.0,
        "median_rank": 1.0,
        "mean_rank": 1.0,
    }
    t2i = facts["t2i"]
    assert (t2i["queries"], t2i["r1"], t2i["r5"]) == (4, 50.0, 100.0)
    assert facts["rsum"] == pytest.approx(300 + 250)
    assert facts["tied_queries"] == 1


def test_it_survives_json_without_special_numbers(given: Embeddings) -> None:
    facts = report(given, "test")
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_rsum_is_the_sum_of_the_six_recalls() -> None:
    draw = np.random.default_rng(0)
    owner = np.repeat(np.arange(40), 3)
    facts = report(
        Embeddings(
            image_id=np.array([f"i{i}" for i in range(40)]),
            image_vector=draw.standard_normal((40, 8)).astype(np.float32),
            caption_id=np.array([f"c{c}" for c in range(120)]),
            caption_vector=draw.standard_normal((120, 8)).astype(np.float32),
            owner=owner,
        ),
        "test",
    )
    six = [facts[way][key] for way in ("i2t", "t2i") for key in ("r1", "r5", "r10")]
    assert 0 < facts["rsum"] < 600
    assert math.isclose(facts["rsum"], sum(six))
    assert facts["i2t"]["r1"] <= facts["i2t"]["r5"] <= facts["i2t"]["r10"]


def test_table(given: Embeddings) -> None:
    facts = report(given, "val")
    facts["t2i"]["mean_rank"] = 12.34
    assert table(facts).splitlines() == [
        "val: 3 images, 4 captions",
        "                    R@1    R@5   R@10  median    mean",
        "image to text     100.0  100.0  100.0       1     1.0",
        "text to image      50.0  100.0  100.0       1    12.3",
        "rsum 550.0, tied queries: 1",
    ]


def test_table_of_a_run_without_ties_says_nothing_of_them(given: Embeddings) -> None:
    facts = report(given, "val") | {"tied_queries": 0}
    assert table(facts).splitlines()[-1] == "rsum 550.0"
