"""``report.html``: what `evaluate` writes beside report.json for a person to look at."""

import base64
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.predictions import Embeddings
from evaluate.queries import read_queries
from tests.e2e.conftest import SMALL, Chain, Said, Type, typed
from tests.interruption import flip

IDS = ("numbers", "notes", "found", "missed", "confused", "leaks", "settings", "provenance")
SECTION = re.compile(r'<section id="(\w+)".*?</section>', re.DOTALL)
PICTURE = re.compile(r'src="data:image/jpeg;base64,([^"]+)" alt="picture ([^"]+)"')


@pytest.fixture
def undrawn() -> None:
    """Figures and all."""


@pytest.fixture(scope="module")
def asked(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its answer and the page; a page of another test may have no figures."""
    place = tmp_path_factory.mktemp("page") / chain.run.name
    run = shutil.copytree(chain.run, place, ignore=shutil.ignore_patterns("eval-*"))
    typed("evaluate", run, "--data", chain.data, "--cache", chain.cache, "--work", chain.work)
    return run


@pytest.fixture
def run(asked: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(asked, tmp_path / asked.name)


@pytest.fixture
def ask(tencrop: Type, chain: Chain) -> Type:
    """Ask a run of this chain that lies elsewhere."""

    def evaluate(run: Path, *words: object) -> Said:
        where = ("--data", chain.data, "--cache", chain.cache, "--work", chain.work)
        return tencrop("evaluate", run, *where, *words)

    return evaluate


def page_of(run: Path) -> Path:
    return run / "eval-test" / "report.html"


def sections(page: str) -> dict[str, str]:
    return {found[1]: found[0] for found in SECTION.finditer(page)}


def told(file: Path) -> dict[str, str]:
    """All sections but that of the journal: a file that a test just wrote seems to be work."""
    parts = sections(file.read_text(encoding="utf-8"))
    return {name: part for name, part in parts.items() if name != "costs"}


def test_it_has_every_section_and_the_pictures_that_are_ranked(asked: Path) -> None:
    page = page_of(asked).read_text(encoding="utf-8")
    parts = sections(page)
    assert parts["figures"].count("data:image/svg+xml") > 5
    assert {*IDS, "costs", "reading"} <= parts.keys()
    assert len(page) < 5 * 2**20
    for word in ("<script", "http://", "https://", "javascript:"):
        assert word not in page
    predicted, queries = Embeddings.load(page_of(asked).parent), read_queries(page_of(asked).parent)
    rank = {way.way: way.values["mean_rank"] for way in queries}
    worst = f"at rank {int(rank['t2i'].max()):,} of 12 candidates"
    assert worst in parts["missed"]
    for data, name in PICTURE.findall(page):
        assert base64.b64decode(data).startswith(b"\xff\xd8")
        assert name in predicted.image.id
    assert ">train</th>" in parts["costs"]
    assert ">features</th>" in parts["costs"]
    assert "embed_dim</th><td>32</td>" in parts["settings"]
    assert str(asked.parent) not in page  # no path of this machine


def test_the_first_five_of_a_caption_are_those_of_a_sort(asked: Path) -> None:
    made = Embeddings.load(page_of(asked).parent)
    assert made.caption is not None
    scores = made.image.value.astype(float) @ made.caption.value.astype(float).T
    page = sections(page_of(asked).read_text(encoding="utf-8"))["missed"]
    cards = page.partition("A caption asks")[2].split("<article")[1:]
    assert cards
    for card in cards:
        caption = made.caption.id.tolist().index(re.search(r'"soft">([^:]+): the first', card)[1])  # type: ignore[index]
        wanted = made.image.id[np.argsort(-scores[:, caption])][:5].tolist()
        assert [name for _, name in PICTURE.findall(card)][:5] == wanted
        marks = re.findall(r'<li class="(\w+)"', card)
        own = made.image.id[made.owner[caption]]  # type: ignore[index]
        assert marks[:5] == ["right" if name == own else "wrong" for name in wanted]
        assert marks.count("right") == 1


def test_a_page_that_is_there_is_left_and_one_that_is_not_is_drawn(
    ask: Type, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, report = page_of(run), page_of(run).with_name("report.json").read_bytes()
    first = told(page)
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.shown.report.page.page", None)
        said = ask(run)
        assert f"to look at: {page}" in said.err
        assert "not drawn" not in said.err
    for change in (page.unlink, lambda: flip(page, 3000), lambda: page.write_text("<html>")):
        change()
        assert ask(run).code == 0
        assert told(page) == first
    assert page.with_name("report.json").read_bytes() == report


def test_it_is_verified_with_its_run(tencrop: Type, run: Path) -> None:
    said = tencrop("run", "verify", run)
    assert said.code == 0
    assert "report.html" not in said.err
    flip(page_of(run), 5000)
    broken = tencrop("run", "verify", run)
    assert broken.code == 1
    assert "eval-test/report.html is damaged: it is no page as it was written; run" in broken.err


def test_it_may_be_left_out(ask: Type, run: Path) -> None:
    page_of(run).unlink()
    said = ask(run, "--no-page")
    assert (said.code, page_of(run).exists()) == (0, False)
    assert "report.html" not in said.err


def test_what_cannot_be_drawn_costs_no_report(
    ask: Type, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(run).unlink()
    monkeypatch.setattr("pipeline.shown.report.page.numbers", lambda given: 1 / 0)
    said = ask(run)
    assert said.code == 0
    assert "report.html was not drawn (unexpected ZeroDivisionError" in said.err
    assert "rsum" in said.out
    assert not page_of(run).exists()


def test_vectors_that_are_damaged_since_leave_the_other_sections(
    ask: Type, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.asked.predicted.Embeddings.load", _damaged)
    page_of(run).unlink()
    assert ask(run).code == 0
    parts = sections(page_of(run).read_text(encoding="utf-8"))
    assert "Not shown: these are damaged; do" in parts["confused"]
    assert "image to text" in parts["numbers"]


def _damaged(*_: object) -> None:
    from core.errors import InputError

    raise InputError("these are damaged; do")


def test_a_matrix_has_the_sections_that_it_can_have(
    tencrop: Type, asked: Path, chain: Chain, tmp_path: Path
) -> None:
    scores = tmp_path / "scores.h5"
    where = ("--data", chain.data, "--cache", chain.cache, "--work", chain.work)
    assert tencrop("evaluate", asked, *where, "--similarity", scores).code == 0
    said = tencrop("evaluate", "--from-similarity", scores, "--out", tmp_path / "out")
    assert said.code == 0, said.err
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    parts = sections(page)
    own = sections(page_of(asked).read_text(encoding="utf-8"))
    assert "data:image/jpeg" not in page
    for name in ("found", "missed", "confused"):
        assert re.findall(r'class="(right|wrong)"', parts[name]) == re.findall(
            r'class="(right|wrong)"', own[name]
        )
    assert "nobody knows" in parts["leaks"]
    assert "says nothing of how it was trained" in parts["settings"]


def test_several_runs_have_one_page(
    tencrop: Type, asked: Path, chain: Chain, tmp_path: Path
) -> None:
    other = tmp_path / "runs" / "other"
    words = ("--data", chain.data, *SMALL, "--seed", 3, "--run", other, "--work", chain.work)
    assert tencrop("train", chain.cache, *words).code == 0
    where = ("--data", chain.data, "--cache", chain.cache, "--work", chain.work)
    said = tencrop("evaluate", asked, other, *where, "--out", tmp_path / "both")
    assert said.code == 0, said.err
    page = (tmp_path / "both" / "report.html").read_text(encoding="utf-8")
    parts = sections(page)
    assert "the mean of the similarities of 2 runs" in page
    assert "<pre>test: 12 images" in parts["numbers"]
    assert parts["settings"].count("<details>") == 2
    trained = set(re.findall(r">train</th><td>([^<]+)</td>", parts["costs"]))
    assert trained == {asked.name, other.name}
    assert "data:image/jpeg" in parts["found"] + parts["missed"]
    assert "Not shown" not in page
