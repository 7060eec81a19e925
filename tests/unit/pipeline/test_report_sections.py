"""Sections of a report's page, each from what it is given."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.records import Caption, Corpus, Image
from evaluate.queries import Queries
from pipeline.shown.report.costs import costs
from pipeline.shown.report.examples import Examples
from pipeline.shown.report.given import Given
from pipeline.shown.report.head import lead, title
from pipeline.shown.report.notes import leaks, notes
from pipeline.shown.report.numbers import numbers
from pipeline.shown.report.settings import provenance
from pipeline.shown.report.shelf import Shelf
from pipeline.shown.sealed import seal, shown, write_page
from pipeline.shown.thumbnails import Thumbnails

WAY: dict[str, Any] = {"queries": 4, "gallery": 9, "positives": 1.0}
REPORT: dict[str, Any] = {
    "run": "a <run>",
    "split": "test",
    "corpus": {"name": "photos"},
    "rsum": 301.25,
    "images": 1,
    "captions": 9,
    "i2t": {**WAY, "median_rank": 2.0, "r1": 50.0, "r10": 75.0, "r5": 60.0, "mean_rank": 1234.56},
    "t2i": {**WAY, "median_rank": 2.5, "r1": 5.0, "r10": 7.0, "r5": 6.0, "mean_rank": 3.0},
    "intervals": {"i2t": {"r1": [44.44, 55.55]}, "rsum": [280.0, 320.0]},
    "chance": {"i2t": {"r1": 11.111}, "t2i": {"r1": 0.5}},
    "table": "test: 1 image\nrsum 301.2\n95 %: of 10,000 resamples",
    "line": "split test\nrun <b>",
    "protocol_name": "retrieval",
    "protocol": "whole split as gallery",
    "notes": ["look < here"],
    "leaks": None,
    "files": {},
}


def given(folder: Path, **more: Any) -> Given:
    return Given(folder, {**REPORT, **more}, folder / "work")


def test_the_table_has_intervals_and_what_a_guess_reaches(tmp_path: Path) -> None:
    body = numbers(given(tmp_path)).body
    places = [body.index(f">{name}</th>") for name in ("R@1", "R@5", "R@10", "median", "mean")]
    assert places == sorted(places)
    assert "<b>50.0</b><br><small>44.4 to 55.5</small>" in body  # 55.55 is below it in binary
    assert "<b>1,234.6</b>" in body
    assert ">2</b>" in body
    assert ">2.5</b>" in body
    assert "<small>11</small>" in body
    assert "of 10,000 resamples" in body
    assert "run &lt;b&gt;" in body


@pytest.mark.parametrize(
    "more", [{"each": []}, {"folds": {}}, {"i2t": {"map_at_3": 1.0}}, {"protocol_name": "labels"}]
)
def test_a_report_with_more_rows_is_shown_as_it_is_printed(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    body = numbers(given(tmp_path, **more)).body
    assert "<pre>test: 1 image\nrsum 301.2\n" in body


def test_the_head_says_what_it_is_of(tmp_path: Path) -> None:
    state = {"epoch": 3, "epochs": 5, "finished": False, "epochs_done": 4}
    assert title(given(tmp_path)) == "a <run>: test of photos"
    assert title(given(tmp_path, run=["a", "b"], corpus=None, split=None)) == (
        "a and b: a matrix of similarities"
    )
    told = lead(given(tmp_path, **state))
    assert "rsum 301.2" in told
    assert "95 %: 280.0 to 320.0" in told
    assert "epoch 3 of 5, not finished (4 done); 1 picture, 9 captions" in told
    mean = {"map": 12.34, "rsum": None}
    assert "mAP 12.3</b>" in lead(given(tmp_path, **mean))
    assert "the mean of the similarities of 2 runs" in lead(given(tmp_path, run=["a", "b"]))


def test_notes_and_leaks(tmp_path: Path) -> None:
    assert "look &lt; here" in notes(given(tmp_path)).body
    assert "Nothing that has to be known" in notes(given(tmp_path, notes=[])).body
    assert "nobody knows" in leaks(given(tmp_path)).body
    words = {"share": 0.25, "unseen": 5, "words": 20, "distinct": 4, "most": ["<zebra>"]}
    found = {
        "identical": 2,
        "alike": {"pictures": None, "why": "vectors", "compared": [0, 0], "bits": 4, "unseen": {}},
        "captions": {"same": 3, "compared": 40, "why": ""},
        "unknown_words": [words, None],
    }
    (tmp_path / "leaks.csv").write_text("leak,asked,trained_on,bits\nsame file,<a>,b,0\n")
    body = leaks(given(tmp_path, leaks=found, files={"leaks.csv": ""})).body
    for told in ("not looked at: vectors", "3 of 40", "25.0 % (5 of 20)", "&lt;zebra&gt;"):
        assert told in body
    assert "&lt;a&gt;" in body


def test_where_numbers_come_from(tmp_path: Path) -> None:
    more = {"encoders": {"image": {"crops": 2}}, "threads": {"training": [1, 2]}, "finished": True}
    body = provenance(given(tmp_path, **more)).body
    for name, value in (
        ("encoders.image.crops", "2"),
        ("threads.training", "1, 2"),
        ("finished", "yes"),
        ("run", "a &lt;run&gt;"),
    ):
        assert f'<th scope="row">{name}</th><td>{value}</td>' in body


def line(what: Path, **more: Any) -> str:
    told = {
        "when": "2026-01-02T03:04:05+00:00",
        "stage": "train",
        "what": str(what),
        "seconds": 90.0,
        "bytes": 2_500_000,
        "items": 14,
        "device": "cpu",
        "threads": 1,
        "version": "1",
        "outcome": "done",
    }
    return json.dumps({**told, **more})


def test_the_journal_tells_of_what_made_the_report_alone(tmp_path: Path) -> None:
    work, run, cache = (tmp_path / name for name in ("work", "a-run", "a-cache"))
    work.mkdir()
    moved = Path("/elsewhere") / cache.name
    lines = [
        line(moved, stage="features", seconds=3600),
        line(run),
        line(run / "eval-test", stage="evaluate", seconds=30),
        line(tmp_path / "other" / "eval-test", stage="never"),
        line(tmp_path / "b-run", stage="never"),
        '{"what": "' + str(run),
        line(run, seconds="<b>", stage="never"),
    ]
    (work / "journal.jsonl").write_text("\n".join(lines))
    told = Given(
        run / "eval-test",
        REPORT,
        work,
        runs=[SimpleNamespace(run=run)],  # type: ignore[list-item]  # nothing else is looked at
        caches=[cache, tmp_path / "gone", cache],
    )
    body = costs(told).body
    stages = [stage for stage in ("features", "train", "evaluate", "never") if f">{stage}<" in body]
    assert stages == ["features", "train", "evaluate"]
    assert body.count("<tr>") == 4
    assert "2.5</td>" in body
    assert "2026-01-02 03:04" in body
    assert "1 h 2 min in all" in body
    assert "no line of gone." in body
    without = costs(Given(run / "eval-test", REPORT, tmp_path / "none"))
    assert "no line of eval-test." in without.body


MAP = np.array([50.0, 20.0, 10.0])


def asked(rank: list[float], picture: list[str], name: str = "mean_rank") -> Queries:
    ids = np.array([f"q{n}" for n in range(len(rank))])
    return Queries("t2i", ids, np.array(picture), {name: np.array(rank)})


def test_examples_are_drawn_and_the_worst_come_first() -> None:
    found_by = asked([1.0, 2.0, 3.0], ["a", "b", "c"])
    rank, pictures = [1.0, 7.0, 1.0, 9.0, 9.0, 1.0], ["a", "b", "c", "d", "d", "a"]
    found = Examples.of(asked(rank, pictures), np.array([3, 0, 2, 5, 4, 1]))
    assert found.missed.tolist() == [4, 1]
    assert found.found.tolist() == [5, 2]
    precise = Queries(
        "t2i", found_by.id, found_by.picture, {"r1": np.array([100.0, 0, 0]), "map": MAP}
    )
    chosen = Examples.of(precise, np.arange(3))
    assert (chosen.found.tolist(), chosen.missed.tolist()) == ([0], [2, 1])
    with pytest.raises(InputError, match="kept where mean_rank is measured"):
        Examples.of(asked(rank, pictures, "r1"), np.arange(6))


def shelf_of(corpus: Corpus) -> Shelf:
    return Shelf(corpus, Thumbnails())


def test_a_shelf_without_a_corpus_has_ids() -> None:
    empty = Shelf(None, Thumbnails())
    assert empty.picture("<a>") == '<span class="gone">&lt;a&gt;</span>'
    assert empty.caption("c") == "c"
    corpus = Corpus.build("x", [Image("a", None, "test")], [("a", Caption("c", "a <b>"))])
    shelf = shelf_of(corpus)
    assert shelf.caption("c") == "a <b>"
    book = Corpus.build("x", [Image("a", None, "test")], [("a", Caption("c", "w" * 10**6))])
    assert shelf_of(book).caption("c") == "w" * 400 + " …"
    assert "no picture, but a vector" in shelf.picture("a")


def test_a_page_tells_whether_it_is_whole(tmp_path: Path) -> None:
    file, shows = tmp_path / "a.html", "ab" * 32
    page = "<!doctype html>" + "".join(seal(shows)) + f"<p>{'0' * 64}</p>"
    write_page(file, page)
    assert shown(file) == shows
    data = file.read_bytes()
    for at in range(0, len(data), 7):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert shown(file) is None
    file.write_bytes(data + b" ")
    assert shown(file) is None
    file.write_bytes(b"<html>")
    assert shown(file) is None
