"""Means and deviations against numpy's, which row is chosen, and the table."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

from pipeline.sweeps.choice import chosen_of, groups_of
from pipeline.sweeps.examined import Examined, measures
from pipeline.sweeps.kept import keep
from pipeline.sweeps.labels import labels
from pipeline.sweeps.points import Configuration, Point
from pipeline.sweeps.rows import rows_of, spreads
from pipeline.sweeps.table import table, table_of_test
from pipeline.sweeps.taken import Taken, taken
from tests.unit.pipeline.sweep_fakes import asked, made
from train.record import Record

BAG, GRU = (Configuration(name, (Path("f/a"),)) for name in ("bag", "gru"))


def test_mean_and_sample_deviation_are_numpys() -> None:
    draw = np.random.default_rng(3)
    values = [{"score": float(s), "r1": float(r)} for s, r in draw.normal(200, 30, (7, 2))]
    for name, spread in spreads(values).items():
        column = np.array([each[name] for each in values])
        assert spread.mean == pytest.approx(np.mean(column), rel=1e-12)
        assert spread.deviation == pytest.approx(np.std(column, ddof=1), rel=1e-12)
    assert spreads(values[:1])["score"].deviation is None
    assert spreads([]) == {}


def test_the_numbers_stand_as_a_person_sorts_them_and_only_those_that_all_have() -> None:
    one = {"i2t_r10": 1.0, "i2t_r5": 1.0, "score": 1.0, "own": 1.0}
    assert [*spreads([one, {**one, "other": 2.0}])] == ["score", "i2t_r5", "i2t_r10", "own"]
    assert [*spreads([one, {"score": 2.0}])] == ["score"]


def test_rows_are_the_seeds_of_a_configuration_and_the_best_mean_is_chosen() -> None:
    taken = [made(BAG, 0, 10.0), made(GRU, 0, 30.0), made(BAG, 1, 30.0), made(GRU, 1, 11.0)]
    rows = rows_of(taken)
    assert [[each.point.seed for each in row.taken] for row in rows] == [[0, 1], [0, 1]]
    (best,) = chosen_of(rows, "one")
    assert (best.row.configuration, best.group, best.missing) == (GRU, "", 0)
    assert [each.row.configuration for each in chosen_of(rows, "recipe")] == [GRU, BAG]
    assert list(groups_of(rows, "recipe")) == ["gru", "bag"]


def test_a_setting_that_is_a_list_tells_rows_apart() -> None:
    one, two = (Configuration("best", (), (("files", files),)) for files in (["a.vec"], ["b.vec"]))
    rows = rows_of([made(one, 0, 1.0), made(two, 0, 2.0), made(one, 1, 3.0)])
    assert [len(row.taken) for row in rows] == [2, 1]


def test_of_two_equal_rows_the_earlier_one_is_chosen() -> None:
    for first, second in ((BAG, GRU), (GRU, BAG)):
        (best,) = chosen_of(rows_of([made(first, 0, 5.0), made(second, 0, 5.0)]), "one")
        assert best.row.configuration == first


def test_a_row_that_lacks_a_seed_is_not_chosen_and_one_that_may_come_is_counted() -> None:
    lost = Taken(Point(GRU, 1), failed="the disk is full")
    refused = Taken(Point(GRU, 1), failed="margin = -1", for_good=True)
    for failed, missing in ((lost, 1), (refused, 0)):
        rows = rows_of([made(BAG, 0, 10.0), made(GRU, 0, 90.0), failed])
        (best,) = chosen_of(rows, "one")
        assert (best.row.configuration, best.missing) == (BAG, missing)
    assert chosen_of(rows_of([lost]), "one") == []


def test_a_label_says_what_tells_a_configuration_from_others_of_its_recipe() -> None:
    def one(recipe: str, cache: str, group: str = "grid", **settings: object) -> Configuration:
        return Configuration(recipe, (Path("f") / cache,), tuple(settings.items()), group)

    assert labels([one("bag", "x", lr=1), one("gru", "x", lr=2)]) == ["bag", "gru"]
    assert labels([one("bag", "x", lr=0.001, n=1), one("bag", "x", lr=0.12345678, n=1)]) == [
        "bag lr=0.001",
        "bag lr=0.1235",
    ]
    two = [one("bag", "c-vgg-1"), one("bag", "c-res-2")]
    both = Configuration("bag", (two[0].caches[0], two[1].caches[0]), (), "grid")
    assert labels([*two, both]) == ["bag vgg", "bag res", "bag vgg+res"]
    assert labels([one("bag", "c-vgg-1"), one("bag", "c-vgg-2")]) == ["bag 1", "bag 2"]
    three = [
        one("bag", f"c-vgg-{crops}-{key}") for crops, key in (("1", "a"), ("1", "b"), ("2", "c"))
    ]
    assert labels(three) == ["bag 1-a", "bag 1-b", "bag 2-c"]
    dropouts = [
        Configuration("bag", (Path("x"),), (("image.dropout", a), ("text.dropout", b), ("t.lr", b)))
        for a, b in ((0.1, 0.2), (0.2, 0.3))
    ]
    assert labels(dropouts) == [
        "bag image.dropout=0.1 text.dropout=0.2 lr=0.2",
        "bag image.dropout=0.2 text.dropout=0.3 lr=0.3",
    ]
    assert labels([one("bag", "x", "small"), one("bag", "x", "large")]) == [
        "bag (small)",
        "bag (large)",
    ]
    made_on = [
        Configuration("bag", (), (), f"grid {number}", (("backbone", name), ("weights", "w/a.pth")))
        for number, name in enumerate(("vgg19", "alexnet"), start=1)
    ]
    assert labels(made_on) == ["bag backbone=vgg19", "bag backbone=alexnet"]
    elsewhere = Configuration("bag", (Path("other/x"),), (), "grid")
    assert labels([one("bag", "x"), elsewhere]) == ["bag", "bag"]


def test_the_table_has_a_row_a_configuration_and_marks_what_is_chosen() -> None:
    failed = Taken(Point(BAG, 1), failed="no")
    rows = rows_of([made(GRU, 0, 30.0), made(GRU, 1, 32.0), made(BAG, 0, 10.0), failed])
    lines = table(rows, chosen_of(rows, "one")).splitlines()
    assert [line.split() for line in lines] == [
        ["validation", "seeds", "score", "i2t", "R@1", "seconds"],
        ["*", "gru", "2", "31.0", "±", "1.4", "3.1", "±", "0.1", "4.0", "±", "0.0"],
        ["bag", "1", "of", "2", "10.0", "1.0", "4.0"],
    ]


def test_the_csv_is_the_table_with_every_digit(tmp_path: Path) -> None:
    small = Configuration("bag", (Path("f/a"),), (("lr", 0.1), ("text", "gru, bag")))
    rows = rows_of([made(GRU, 0, 30.0), made(GRU, 1, 33.5), made(small, 0, 10.0)])
    keep(tmp_path, asked(tmp_path), rows, chosen_of(rows, "one"), [])
    first, second = csv.DictReader(io.StringIO((tmp_path / "sweep.csv").read_text()))
    assert (first["recipe"], first["lr"], first["chosen"], first["seeds"]) == ("gru", "", "1", "2")
    assert float(first["score_mean"]) == 31.75
    assert float(first["score_deviation"]) == np.std([30.0, 33.5], ddof=1)
    assert (second["lr"], second["text"], second["score_deviation"]) == ("0.1", "gru, bag", "")


def test_a_bias_of_the_gallery_is_another_rule_and_stands_beside() -> None:
    ways = {"i2t": {"queries": 2, "gallery": 9, "r1": 40.0, "mean_rank": 3.0}, "t2i": {"r1": 20.0}}
    plain = {**ways, "rsum": 60.0}
    report = {**plain, "rsum": 70.0, "without": plain}
    assert measures(report) == {
        "rsum": 60.0,
        "i2t_r1": 40.0,
        "i2t_mean_rank": 3.0,
        "t2i_r1": 20.0,
        "biased_rsum": 70.0,
        "biased_i2t_r1": 40.0,
        "biased_i2t_mean_rank": 3.0,
        "biased_t2i_r1": 20.0,
    }
    (best,) = chosen_of(rows_of([made(BAG, 0, 10.0), made(BAG, 1, 12.0)]), "one")
    with_bias = Examined(best, spreads([measures(report)] * 2), ())
    without = Examined(best, spreads([measures(plain)] * 2), ())
    told = table_of_test([with_bias], {BAG: "bag"}).splitlines()
    lines = [re.split(" {2,}", line.strip()) for line in told]
    assert [line[0] for line in lines[1:]] == ["* bag", "* bag, with the gallery's bias"]
    assert [line[-3] for line in lines] == ["rsum", "60.0 ± 0.0", "70.0 ± 0.0"]
    assert len(table_of_test([without], {BAG: "bag"}).splitlines()) == 2


def test_by_labels_the_mean_of_both_ways_stands_first() -> None:
    report = {"map": 25.0, "i2t": {"queries": 2, "map": 20.0}, "t2i": {"map": 30.0}, "images": 9}
    assert measures(report) == {"map": 25.0, "i2t_map": 20.0, "t2i_map": 30.0}
    (best,) = chosen_of(rows_of([made(BAG, 0, 10.0)]), "one")
    told = table_of_test([Examined(best, spreads([measures(report)]), ())], {BAG: "bag"})
    assert [re.split(" {2,}", line.strip()) for line in told.splitlines()] == [
        ["test", "seeds", "map", "i2t map", "t2i map"],
        ["* bag", "1", "25.0", "20.0", "30.0"],
    ]


def test_ranks_have_no_column_and_a_measure_that_is_only_called_so_has_one() -> None:
    (best,) = chosen_of(rows_of([made(BAG, 0, 10.0)]), "one")
    one = Examined(best, spreads([{"i2t_mean_rank": 2.0, "i2t_own_rank": 3.0}]), ())
    assert table_of_test([one], {BAG: "bag"}).splitlines()[0].split() == [
        *("test", "seeds", "i2t", "own", "rank")
    ]


def test_the_score_with_the_bias_has_a_column_and_chooses_nothing() -> None:
    biased = {"score": 20.0, "rsum": 20.0, "i2t_r1": 4.0}
    earlier = biased | {"similarity_positive": 0.9}
    gallery = {"strength": 0.8, "validation": earlier}
    record = Record("", best={"score": 10.0}, gallery=gallery, best_epoch=1)
    one = taken(Point(BAG, 0), Path("r"), record)
    assert one.scores == {
        "score": 10.0,
        "biased_score": 20.0,
        "biased_rsum": 20.0,
        "biased_i2t_r1": 4.0,
    }
    rows = rows_of([one, made(GRU, 0, 11.0)])
    assert table(rows, []).splitlines()[0].split()[2:] == [
        *("score", "biased", "score", "i2t", "R@1", "seconds")
    ]
    assert chosen_of(rows, "one")[0].row.configuration == GRU
