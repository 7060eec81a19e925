"""What is typed of a measure: one form of each question, and one line where it means nothing."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingError
from pipeline.asked.answers import folder_name
from pipeline.asked.assigned import as_name, options_by_measure, typed
from pipeline.stages.terms import Question

ASKED = ["recall", "precision", "ndcg"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], {}),
        (["recall.k=1,5,50"], {"recall": {"k": [1, 5, 50]}}),
        (["recall.k=[1, 5, 50]"], {"recall": {"k": [1, 5, 50]}}),
        (["recall.k=1, 5, 50"], {"recall": {"k": [1, 5, 50]}}),
        (["recall.k=7"], {"recall": {"k": [7]}}),
        (["recall.k=7", "recall.k=8"], {"recall": {"k": [8]}}),
        (["recall.k=1,5,10", "ndcg.k="], {"recall": {"k": [1, 5, 10]}, "ndcg": {"k": []}}),
        (["recall.k=7  precision.k=2,3"], {"recall": {"k": [7]}, "precision": {"k": [2, 3]}}),
        (["recall.k=[7, 8] ndcg.k=4"], {"recall": {"k": [7, 8]}, "ndcg": {"k": [4]}}),
    ],
)
def test_options_however_they_are_typed(given: list[str], found: dict[str, object]) -> None:
    assert options_by_measure(given, ASKED) == found


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("k=5", ("write it as MEASURE.OPTION=VALUE, such as --set-measure recall.k=1,5,50",)),
        ("recall.k", ("write it as MEASURE.OPTION=VALUE",)),
        ("recall.=5", ("write it as MEASURE.OPTION=VALUE",)),
        (".k=5", ("write it as MEASURE.OPTION=VALUE",)),
        ("", ("write it as MEASURE.OPTION=VALUE",)),
        ("recal.k=5", ("'recal.k=5': ", "did you mean 'recall'")),
        ("recall.q=5", ("'recall.q=5': measure recall: unknown key 'q'", "accepted: k")),
        ("mean_rank.k=5", ("measure mean_rank: unknown key 'k'",)),
        ("recall.k=0", ("greater than or equal to 1", "choose another value")),
        ("recall.k=1,five", ("valid integer", "'five'", "choose another value")),
        ("recall.k=1.5", ("valid integer", "choose another value")),
        ("recall.k=true", ("choose another value",)),
        ("recall.k=", ("at least 1 item", "choose another value")),
        ("recall.k.j=5", ("unknown key 'k.j'",)),
        (
            "map_at_k.k=5",
            ("map_at_k is not asked for; give --measures recall,precision,ndcg,map_at_k",),
        ),
    ],
)
def test_what_means_nothing_is_one_line_with_the_way_out(
    given: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(SettingError) as caught:
        options_by_measure([given], ASKED)
    assert "\n" not in str(caught.value)
    assert [part for part in parts if part not in str(caught.value)] == []


def test_of_the_usual_measures_recall_alone_has_options() -> None:
    assert options_by_measure(["recall.k=2"], []) == {"recall": {"k": [2]}}
    with pytest.raises(SettingError, match="precision is not asked for; give --measures precision"):
        options_by_measure(["precision.k=2"], [])


def test_a_question_without_options_is_the_one_of_before() -> None:
    usual = {"split": "test", "protocol": None, "measures": []}
    assert Question().as_asked() == usual
    assert Question().options() == {}
    asked = Question(set_measure=["recall.k=2"])
    assert asked.as_asked() == {**usual, "options": {"recall": {"k": [2]}}}
    assert json.loads(json.dumps(asked.as_asked())) == asked.as_asked()
    assert asked.options() == {"options": {"recall": {"k": [2]}}}


def test_each_question_has_a_folder_of_its_own() -> None:
    def folder(*given: str) -> str:
        return folder_name(Question(measures=ASKED, set_measure=given), "test")

    assert folder() == "eval-test-measures-recall+precision+ndcg"
    assert folder("recall.k=3,4") == f"{folder()}-set-recall.k-3+4"
    both = folder("recall.k=3", "precision.k=4")
    assert both == f"{folder()}-set-recall.k-3-precision.k-4"
    many = [as_name({"recall": {"k": [*range(1, 99), last]}}) for last in (99, 100)]
    assert len({*many, folder("recall.k=3"), both}) == 4
    assert max(map(len, many)) < 20
    long = [folder_name(Question(), "test", corpus * 99 + "x" * 9) for corpus in ("ab", "ba")]
    assert long[0] != long[1]
    assert all(name.startswith("eval-test-") and len(name) < 40 for name in long)
    assert as_name({"other": {"word": "a/b"}}) != as_name({"other": {"word": "a_b"}})


def test_all_that_is_asked_is_in_the_name_of_the_folder(tmp_path: Path) -> None:
    """A part of a question that comes later is to be named here, or is none."""
    file = tmp_path / "answers.csv"
    file.write_text("image,caption\n")
    changed: dict[str, Any] = {
        "split": "val",
        "protocol": "folds",
        "measures": ["recall"],
        "ties": True,
        "fold": 5,
        "set_measure": ["recall.k=2"],
        "positives": [file],
        "least": 0.0,
    }
    elsewhere = {"out", "likeness", "page", "similarity"}
    assert {each.name for each in fields(Question)} == {*changed, *elsewhere}
    asked = [Question(), *(Question(**{name: value}) for name, value in changed.items())]
    for said in (Question.as_asked, lambda each: folder_name(each, each.split)):
        assert len({json.dumps(said(each)) for each in asked}) == len(asked)
    assert folder_name(Question(), "", "other-1234") == "eval-other-1234"


def test_a_value_is_shown_as_it_may_be_typed() -> None:
    assert (typed((1, 5)), typed([]), typed(0.5)) == ("1,5", "", "0.5")
