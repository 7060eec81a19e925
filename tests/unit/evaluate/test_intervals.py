"""Intervals of a report: kept in it, beside its numbers, and told of where they say too little."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.predictions import Embeddings, Vectors
from evaluate import report as reports
from evaluate.doubts import FEW, doubts, legend
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.protocols.retrieval import Retrieval
from evaluate.queries import Queries
from evaluate.several import Several


def space(pictures: int, noise: float = 1.5, seed: int = 0) -> Embeddings:
    """Pictures with three captions each, near them."""
    draw = np.random.default_rng(seed)
    image = draw.standard_normal((pictures, 8))
    caption = np.repeat(image, 3, axis=0)
    caption += noise * draw.standard_normal(caption.shape)
    sides = []
    for kind, side in (("i", image), ("c", caption)):
        unit = side / np.linalg.norm(side, axis=1, keepdims=True)
        ids = np.array([f"{kind}{n}" for n in range(len(side))])
        sides.append(Vectors(ids, unit.astype(np.float32)))
    return Embeddings(sides[0], sides[1], np.repeat(np.arange(pictures), 3))


def test_a_report_that_is_kept_has_the_interval_of_each_of_its_numbers() -> None:
    asked = {"measures": ["median_rank", "average_precision"]}
    report = judge(space(60), asked)
    sure = report.with_intervals()
    told = sure.facts["intervals"]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    how = {"percent": 95, "resamples": 10_000, "seed": 0, "pictures": 60}
    assert how.items() <= told.items()
    assert "with all their queries" in told["resampled"]
    for way in ("i2t", "t2i"):
        assert told[way].keys() == {"median_rank", "map", "r1", "r5", "r10"}
        for name in ("median_rank", "map"):
            low, high = told[way][name]
            assert low <= sure.facts[way][name] <= high
    low, high = told["rsum"]
    assert low < sure.facts["rsum"] < high
    assert {k: v for k, v in sure.facts.items() if k != "intervals"} == report.facts
    assert sure.scores() == report.scores()
    assert sure == judge(space(60), asked).with_intervals()


def test_pictures_are_counted_way_by_way() -> None:
    whole = judge(space(60))
    assert isinstance(whole, Retrieval)
    i2t, t2i = whole.queries()
    hit = {name: np.full(3, 100.0) for name in i2t.values}
    few = Queries("i2t", i2t.id[:3], i2t.picture[:3], hit)
    facts = {**whole.facts, "i2t": {**whole.facts["i2t"], **dict.fromkeys(hit, 100.0)}}
    report = replace(whole, facts=facts, each=[few, t2i]).with_intervals()
    assert report.facts["intervals"]["asking"] == {"i2t": 3, "t2i": 60}
    assert (
        "of 60 pictures with all their queries, 3 of which ask image to text, in"
        in legend(report)[0]
    )
    narrow, same = doubts(report)
    assert narrow.startswith(
        "the intervals of image to text are of 3 pictures, and of fewer than 50"
    )
    assert "up to 100 % of pictures" in same


def test_rsum_s_recalls_are_drawn_together() -> None:
    """Its ends are within the sums of the six recalls' ends, and they are none of these."""
    told = judge(space(200)).with_intervals().facts["intervals"]
    six = [told[way][name] for way in ("i2t", "t2i") for name in ("r1", "r5", "r10")]
    low, high = (sum(ends) for ends in zip(*six, strict=True))
    assert low < told["rsum"][0] < told["rsum"][1] < high


def test_to_choose_an_epoch_costs_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "intervals", None)
    report = judge(space(9))
    assert report.intervals is None
    assert "95 %" not in report.headline() + report.table("val")
    assert "intervals" not in report.facts
    assert report.bounds() == {}
    assert legend(report) == doubts(report) == []
    with pytest.raises(TypeError):
        report.with_intervals()


def test_the_table_has_them_under_the_numbers_and_a_line_says_what_they_are() -> None:
    report = judge(space(300)).with_intervals()
    told, lines = report.facts["intervals"], report.table("test").splitlines()
    begins = ["", "image to text", "  95 %", "text to image", "  95 %"]
    assert [line[:13].rstrip() for line in lines[1:6]] == begins
    for line, way in ((lines[3], "i2t"), (lines[5], "t2i")):
        ends = [f"{low:.1f}-{high:.1f}" for low, high in (told[way][f"r{k}"] for k in (1, 5, 10))]
        assert line.split()[2:5] == ends
        low, high = told[way]["median_rank"]
        assert line.split()[5] == f"{low:.0f}-{high:.0f}"
    assert len({len(line) for line in lines[1:6]}) == 1
    assert max(map(len, lines)) <= 80
    low, high = told["rsum"]
    assert lines[6].startswith(f"rsum {report.score:.1f} (95 %: {low:.1f}-{high:.1f})")
    assert f"(95 %: {low:.1f}-{high:.1f}; R@1 " in report.headline()
    assert legend(report) == [
        "95 %: of 10,000 resamples of 300 pictures with all their queries, in the same gallery"
    ]


def test_columns_without_room_stand_below() -> None:
    many = {"measures": ["recall"], "options": {"recall": {"k": list(range(1, 10))}}}
    report = judge(space(60), many)
    assert len(report.table("test").splitlines()) == 1 + 3 + 1
    lines = report.with_intervals().table("test").splitlines()
    assert len(lines) == 1 + 5 + 5 + 1
    assert max(map(len, lines)) <= 100
    assert lines[1].split() + lines[6].split() == [f"R@{k}" for k in range(1, 10)]
    assert [lines[n][:15] for n in (2, 7)] == ["image to text  "] * 2


