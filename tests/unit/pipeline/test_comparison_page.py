"""The page of a comparison: what it shows, whose queries, and when it is drawn anew."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from core.errors import RunError
from core.records import Caption, Corpus, Image
from evaluate.kept import PAGE
from evaluate.measured import NAMES
from evaluate.queries import Queries
from evaluate.statistics.paired import in_order_of
from pipeline.compared import cells as tables
from pipeline.compared.called import labels
from pipeline.compared.groups import Group, grouped, rows_of
from pipeline.compared.kept import comparison
from pipeline.compared.pairs import pairs_of
from pipeline.compared.settings import differing
from pipeline.compared.wins import MOST, Win, wins
from pipeline.plots.forest import Difference, forest
from pipeline.plots.overlaid import Trained, overlaid
from pipeline.shown.comparison.given import Compared
from pipeline.shown.comparison.page import page
from pipeline.shown.comparison.written import keep_page, refuse_another
from pipeline.shown.markup import html
from pipeline.shown.sealed import shown
from tests.unit.pipeline.test_compared import asked
from tests.unit.pipeline.test_curves import FULL, OLD, SOLVED

EVIL = "<script>alert('x')</script>"


def corpus() -> Corpus:
    ids = [f"p{n:02}" for n in range(40)]
    texts = [(i, Caption(f"{i}#0", f"about {i} {EVIL}")) for i in ids]
    return Corpus.build("c", [Image(i, Path("no") / f"{i}.jpg", "test") for i in ids], texts)


def compared(**more: Any) -> Compared:
    """Two seeds of a recipe, and one of another, whose name is odd."""
    runs = [asked(1), asked(2), asked(3, EVIL, better=20)]
    of = (FULL, FULL, OLD)
    trained = [replace(run, record=record) for run, record in zip(runs, of, strict=True)]
    groups = grouped(trained)
    rows = rows_of(groups)
    return Compared(groups, rows, pairs_of(rows), differing(groups), labels(groups), **more)


@pytest.fixture(scope="module")
def given() -> Compared:
    return compared(corpus=corpus())


@pytest.fixture(scope="module")
def text(given: Compared) -> str:
    return page(given)


def test_every_section_is_there_and_every_number_of_the_tables(given: Compared, text: str) -> None:
    found = re.findall(r'<section id="([a-z]+)"', text)
    assert found == [
        *("said", "numbers", "differences", "won", "settings", "trainings", "origin"),
    ]
    told = tables.blocks(given.rows, given.called)
    told.append(tables.tested(given.pairs[0], given.called))
    for cell in (cell for block in told for row in block.rows for cell in row):
        assert html(cell.removesuffix("*")) in text, cell
    assert "within what" in text or "is more than" in text


def test_a_side_that_asks_itself_is_called_as_in_a_report() -> None:
    each = [asked(1), asked(2, "b", better=20)]
    ways = ("i2t", "t2i", "i2i", "t2t")
    told = [
        replace(
            run,
            report={**run.report, "i2i": run.report["i2t"], "t2t": run.report["t2i"]},
            queries=[replace(run.queries[0], way=way) for way in ways],
        )
        for run in each
    ]
    groups = grouped(told)
    rows = rows_of(groups)
    given = Compared(groups, rows, pairs_of(rows), differing(groups), labels(groups))
    found = [block.title for block in tables.blocks(rows, given.called)]
    assert found[-4:] == [*(NAMES[way] for way in ways)]
    assert "before 1 a: image to image" in page(given)


def test_nothing_of_a_name_or_a_caption_is_markup(text: str) -> None:
    assert "<script" not in text
    assert "alert(&#x27;x&#x27;)" in text


def test_it_refers_to_nothing_outside(text: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert addresses
    assert all(each.startswith(("#", "data:")) for each in addresses)


def test_without_a_corpus_ids_stand_in_their_places() -> None:
    told = page(compared())
    assert "about p" not in told
    assert re.search(r"rank \d+", told)


def slow_wins(one: Queries, two: Queries) -> list[tuple[str, float, float]]:
    ranks = zip(one.id, one.values["mean_rank"], two.values["mean_rank"], strict=True)
    apart = sorted((-b / a, str(i), a, b) for i, a, b in ranks)
    return [(i, a, b) for ratio, i, a, b in apart if ratio < -1][:MOST]


def test_those_that_each_wins_most_are_those_of_a_sort(given: Compared) -> None:
    (pair,) = given.pairs
    found = list(wins(pair))
    for (first, other), one in zip(found, pair.first.queries, strict=True):
        two = in_order_of(one, pair.other.queries)
        assert [(win.id, win.first, win.other) for win in first] == slow_wins(one, two)
        assert [(win.id, win.other, win.first) for win in other] == slow_wins(two, one)


def test_no_two_are_of_one_picture_and_without_ranks_values_are_compared() -> None:
    groups = [Group((asked(n, name),)) for n, name in ((1, "a"), (2, "b"))]
    rows = rows_of(groups)
    (pair,) = pairs_of(rows)
    picture = np.array(["p0", "p0", "p1"])
    ids = np.array(["x", "y", "z"])

    def row(of: Any, values: list[float]) -> Any:
        queries = [Queries("i2t", ids, picture, {"map": np.array(values)})]
        return replace(of, scored=(replace(of.scored[0], queries=queries),))

    two = replace(pair, first=row(pair.first, [9, 8, 1]), other=row(pair.other, [1, 1, 2]))
    ((first, other),) = wins(two)
    assert first == [Win("i2t", "x", "p0", "map", 9.0, 1.0)]
    assert other == [Win("i2t", "z", "p1", "map", 1.0, 2.0)]


def test_a_forest_is_small_the_same_and_says_its_numbers() -> None:
    rows = [
        Difference("a less b", 3.0, 1.0, 5.0, 2.5, sure=True),
        Difference("a less c $x^", -1.0, -2.0, 1.0, 2.5, sure=False),
    ]
    drawn = forest("d", "D", rows)
    assert drawn == forest("d", "D", rows)
    assert len(drawn.data) < 60_000
    assert "a less b +3.0 (+1.0 to +5.0)" in drawn.alt
    texts = [each.text.strip() for each in ElementTree.fromstring(drawn.data).iter() if each.text]
    assert {"a less b", "a less c $x^"} <= set(texts)


def test_trainings_lie_over_one_another_as_far_as_they_are_told() -> None:
    found = [each.id for each in overlaid([Trained(0, FULL), Trained(1, OLD)], ["a", "b"])]
    assert found == ["trainings-score", "trainings-loss"]
    no_loss = [Trained(0, FULL), Trained(1, SOLVED)]
    assert [each.id for each in overlaid(no_loss, ["a", "b"])] == ["trainings-score"]
    assert list(overlaid([Trained(0, FULL), Trained(0, OLD)], ["a"])) == []
    assert list(overlaid([], [])) == []


def test_it_is_drawn_where_it_is_not_as_it_would_be(
    given: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def counted(*given: Any) -> str:
        drawn.append(1)
        return page(*given)

    monkeypatch.setattr("pipeline.shown.comparison.page.page", counted)
    told = comparison(given.groups, given.rows, given.pairs, given.settings, given.called)
    keep_page(tmp_path, told, given)
    keep_page(tmp_path, told, given)
    assert len(drawn) == 1
    assert shown(tmp_path / PAGE)
    keep_page(tmp_path, told, replace(given, corpus=None))
    assert len(drawn) == 2
    (tmp_path / PAGE).write_bytes((tmp_path / PAGE).read_bytes()[:-9])
    keep_page(tmp_path, told, replace(given, corpus=None))
    assert len(drawn) == 3
    refuse_another(tmp_path)


def test_what_is_no_page_of_ours_is_not_written_over(tmp_path: Path) -> None:
    refuse_another(None)
    refuse_another(tmp_path)
    (tmp_path / PAGE).write_text("mine")
    with pytest.raises(RunError, match="is no page of this program; choose another --out"):
        refuse_another(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(RunError, match="an answer with a page of its own; choose another --out"):
        refuse_another(tmp_path)
