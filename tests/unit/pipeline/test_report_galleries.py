"""A whole page of a report, of pictures and captions of all kinds, without a run."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from core.records import Caption, Corpus, Image
from core.similarities.matrix import Similarity
from evaluate.closeness import Hardest
from evaluate.judge import judge
from evaluate.queries import save_queries
from evaluate.scores.face import Scores
from pipeline.shown.report.given import Given
from pipeline.shown.report.page import page

ODD = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</q></li><b>&amp;",
    "a\x00b",
)
COUNT = 7


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Seven pictures, one of which is not there and one no picture, with two captions each."""
    folder = tmp_path_factory.mktemp("page")
    draw = np.random.default_rng(0)
    for number in range(COUNT - 2):
        pixels = draw.integers(0, 256, (40, 30, 3), dtype=np.uint8)
        Pillow.fromarray(pixels).save(folder / f"<{number}>.png")
    (folder / f"<{COUNT - 2}>.png").write_text("no picture")
    ids = [f"<{number}>.png" for number in range(COUNT)]
    corpus = Corpus.build(
        "odd",
        [Image(id, folder / id, "test") for id in ids],
        [(id, Caption(f"{id}#{n}", ODD[(o + n) % 4])) for o, id in enumerate(ids) for n in (0, 1)],
    )
    matrix = Similarity(
        draw.normal(size=(COUNT, 2 * COUNT)),
        np.array(ids),
        np.array([caption.id for caption in corpus.captions]),
        corpus.owner,
    )
    judged = judge(matrix, {})
    files = save_queries(folder, judged.queries())
    told = {"run": "<i>", "split": "test", "corpus": {"name": "<u>"}, "files": files}
    more: dict[str, Any] = {"table": "", "line": "<p>", "notes": ["<hr>"], "leaks": None}
    return Given(folder, {**judged.facts, **told, **more}, folder, corpus=corpus, matrix=matrix)


@pytest.fixture(scope="module")
def drawn(given: Given) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipeline.plots.report.figures", lambda *_: [])
        return page(given)


def test_nothing_that_is_shown_becomes_markup(drawn: str) -> None:
    assert "Not shown: " not in drawn
    assert "alert(1)" in drawn
    known = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "nav"}
    known |= {"main", "section", "article", "div", "p", "ul", "ol", "li", "dl", "dt", "dd", "q"}
    known |= {"table", "thead", "tbody", "tr", "th", "td", "b", "small", "span", "br", "a", "img"}
    assert set(re.findall(r"<([a-z0-9]+)", drawn)) <= known
    assert not re.findall(r"<[^>]*\son\w+=", drawn)
    assert not re.findall(r'src="(?!data:image/)', drawn)
    assert "\x00" not in drawn


def test_all_similarities_are_looked_through_once_and_not_where_there_are_too_many(
    given: Given, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    passes: list[Scores] = []
    whole = Hardest.found
    monkeypatch.setattr(Hardest, "found", lambda of: passes.append(of) or whole(of))
    again = replace(given)
    assert 'id="closest"' in page(again)
    assert passes == [again.scores]
    monkeypatch.setattr("pipeline.shown.report.given.MOST", 2 * COUNT * COUNT - 1)
    large = page(replace(given))
    assert "Not shown: it is looked for among 97 pairs" in large
    assert "the picture of the similarities was not drawn (it is looked for among 97" in (
        capsys.readouterr().err
    )
    assert (len(passes), 'id="closest"' in large) == (1, False)


def test_ranks_frames_and_scores_are_those_of_the_matrix(given: Given, drawn: str) -> None:
    assert isinstance(given.matrix, Similarity)
    scores, owner = given.matrix.value[:], given.matrix.owner
    cards = drawn.partition('id="missed"')[2].partition('id="confused"')[0]
    asked = cards.partition("A caption asks")[2].split("<article")[1:]
    ranks = []
    for card in asked:
        told = re.search(r'class="soft">&lt;(\d)&gt;.png#(\d): the first right .* rank (\d+)', card)
        assert told
        caption = 2 * int(told[1]) + int(told[2])
        order = np.argsort(-scores[:, caption])
        rank = order.tolist().index(owner[caption]) + 1
        ranks.append(rank)
        assert int(told[3]) == rank
        found = [float(score) for score in re.findall(r"<small>(-?[\d.]+)</small>", card)]
        first = [*order[:5], *([owner[caption]] if rank > 5 else [])]
        assert found == pytest.approx(scores[first, caption].tolist(), abs=5e-4)
        frames = re.findall(r'<li class="(\w+)"', card)
        assert frames == ["right" if row == owner[caption] else "wrong" for row in first]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] == max((scores[:, c] >= scores[owner[c], c]).sum() for c in range(2 * COUNT))


def test_who_is_most_like_a_wrong_picture_is_told_where_its_own_stands(
    given: Given, drawn: str
) -> None:
    assert isinstance(given.matrix, Similarity)
    scores, owner = given.matrix.value[:], given.matrix.owner
    cards = drawn.partition("Most alike, and wrong")[2].partition("</section>")[0]
    wanted = []
    wrong = np.where(np.arange(COUNT)[:, None] == owner, -np.inf, scores)
    seen: set[frozenset[int]] = set()
    for caption in np.argsort(-wrong.max(axis=0)).tolist():
        both = int(wrong[:, caption].argmax()), int(owner[caption])
        if frozenset(both) not in seen and len(wanted) < 6:
            seen.add(frozenset(both))
            order = np.argsort(-scores[:, caption]).tolist()
            places = sorted((order.index(row) + 1, scores[row, caption]) for row in both)
            wanted.append([(f"{rank}.", f"{score:.3f}") for rank, score in places])
    shown = re.compile(r"(\d+\.) <small>(-?[\d.]+)</small>")
    found = [shown.findall(card) for card in cards.split("<article")[1:]]
    assert found == wanted
    own = {rank for card in wanted for rank, _ in card}
    assert own - {"1.", "2."}, "a picture of their own stands behind the second place"


def test_a_picture_that_is_not_to_be_seen_says_why_in_its_place(drawn: str) -> None:
    assert 'title="&lt;5&gt;.png">not shown: not a picture' in drawn
    assert 'title="&lt;6&gt;.png">not shown: its file is not there' in drawn
    assert 'alt="picture &lt;0&gt;.png"' in drawn


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"protocol_name": "extended"}, "what is right by the protocol extended is not kept"),
        ({"files": {}}, "the rank of single queries is kept where mean_rank is measured"),
    ],
)
def test_what_a_report_lacks_is_said_in_its_place(
    given: Given, more: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.plots.report.figures", lambda *_: [])
    other = Given(given.folder, {**given.report, **more}, given.work, matrix=given.matrix)
    shown = page(other)
    assert f"Not shown: {why}" in shown
    assert 'id="confused"' in shown