def test_points_of_a_curve_have_theirs_beside_them() -> None:
    asked = {"measures": ["precision_recall"]}
    report = judge(space(60), asked).with_intervals()
    lines, told = report.table("test").splitlines(), report.facts["intervals"]
    at = next(n for n, line in enumerate(lines) if line.startswith("precision at recall"))
    assert lines[at].split()[-6:] == ["%", "text", "to", "image", "95", "%"]
    for line, level in zip(lines[at + 1 :], range(0, 101, 10), strict=True):
        ends = [told[way][f"precision_at_recall_{level}"] for way in ("i2t", "t2i")]
        assert [line.split()[0], *line.split()[2::2]] == [
            f"{level}",
            *(f"{low:.1f}-{high:.1f}" for low, high in ends),
        ]
    assert max(map(len, lines)) <= 80


def test_a_number_that_is_not_what_its_queries_come_to_has_none_beside_it() -> None:
    report = judge(space(60)).with_intervals()
    whole = report.bounds()["text to image"]
    report.facts["t2i"]["median_rank"] += 0.8
    assert report.bounds()["text to image"].keys() == whole.keys() - {"median_rank"}
    assert len(report.table("test").splitlines()[5].split()) == 2 + 4


def test_with_the_bias_and_without_have_theirs_each() -> None:
    biased, without = judge(space(60)), judge(space(60, noise=2.5))
    report = Galleried.of(biased, without, "so").with_intervals()
    sure = [each.with_intervals() for each in (biased, without)]
    assert report.facts["intervals"] == sure[0].facts["intervals"]
    assert report.facts["without"] == sure[1].facts
    text = report.table("test")
    assert [each.table("x").splitlines()[-1] in text for each in sure] == [True, True]
    assert report.headline() == f"{sure[0].headline()}, without the bias {sure[1].headline()}"
    assert report.bounds()["text to image, without the bias"] == sure[1].bounds()["text to image"]
    assert legend(report) == legend(sure[0])


def test_of_several_runs_each_has_its_own_in_one_table() -> None:
    each = [judge(space(60)), judge(space(60, noise=2.5))]
    average = judge(space(60, noise=1.0))
    report = Several.of(average, each, ["one", "two"]).with_intervals()
    sure = [one.with_intervals() for one in (*each, average)]
    assert report.facts["each"] == [one.facts for one in sure[:2]]
    assert report.facts["intervals"] == sure[2].facts["intervals"]
    lines = report.table("val").splitlines()
    rows = ["run 1", "95 %", "run 2", "95 %", "average", "95 %"]
    assert [line[:15].strip() for line in lines[1:15]] == [
        *("image to text", *rows),
        *("text to image", *rows),
    ]
    for one, line in zip(sure, (lines[3], lines[5], lines[7]), strict=True):
        assert line == one.table("val").splitlines()[3]
    assert [line.partition(": ")[2] for line in lines[15:18]] == [one.headline() for one in sure]
    assert len({len(line) for line in lines[1:15]}) == 1
    assert legend(report) == legend(sure[2])


def test_folds_have_those_of_their_means() -> None:
    """Folds of 30 with ranks of their own; a mean of medians may be no whole number."""
    report = judge(space(90), {"fold": 30}, protocol="folds").with_intervals()
    whole = judge(space(90)).with_intervals()
    assert report.facts["intervals"] == whole.facts["intervals"]
    inside = report.facts["folds"]["mean"]
    for way in ("i2t", "t2i"):
        for name in ("r1", "r5", "median_rank", "mean_rank"):
            low, high = inside["intervals"][way][name]
            assert low <= inside[way][name] <= high
            assert high < inside["intervals"]["rsum"][0]
    lines = report.table("test").splitlines()
    assert lines[: len(whole.table("test").splitlines())] == whole.table("test").splitlines()
    told = [line.split()[2:] for line in lines if line.startswith("  95 %")]
    assert [len(row) for row in told] == [5, 5, 5, 5]
    low, high = inside["intervals"]["rsum"]
    assert lines[-1].startswith(f"rsum {inside['rsum']:.1f} (95 %: {low:.1f}-{high:.1f})")
    both = Several.of(report, [report, report], ["a", "b"]).with_intervals().table("test")
    assert sum(line.startswith("  95 %") for line in both.splitlines()) == 4 * 3


def test_what_has_no_queries_has_no_intervals() -> None:
    report = judge(space(9))
    bare = type(report)(report.facts, 1.0, report.recalls, {}, [])
    assert bare.with_intervals() is bare


def test_few_pictures_are_told_of() -> None:
    said = doubts(judge(space(FEW - 1)).with_intervals())
    assert len(said) == 1
    assert "are of 49 pictures" in said[0]
    assert said[0].endswith("ask about more pictures")
    assert doubts(judge(space(FEW)).with_intervals()) == []


def test_what_never_varies_is_told_of() -> None:
    """An R@K of 100 has the interval 100 to 100, which says less than it seems to."""
    report = judge(space(60, noise=0.0)).with_intervals()
    assert report.facts["intervals"]["t2i"]["r1"] == [100.0, 100.0]
    assert doubts(report) == [
        "the same for every query: R@1, R@5, R@10, median, mean of image to text and R@1, R@5, "
        "R@10, median, mean of text to image; resampling has nothing to vary there, and up to 5 % "
        "of pictures may be otherwise (the rule of three)"
    ]
