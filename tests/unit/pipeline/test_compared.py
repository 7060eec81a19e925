"""A comparison in words: verdicts, notes, labels, what is best, who belongs together."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evaluate.metrics
from core.errors import InputError, RunError
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.queries import Queries
from pipeline.compared.alike import require_alike
from pipeline.compared.asked import Asked, require_answers
from pipeline.compared.called import labels
from pipeline.compared.groups import Group, grouped, rows_of
from pipeline.compared.kept import comparison
from pipeline.compared.page import numbers, page
from pipeline.compared.pairs import Finding, Pair, pairs_of
from pipeline.compared.scored import parts_of, scored
from pipeline.compared.sentences import notes, sentence
from pipeline.compared.settings import common, differing
from pipeline.stages.terms import Question
from tests.unit.evaluate.test_intervals import space

CALLED = ["1 a", "2 b"]


def asked(seed: int, recipe: str = "a", pictures: int = 40, **settings: Any) -> Asked:
    """A run of luck; ``better`` among the settings is how much of it comes first."""
    draws = np.random.default_rng(seed)
    rank = np.maximum(1, draws.integers(1, 30, pictures) - settings.get("better", 0)).astype(float)
    hits = {f"r{k}": np.where(rank <= k, 100.0, 0.0) for k in (1, 5, 10)}
    values = {**hits, "median_rank": rank, "mean_rank": rank}
    names = np.array([f"p{n:02}" for n in range(pictures)])
    ways = [Queries(way, names, names, values) for way in ("i2t", "t2i")]
    told = {name: float(value.mean()) for name, value in values.items()}
    told["median_rank"] = float(np.median(rank))
    report = {
        "run": f"{recipe}{seed}",
        "seed": seed,
        "recipe": {"name": recipe},
        "model": str(seed),
        "split": "test",
        "corpus": {"name": "c", "sha256": "1"},
        "protocol_name": "retrieval",
        "encoders": {"image": {"sha256": "0123456789", "backbone": "vgg19"}},
        "cache": "k",
        "images": pictures,
        "captions": pictures,
        "chosen_on": 0,
        "asked": {},
        "epoch": 1,
        "files": {"queries.npz": "6"},
        "i2t": {**told, "queries": pictures},
        "t2i": {**told, "queries": pictures},
        "rsum": 2 * sum(told[name] for name in hits),
    }
    identity = {"seed": seed, "seen": "x" * 9, "settings": {"name": recipe, **settings}}
    return Asked(f"{recipe}{seed}", report, ways, identity)


def pair(p: float, holm: float, **more: Any) -> Pair:
    one, two = rows_of([Group((asked(1),)), Group((asked(2, "b"),))])
    told: dict[str, Any] = {"difference": -3.14, "low": -9.0, "high": 3.0, "smallest": 6.4}
    told |= {"pictures": 1000, "ways": {"i2t": 1000, "t2i": 1000}}
    return Pair(one, two, 1000, {"rsum": Finding(p=p, holm=holm, **(told | more))})


def test_a_verdict_is_by_what_p_comes_to_among_all_tests() -> None:
    within = "1 a and 2 b: the difference of 3.1 rsum is within what 1,000 pictures can show by "
    assert sentence(pair(0.21, 1.0), CALLED) == (
        f"{within}chance (p 0.21); this test set sees 6.4 or more"
    )
    assert " is more than 1,000 pictures show by chance (p 0.0001); " in sentence(
        pair(0.0001, 0.0007), CALLED
    )
    assert sentence(pair(0.03, 0.3), CALLED) == (
        "1 a and 2 b: the difference of 3.1 rsum alone would be more than chance (p 0.03), but of "
        "so many tests one comes out so (Holm 0.3); this test set sees 6.4 or more"
    )
    none = pair(1.0, 1.0, difference=0.0, smallest=0.0)
    assert "no query is answered differently" in sentence(none, CALLED)
    assert "nothing is tested" in sentence(replace(none, tests={}), CALLED)


def test_pictures_are_those_that_ask_what_is_tested() -> None:
    few = {"i2t": 3, "t2i": 1000}
    (words, *_) = sentence(pair(0.21, 1.0, ways=few), CALLED).split(" can show")
    assert words.endswith("within what 1,000 pictures (3 ask i2t)")
    alone = pair(0.25, 1.0, pictures=3, ways={"i2t": 3}, smallest=0.0)
    assert sentence(alone, CALLED) == (
        "1 a and 2 b: the difference of 3.1 rsum is of 3 pictures, of which the exchanges never "
        "give a p below 0.25 (p 0.25); ask about more pictures"
    )
    noted = notes([], [pair(0.21, 1.0, ways=few)], "val", [])
    assert (
        "of fewer than 50 pictures (i2t: 3) intervals are too narrow; ask about more pictures"
        in noted
    )
    one, two = ([few_ask(q) for q in asked(n, pictures=60).queries] for n in (1, 2))
    groups = [
        Group((replace(asked(n, recipe, 60), report=told(n, recipe, each), queries=each),))
        for n, recipe, each in ((1, "a", one), (2, "b", two))
    ]
    rows = rows_of(groups)
    found = comparison(groups, rows, pairs_of(rows), {}, CALLED)["pairs"][0]["tests"]
    assert [found[name]["pictures"] for name in ("rsum", "i2t_r5", "t2i_r5")] == [60, 3, 60]
    assert found["rsum"]["ways"] == {"i2t": 3, "t2i": 60}
    assert found["i2t_r5"]["ways"] == {"i2t": 3}


def few_ask(queries: Queries) -> Queries:
    """Three pictures alone ask ``i2t``."""
    keep = slice(3) if queries.way == "i2t" else slice(None)
    values = {name: each[keep] for name, each in queries.values.items()}
    return Queries(queries.way, queries.id[keep], queries.picture[keep], values)


def told(seed: int, recipe: str, queries: list[Queries]) -> dict[str, Any]:
    ways = {q.way: {name: float(v.mean()) for name, v in q.values.items()} for q in queries}
    rsum = sum(way[f"r{k}"] for way in ways.values() for k in (1, 5, 10))
    return {**asked(seed, recipe, 60).report, **ways, "rsum": rsum}


def test_what_is_chosen_on_test_is_told_where_there_is_a_choice() -> None:
    def told(*each: Asked, split: str = "test") -> str:
        groups = [Group((one,)) for one in each]
        return notes(groups, [pair(0.5, 1.0)], split, ["x"] * len(groups))[-1]

    choice = "to take the best of them is to choose on test"
    assert choice not in told(asked(1), asked(2, "b"))
    assert choice in told(asked(1), asked(2, "a", lr=2))
    assert choice in told(asked(1), asked(2, "b"), asked(3, "c"))
    val = asked(1)
    chosen = replace(val, report={**val.report, "chosen_on": 40, "split": "val"})
    assert "epochs were chosen on pictures of val" in told(chosen, asked(2, "b"), split="val")


def test_runs_that_differ_in_their_seed_alone_are_one_group() -> None:
    each = [asked(1, lr=1), asked(2, "b"), asked(2, lr=1), asked(3, lr=2)]
    found = [[member.name for member in group.members] for group in grouped(each)]
    assert found == [["a1", "a2"], ["b2"], ["a3"]]
    # One seed twice is no spread over seeds.
    twice = [asked(1), replace(asked(1), name="again"), asked(2), asked(2, "b")]
    assert [len(group.members) for group in grouped(twice)] == [1, 1, 1, 1]
    assert [len(group.members) for group in grouped([asked(1), asked(2)])] == [1, 1]
    folder = replace(asked(4), identity=None)
    assert [len(group.members) for group in grouped([asked(1), asked(2), folder])] == [2, 1]


def test_the_settings_that_differ_are_told_and_no_others() -> None:
    groups = grouped(
        [asked(1, lr=1, loss={"name": "x", "t": 1}), asked(2, lr=2, loss={"name": "y"})]
    )
    found = differing(groups)
    assert found == {
        "loss.name": ["x", "y"],
        "loss.t": [1, None],
        "lr": [1, 2],
        "seed": [1, 2],
    }
    assert set(common(found, groups)) == {"loss.name", "lr", "seed"}
    others = replace(
        asked(5, lr=1), report={**asked(5).report, "encoders": {"image": {"crops": 1}}}
    )
    found = differing(grouped([asked(1, lr=1), others]))
    assert found["features.image.crops"] == [None, 1]
    assert found["features.image.sha256"] == ["01234567", None]
    assert found["features"] == [["vgg19"], []]
    # A digest tells a person nothing, unless there is nothing else to tell.
    encoders = {"image": {"sha256": "9876543210", "backbone": "vgg19"}}
    other = replace(others, report={**others.report, "encoders": encoders})
    groups = grouped([asked(1, lr=1), other])
    assert set(common(differing(groups), groups)) == {"features.image.sha256", "seed"}
    each = [
        replace(one, report={**one.report, "encoders": {"image": {"sha256": sha, "crops": crops}}})
        for one, sha, crops in ((asked(1, lr=1), "1", 1), (asked(5, lr=1), "2", 5))
    ]
    groups = grouped(each)
    assert set(common(differing(groups), groups)) == {"features.image.crops", "seed"}


def test_means_are_tested_and_medians_are_shown() -> None:
    one, two = (scored(each)["plain"] for each in (asked(1), asked(2, "b")))
    found = parts_of([one, two])
    assert set(found) == {"rsum", *(f"{w}_{v}" for w in ("i2t", "t2i") for v in VALUES)}
    assert set(one.numbers) == {*found, "i2t_median_rank", "t2i_median_rank"}
    # A number that is no mean of what was kept is not tested as if it were.
    other = replace(two, numbers={**two.numbers, "i2t_r5": two.numbers["i2t_r5"] + 1})
    assert set(found) - set(parts_of([one, other])) == {"i2t_r5"}


VALUES = ("r1", "r5", "r10", "mean_rank")


def test_a_total_is_what_the_report_says_that_it_is() -> None:
    """No protocol is known by name: here a mean of two numbers, one three times as heavy."""
    weights = {"i2t_r5": 0.75, "t2i_r1": 0.25}
    each = []
    for one in (asked(1), asked(2, "b", better=20)):
        ways = {way: one.report[way] for way in ("i2t", "t2i")}
        total = 0.75 * ways["i2t"]["r5"] + 0.25 * ways["t2i"]["r1"]
        report = {**one.report, "t_otal": total, "intervals": {"sums": {"t_otal": weights}}}
        each.append(Group((replace(one, report=report),)))
    rows = rows_of(each)
    (pair,) = pairs_of(rows)
    first, other = (row.spreads["t_otal"].mean for row in rows)
    assert next(iter(pair.tests)) == "t_otal"
    assert pair.tests["t_otal"].difference == pytest.approx(first - other)
    assert "rsum" not in pair.tests
    assert numbers(rows, CALLED)[0].split() == ["t_otal"]
    assert f" {abs(first - other):.1f} t_otal is " in sentence(pair, CALLED)


@pytest.mark.parametrize(("protocol", "total"), [("retrieval", "rsum"), ("extended", "map_r")])
def test_the_total_of_a_real_report_is_tested(protocol: str, total: str) -> None:
    groups = []
    for seed in (0, 1):
        report = judge(space(20, seed=seed), protocol=protocol).with_intervals()
        told = {**asked(seed).report, **report.facts}
        one = Asked(str(seed), told, report.queries(), {"seed": seed, "settings": {"n": seed}})
        groups.append(Group((one,)))
    rows = rows_of(groups)
    (test,) = (pair.tests[total] for pair in pairs_of(rows))
    both = [row.group.members[0].report[total] for row in rows]
    assert test.difference == pytest.approx(both[0] - both[1])
    assert test.ways == {"i2t": 20, "t2i": 20}
    assert numbers(rows, CALLED)[0].split() == [total]


def uneven(seed: int) -> Asked:
    """Two folds of four pictures; a picture of the first has a caption, one of the other five."""
    draw = np.random.default_rng(seed)
    owner = np.repeat(np.arange(8), [1] * 4 + [5] * 4)
    names = np.array([f"p{n}" for n in range(8)]), np.array([f"c{n:02}" for n in range(24)])
    sides = [Vectors(each, draw.random((len(each), 5), np.float32)) for each in names]
    options = {"fold": 4, "measures": ["recall", "median_rank"]}
    report = judge(Embeddings(*sides, owner), options, protocol="folds").with_intervals()
    told = {**asked(seed).report, **report.facts}
    return Asked(str(seed), told, report.queries(), {"seed": seed, "settings": {"n": seed}})


def test_numbers_of_uneven_folds_are_those_of_the_report() -> None:
    rows = rows_of([Group((uneven(seed),)) for seed in (0, 1)])
    (found,) = pairs_of(rows)
    inside = [row.group.members[0].report["folds"]["mean"] for row in rows]
    joined = [{q.way: q for q in row.queries}["t2ifolds"].values["r1"].mean() for row in rows]
    assert any(
        each["t2i"]["r1"] != pytest.approx(plain)
        for each, plain in zip(inside, joined, strict=True)
    )
    expected = {f"{way}folds_{k}": (way, k) for way in ("i2t", "t2i") for k in ("r1", "r5", "r10")}
    for name, (way, key) in expected.items():
        first, other = (each[way][key] for each in inside)
        assert [row.spreads[name].mean for row in rows] == [first, other]
        assert found.tests[name].difference == pytest.approx(first - other)
    first, other = (each["rsum"] for each in inside)
    assert found.tests["folds_rsum"].difference == pytest.approx(first - other)
    assert [row.spreads["t2ifolds_median_rank"].mean for row in rows] == [
        each["t2i"]["median_rank"] for each in inside
    ]
    lines = numbers(rows, CALLED)
    assert lines[0].split("  ")[-1].strip() == "rsum in folds"
    assert [line.split("  ")[0] for line in lines[3::3]] == [
        "image to text",
        "text to image",
        "image to text, 2 folds of 4",
        "text to image, 2 folds of 4",
    ]
    assert lines[9].split("of 4")[1].split() == ["R@1", "R@5", "R@10", "median"]


def test_a_sum_of_one_number_is_that_number() -> None:
    one = asked(1)
    report = {**one.report, "intervals": {"sums": {"rsum": {"i2t_r1": 1.0}}}}
    assert "rsum" not in scored(replace(one, report=report))["plain"].numbers


def test_a_way_that_the_report_does_not_tell_of_has_the_means_of_what_the_others_have() -> None:
    whole = asked(1)
    folded = [replace(each, way=f"{each.way}folds") for each in whole.queries]
    found = scored(replace(whole, queries=[*whole.queries, *folded]))["plain"]
    assert {name for name in found.numbers if "folds" in name} == {
        f"{way}folds_{value}" for way in ("i2t", "t2i") for value in VALUES
    }
    assert found.numbers["i2tfolds_r5"] == found.numbers["i2t_r5"]


def test_the_best_of_each_column_is_marked_ranks_by_the_smallest() -> None:
    rows = rows_of([Group((asked(1),)), Group((asked(2, "b", better=20),))])
    told = numbers(rows, CALLED)
    marked = [line for line in told if line.startswith("2 b")]
    assert [line.count("*") for line in marked] == [1, 5, 5]
    assert sum(line.count("*") for line in told) == 11
    both = numbers(rows_of([Group((asked(1),)), Group((replace(asked(1), name="x"),))]), CALLED)
    assert not any("*" in line for line in both)


def test_the_best_is_by_the_direction_that_a_measure_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(each: Asked, value: float) -> Asked:
        way = each.queries[0]
        values = {name: np.full(len(way.id), value) for name in ("missed", "own_rank")}
        told = {"queries": len(way.id), "missed": value, "own_rank": value}
        return replace(
            each,
            report={**each.report, "i2t": told},
            queries=[replace(way, values=values)],
        )

    (tmp_path / "missed.py").write_text('LOWER_IS_BETTER = frozenset({"missed"})\n')
    monkeypatch.setattr(evaluate.metrics, "__path__", [*evaluate.metrics.__path__, str(tmp_path)])
    rows = rows_of([Group((own(asked(1), 10.0),)), Group((own(asked(2, "b"), 20.0),))])
    cells = [line.split()[2:] for line in numbers(rows, CALLED)[-2:]]
    assert cells == [["10.0*", "10.0"], ["20.0", "20.0*"]]


def test_a_real_difference_is_found_and_told_on_the_page() -> None:
    groups = [Group((asked(1),)), Group((asked(2, "b", better=20),))]
    rows = rows_of(groups)
    pairs = pairs_of(rows)
    told = page(groups, rows, pairs, differing(groups), CALLED).splitlines()
    assert pairs[0].tests["rsum"].holm < 0.05
    assert any(
        line.startswith("1 a and 2 b: ") and " is more than 40 pictures" in line for line in told
    )
    (recall,) = [line for line in told if line.startswith("i2t R@10 ")]
    test = pairs[0].tests["i2t_r10"]
    assert test.mcnemar is not None
    assert f"{test.mcnemar.first}:{test.mcnemar.other}" in recall
    assert "~" not in recall  # each picture asks once here


def test_what_is_not_alike_is_refused_and_both_are_named() -> None:
    one, two = asked(1), asked(2, "b")
    require_alike([one, two])
    for key, other, why in (
        ("split", "val", "a1 and b2 were asked about test and val"),
        ("corpus", {"name": "d", "sha256": "2"}, "other pictures or captions ('c' and 'd')"),
        ("protocol_name", "folds", "judged by the protocols retrieval and folds"),
        ("model", "1", "are one model; give it once"),
    ):
        with pytest.raises(RunError) as error:
            require_alike([one, replace(two, report={**two.report, key: other})])
        assert why in str(error.value)
    with pytest.raises(RunError, match="only one, such as 'p38'"):
        require_alike([one, asked(2, "b", pictures=38)])


def test_a_matrix_of_others_is_compared_by_its_ids_alone() -> None:
    one, two = asked(1), asked(2, "b", better=20)
    told = {key: two.report[key] for key in ("i2t", "t2i", "rsum", "protocol_name", "images")}
    of_others = {"split": None, "corpus": None, "run": "theirs", "similarity": {"sha256": "5"}}
    theirs = Asked("work/theirs", {**told, **of_others, "asked": {}, "files": {}}, two.queries)
    require_alike([theirs, one])
    groups = grouped([theirs, one])
    rows = rows_of(groups)
    pairs, settings = pairs_of(rows), differing(groups)
    assert settings == {}
    called = labels(groups)
    assert called == ["1 work/theirs", "2 a"]
    lines = page(groups, rows, pairs, settings, called).splitlines()
    assert lines[0] == "test, 40 images, 40 captions; protocol retrieval"
    assert lines[1] == "1 work/theirs, a matrix: work/theirs"
    kept = comparison(groups, rows, pairs, settings, called)
    assert kept["groups"][0]["members"][0]["similarity"] == {"sha256": "5"}
    assert kept["split"] == "test"
    usual = Question().as_asked()
    require_answers(
        replace(theirs, report={"asked": {**usual, "split": None, "of": "x"}}), Question()
    )
    for asked_of, why in (({"split": "val"}, "--split"), ({"fold": 5}, "--fold")):
        other = replace(theirs, report={"asked": {**usual, **asked_of}})
        with pytest.raises(RunError, match=why):
            require_answers(other, Question())


def test_one_picture_is_refused() -> None:
    with pytest.raises(InputError, match="one picture alone"):
        pairs_of(rows_of([Group((asked(1, pictures=1),)), Group((asked(2, "b", pictures=1),))]))
