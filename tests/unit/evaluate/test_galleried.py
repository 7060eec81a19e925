"""A report with the gallery's bias says both, and which is which."""

import numpy as np

from core.predictions import Embeddings, Vectors
from evaluate.galleried import Galleried
from evaluate.judge import judge

TOLD = "strength 0.8, inverse temperature 17.1, chosen on validation; bank of 9 pictures"


def space(caption: list[list[float]]) -> Embeddings:
    ids = np.array(["a", "b"])
    return Embeddings(
        Vectors(ids, np.eye(2, dtype=np.float32)),
        Vectors(ids, np.array(caption, dtype=np.float32)),
        np.array([0, 1]),
    )


def test_both_are_told_and_the_score_is_the_one_with_the_bias() -> None:
    biased, without = judge(space([[1, 0], [0, 1]])), judge(space([[0, 1], [1, 0]]))
    report = Galleried.of(biased, without, TOLD)
    assert report.score == biased.score != without.score
    assert report.scores() == biased.scores()
    assert report.facts["without"] == without.facts
    assert report.facts["protocol"].startswith(biased.facts["protocol"])
    assert f"gallery bias on ({TOLD})" in report.facts["protocol"]
    same = biased.facts.keys() - {"protocol"}
    assert {key: report.facts[key] for key in same} == {key: biased.facts[key] for key in same}
    assert (report.chance(), report.notes()) == (biased.chance(), biased.notes())
    assert report.headline() == (
        "rsum 600.0 (R@1 100.0 and 100.0), without the bias rsum 400.0 (R@1 0.0 and 0.0)"
    )


def test_where_none_was_chosen_one_table_is_shown_and_that_is_said() -> None:
    both = judge(space([[1, 0], [0, 1]]))
    report = Galleried.of(both, both, "none, as so", chosen=False)
    assert report.table("test") == f"{both.table('test')}\ngallery's bias chosen: none, as so"
    assert report.facts["without"] == both.facts
    assert "gallery bias chosen: none, as so; the numbers" in report.facts["protocol"]
    assert report.headline() == both.headline()


def test_the_queries_without_stand_beside_under_ways_of_their_own() -> None:
    biased, without = judge(space([[1, 0], [0, 1]])), judge(space([[0, 1], [1, 0]]))
    report = Galleried.of(biased, without, TOLD)
    assert report.queries() == biased.queries()
    for kept, plain in zip(report.beside(), without.queries(), strict=True):
        assert kept.way == f"{plain.way}without"
        assert kept.id.tolist() == plain.id.tolist()
        assert {k: v.tolist() for k, v in kept.values.items()} == {
            k: v.tolist() for k, v in plain.values.items()
        }
    assert biased.beside() == []


def test_the_table_begins_with_the_title() -> None:
    biased, without = judge(space([[1, 0], [0, 1]])), judge(space([[0, 1], [1, 0]]))
    lines = Galleried.of(biased, without, TOLD).table("test").splitlines()
    assert lines[0] == "test with the gallery's bias: 2 images, 2 captions"
    assert lines[5] == "test without: 2 images, 2 captions"
    assert [line for line in lines if line.startswith("rsum")] == ["rsum 600.0", "rsum 400.0"]
    assert lines[-2:] == [
        f"gallery's bias: {TOLD}",
        "with it and without are two scoring rules: compare like with like",
    ]
