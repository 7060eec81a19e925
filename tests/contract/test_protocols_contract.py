"""Every file of evaluate/protocols keeps the contract of a protocol, on its own example."""

import json
import math
from pathlib import Path

import pytest

from core.errors import InputError, SettingError
from core.plugins import load, names
from core.predictions import Prediction
from core.settings import Settings
from evaluate.judge import PACKAGE, judge
from evaluate.report import Report

PROTOCOLS = names(PACKAGE)


class Unheard:
    """A prediction of a kind that no protocol knows."""

    protocol = "unheard"

    def save(self, folder: Path) -> None:
        raise AssertionError("to judge is not to save")


def example(name: str) -> Prediction:
    prediction: Prediction = load(PACKAGE, name).example()
    return prediction


def judged(name: str) -> Report:
    return judge(example(name), protocol=name)


def test_there_are_protocols() -> None:
    assert PROTOCOLS


@pytest.mark.parametrize("name", PROTOCOLS)
def test_it_says_what_it_is_in_one_line(name: str) -> None:
    plugin = load(PACKAGE, name)
    line = (plugin.__doc__ or "").strip()
    assert line
    assert "\n" not in line
    assert issubclass(plugin.Options, Settings)
    assert all(field.description for field in plugin.Options.model_fields.values())


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_score_is_finite_and_among_the_scores(name: str) -> None:
    report = judged(name)
    scores = report.scores()
    assert math.isfinite(report.score)
    assert scores["score"] == report.score
    assert all(type(value) is float and math.isfinite(value) for value in scores.values())


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_facts_are_json_and_name_the_protocol(name: str) -> None:
    facts = judged(name).facts
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["protocol_name"] == name
    assert facts["protocol"]
    assert "split" not in facts


@pytest.mark.parametrize("name", PROTOCOLS)
def test_what_a_person_reads(name: str) -> None:
    report = judged(name)
    table, headline = report.table("some split"), report.headline()
    assert table.startswith("some split: ")
    assert table == table.rstrip("\n")
    assert headline.strip()
    assert "\n" not in headline


@pytest.mark.parametrize("name", PROTOCOLS)
def test_who_says_what_each_query_has_shows_how_sure_each_number_is(name: str) -> None:
    report = judged(name)
    sure = report.with_intervals()
    if not report.queries():
        assert sure is report
        return
    numbers = {row: set(values) for row, values in report.parts().items()}
    assert {row: set(found) for row, found in sure.bounds().items()} == numbers
    assert sure.intervals
    assert any(each.is_of(report.score) for each in sure.intervals.sums.values())
    facts = sure.facts["intervals"]
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert "95 %" not in report.table("x") + report.headline()
    assert sure.table("x").count("\n  95 %") >= len(numbers)
    assert "(95 %: " in sure.headline()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_judging_twice_is_equal(name: str) -> None:
    one, other = judged(name), judged(name)
    assert (one.facts, one.score) == (other.facts, other.score)
    assert one.scores() == other.scores()
    assert one.table("x") == other.table("x")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_unknown_options_are_refused(name: str) -> None:
    with pytest.raises(SettingError, match=f"protocol {name}: unknown key 'nonsense'"):
        judge(example(name), {"nonsense": 1}, protocol=name)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_prediction_of_another_kind_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError, match="Unheard") as refused:
        judge(Unheard(), protocol=name)
    assert "\n" not in str(refused.value)
    assert ";" in str(refused.value)


def test_a_protocol_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingError, match="'unheard' in protocols: accepted: "):
        judge(Unheard())
