"""The protocol of retrieval: its keys, its sums, its table."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import InputError, SettingError
from core.predictions import Decoding, Embeddings, Vectors
from evaluate.judge import judge
from evaluate.measured import SIZES

WAYS = ("i2t", "t2i")
DIRECTION = {"queries", "gallery", "positives", "r1", "r5", "r10", "median_rank", "mean_rank"}


@pytest.fixture
def given() -> Embeddings:
    """Three images, four captions; the last image has none and stands in the gallery."""
    caption = np.array([[3, 0, 0], [0, 2, 1], [0, 3, 0], [0, 0, 1]], dtype=np.float32)
    return Embeddings(
        image=Vectors(np.array(["a", "b", "c"]), np.eye(3, dtype=np.float32)),
        caption=Vectors(np.array(["a0", "a1", "b0", "b1"]), caption),
        owner=np.array([0, 0, 1, 1]),
    )


def test_keys_are_those_that_scripts_depend_on(given: Embeddings) -> None:
    facts = judge(given).facts
    assert list(facts) == [
        "images",
        "captions",
        "protocol",
        "protocol_name",
        "i2t",
        "t2i",
        "rsum",
        "tied_queries",
        "chance",
    ]
    assert set(facts["i2t"]) == set(facts["t2i"]) == DIRECTION


def test_values_of_a_small_example(given: Embeddings) -> None:
    """t2i ranks: a0 1; a1 scores 0, 2, 1: 3; b0 1; b1 scores 0, 0, 1: behind c, tied with a."""
    facts = judge(given).facts
    assert (facts["images"], facts["captions"]) == (3, 4)
    assert facts["i2t"] == {
        "queries": 2,
        "gallery": 4,
        "positives": 2.0,
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
    facts = judge(given).facts
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_rsum_is_the_sum_of_the_six_recalls() -> None:
    draw = np.random.default_rng(0)
    owner = np.repeat(np.arange(40), 3)
    image, caption = (draw.standard_normal((n, 8)).astype(np.float32) for n in (40, 120))
    facts = judge(
        Embeddings(
            image=Vectors(np.array([f"i{i}" for i in range(40)]), image),
            caption=Vectors(np.array([f"c{c}" for c in range(120)]), caption),
            owner=owner,
        )
    ).facts
    six = [facts[way][key] for way in ("i2t", "t2i") for key in ("r1", "r5", "r10")]
    assert 0 < facts["rsum"] < 600
    assert math.isclose(facts["rsum"], sum(six))
    assert facts["i2t"]["r1"] <= facts["i2t"]["r5"] <= facts["i2t"]["r10"]


def test_scores_are_what_a_training_log_holds(given: Embeddings) -> None:
    report = judge(given)
    i2t, t2i = ({f"{way}_r{k}": report.facts[way][f"r{k}"] for k in (1, 5, 10)} for way in WAYS)
    # Right: 3, 0, 3, 0. Hardest wrong: of a 0 (b0, b1), of b 2 (a1), of a0 0, a1 2, b0 0, b1 1 (c).
    close = {
        "similarity_positive": (3 + 0 + 3 + 0) / 4,
        "similarity_negative": ((0 + 2) / 2 + (0 + 2 + 0 + 1) / 4) / 2,
    }
    assert report.scores() == {"score": 550.0, "rsum": 550.0, **i2t, **t2i, **close}
    assert report.score == 550.0
    assert report.headline() == "rsum 550.0 (R@1 100.0 and 50.0)"


def test_other_measures_are_reported_and_logged_on_request(given: Embeddings) -> None:
    """t2i ranks: 1, 3, 1, 2 (b before a by their digests)."""
    report = judge(given, {"measures": ["average_precision", "mean_rank"]})
    assert set(report.facts["i2t"]) == {*SIZES, "map", "mean_rank"}
    assert report.score == judge(given).score
    values = {way: report.facts[way]["map"] for way in WAYS}
    assert values["t2i"] == pytest.approx(100 * (1 + 1 / 3 + 1 + 1 / 2) / 4)
    extra = report.scores().keys() - judge(given).scores().keys()
    assert extra == {"i2t_map", "t2i_map"}
    assert report.table("test").splitlines()[1] == "                    map    mean"


def test_a_curve_stands_under_the_table_and_its_mean_in_it(given: Embeddings) -> None:
    """i2t: each of the two that ask has a caption of its own first, with the highest score."""
    options = {"precision_recall": {"levels": [0, 100]}}
    report = judge(given, {"measures": ["precision_recall"], "options": options})
    curve = {"precision_at_recall_0", "precision_at_recall_100"}
    assert set(report.facts["i2t"]) == {*SIZES, "iap", *curve}
    head, titles, *_, level, last = report.table("test").splitlines()
    assert (head, titles.split()) == ("test: 3 images, 4 captions", ["iap"])
    assert level.split() == ["0", "100.0", f"{report.facts['t2i']['precision_at_recall_0']:.1f}"]
    assert last.split()[:2] == ["100", f"{report.facts['i2t']['precision_at_recall_100']:.1f}"]
    assert "precision at recall  image to text  text to image" in report.table("test")


def test_options_reach_the_measures(given: Embeddings) -> None:
    options = {"measures": ["recall"], "options": {"recall": {"k": [1, 2]}}}
    report = judge(given, options)
    sizes = {"queries": 4, "gallery": 3, "positives": 1.0}
    assert report.facts["t2i"] == {**sizes, "r1": 50.0, "r2": 75.0}
    assert report.score == 550.0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"measures": ["recal"]}, "did you mean 'recall'"),
        ({"measures": []}, "protocol retrieval: measures"),
        ({"options": {"recall": {"q": 1}}}, "measure recall: unknown key 'q'"),
        ({"options": {"average_precision": {}}}, "'average_precision', which is not measured"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    given: Embeddings, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingError, match=why):
        judge(given, options)


def test_the_protocol_is_that_of_the_prediction_or_another(given: Embeddings) -> None:
    moved = replace(given, protocol="nonsense")
    with pytest.raises(SettingError, match="'nonsense' in protocols: accepted: .*retrieval"):
        judge(moved)
    assert judge(moved, protocol="retrieval") == judge(given)


def test_a_decoding_is_sent_to_its_own_protocol() -> None:
    decoding = Decoding(np.array(["a"]), [[[1]]], lambda: None, lambda s, w: (s, w))
    with pytest.raises(InputError, match="not Decoding; judge it by 'captions'"):
        judge(decoding, protocol="retrieval")


def test_table(given: Embeddings) -> None:
    report = judge(given)
    report.facts["t2i"]["mean_rank"] = 12.34
    assert report.table("val").splitlines() == [
        "val: 3 images, 4 captions",
        "                    R@1    R@5   R@10  median    mean",
        "image to text     100.0  100.0  100.0       1     1.0",
        "text to image      50.0  100.0  100.0       1    12.3",
        "rsum 550.0, tied queries: 1",
    ]


def test_table_of_a_run_without_ties_says_nothing_of_them(given: Embeddings) -> None:
    report = judge(given)
    report.facts["tied_queries"] = 0
    assert report.table("val").splitlines()[-1] == "rsum 550.0"
