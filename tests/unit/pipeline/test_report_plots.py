"""The figures of a report: what they show, that they are small, safe and the same each time."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from core.ensemble import Ensemble
from core.predictions import Embeddings, Vectors
from core.similarities.matrix import Similarity
from evaluate.chance import recalls as chances
from evaluate.judge import judge
from evaluate.margins import margins
from evaluate.scores.named import scores_of
from pipeline.mapped import neighbours, sampled
from pipeline.plots import manifold, report
from pipeline.plots.blind import blind
from pipeline.plots.canvas import COLOURS
from pipeline.plots.drawn import Drawn
from pipeline.plots.manifold import manifolds, missing
from pipeline.plots.plane import kinds
from pipeline.plots.ranked import bins, depths, ranked, recall_at, shares
from pipeline.plots.report import figures
from pipeline.plots.svg import MIME, THEME, paper, svg
from tests.unit.pipeline.test_curves import FULL, OLD, SOLVED

RANKS = ["recall", "ranks"]
SPACE = ["pca", "gap"]
LABELLED = ["precision", "curve", "selective"]
TRAINING = [f"training-{name}" for name in ("loss", "rate", "validation", "similarity")]
PICTURES = 24
COLOURED_BY = [list(THEME).index(colour.lower()) for colour in COLOURS]
"""The number of each colour in the file's own style."""


def space(labelled: bool = False, kind: Any = np.float32) -> Embeddings:
    draws = np.random.default_rng(0)
    owner = np.repeat(np.arange(PICTURES), 2)
    image = draws.normal(size=(PICTURES, 16)).astype(np.float32)
    caption = image[owner] + 2 * draws.normal(size=(2 * PICTURES, 16)).astype(np.float32)
    label = np.eye(3, dtype=np.bool_)[np.arange(PICTURES) % 3] if labelled else None
    ids = [
        np.array([f"{kind}{n:02}" for n in range(many)]) for kind, many in (("p", 24), ("c", 48))
    ]
    if kind is np.uint8:
        image, caption = (np.packbits(side > 0, axis=1) for side in (image, caption))
    sides = Vectors(ids[0], image, label), Vectors(ids[1], caption)
    named = "hamming" if kind is np.uint8 else "inner"
    return Embeddings(*sides, owner, named, "labels" if labelled else "retrieval")


def drawn_of(given: Any, report: Any, queries: Any, record: Any) -> list[Drawn]:
    return figures(given, report, queries, record, lambda: margins(scores_of(given)))


def drawn(given: Any, record: Any = None, **asked: Any) -> list[Drawn]:
    judged = judge(given, **asked)
    return drawn_of(given, judged.facts, judged.queries(), record)


@pytest.fixture(scope="module")
def plain() -> list[Drawn]:
    return drawn(space(), FULL)


def test_every_figure_of_a_run_in_its_order(plain: list[Drawn]) -> None:
    assert [each.id for each in plain] == [*RANKS, "closest", *SPACE, *TRAINING]


def test_a_figure_is_small_whole_and_refers_to_nothing_outside(plain: list[Drawn]) -> None:
    for each in plain:
        assert each.mime == MIME
        assert len(each.data) < 60_000
        root = ElementTree.fromstring(each.data)
        assert root.tag.endswith("svg")
        assert not [tag for tag in root.iter() if tag.tag.rpartition("}")[2] in ("script", "image")]
        addresses = re.findall(r'(?:href="|url\()([^")]*)', each.data.decode())
        assert all(address.startswith("#") for address in addresses)
        assert each.title
        assert re.search(r"\d", each.alt), each.alt
        assert each.note.rstrip().endswith(".")


def test_texts_are_texts_and_colours_are_of_the_page(plain: list[Drawn]) -> None:
    text = plain[0].data.decode()
    assert "recall at K, in percent</text>" in text
    assert "prefers-color-scheme:dark" in text
    looks = " ".join(re.findall(r'style="([^"]*)"', text))
    assert "#" not in looks.replace("url(#", "")
    assert "var(--c4)" in looks


def test_the_same_report_gives_the_same_bytes(plain: list[Drawn]) -> None:
    assert drawn(space(), FULL) == plain


def test_what_is_drawn_is_what_was_reported(plain: list[Drawn]) -> None:
    told = {each.id: each.alt for each in plain}
    facts = judge(space()).facts
    for way, name in (("i2t", "image to text"), ("t2i", "text to image")):
        values = [f"{facts[way][f'r{k}']:.1f} at {k}" for k in (1, 5, 10)]
        assert f"{name} {', '.join(values)}" in told["recall"]
        assert f"{name}: half of {facts[way]['queries']} queries at rank" in told["ranks"]
        assert re.search(
            rf"{name}: right .* wins in {facts[way]['r1']:.1f} percent", told["closest"]
        )
    assert "24 pictures and 24 captions" in told["pca"]


def test_recalls_and_bars_against_counting() -> None:
    best = np.random.default_rng(1).integers(1, 41, 200)
    among = depths(40)
    assert recall_at(best, among).tolist() == [
        100 * sum(rank <= k for rank in best.tolist()) / 200 for k in among.tolist()
    ]
    spans = bins(40)
    assert [rank for first, last in spans for rank in range(first, last + 1)] == [*range(1, 41)]
    counted = [100 * sum(a <= rank <= b for rank in best.tolist()) / 200 for a, b in spans]
    assert np.allclose(shares(best, spans), counted)


def test_chance_beside_it_is_that_of_the_report_or_of_the_owners() -> None:
    given = space()
    judged = judge(given)
    for way in ranked(judged.facts, judged.queries()):
        told = blind(way, judged.facts, None)
        assert (
            dict(zip((f"r{k}" for k in told.among), told.recall, strict=True))
            == (judged.facts["chance"][way.way])
        )
        whole = blind(way, judged.facts, given.owner)
        at = {int(k): value for k, value in zip(whole.among, whole.recall, strict=True)}
        assert at[1] == pytest.approx(told.recall[0])
        right = np.full(24, 2) if way.way == "i2t" else np.ones(48, dtype=np.int64)
        exact = chances(right, way.gallery, list(at)).values()
        assert np.allclose([*at.values()], [*exact])


def names(found: list[Drawn]) -> list[str]:
    return [each.id for each in found]


def test_other_reports_have_what_can_be_drawn_of_them() -> None:
    one = space()
    assert names(drawn(one, protocol="folds", options={"fold": 12})) == [*RANKS, "closest", *SPACE]
    assert names(drawn(space(labelled=True))) == [*LABELLED, *SPACE]
    assert names(drawn(one, protocol="extended")) == ["precision", *SPACE]
    assert names(drawn(space(kind=np.uint8))) == [*RANKS, "closest"]
    assert names(drawn(Ensemble.of({"a": one, "b": one}))) == [*RANKS, "closest"]
    assert one.caption is not None
    assert one.owner is not None
    scores = one.image.value @ one.caption.value.T
    matrix = Similarity(scores, one.image.id, one.caption.id, one.owner)
    assert names(drawn(matrix)) == [*RANKS, "closest"]
    judged = judge(one)
    assert names(figures(None, judged.facts, judged.queries(), None, None)) == RANKS
    assert names(figures(None, judged.facts, [], FULL, None)) == TRAINING
    assert not any(names(figures(None, judged.facts, [], each, None)) for each in (OLD, SOLVED))


def test_the_guess_beside_several_models_goes_on_to_the_end() -> None:
    one = space()
    alone, several = (drawn(each)[0] for each in (one, Ensemble.of({"a": one, "b": one})))
    assert several.data == alone.data


def test_images_alone_and_a_single_picture_are_drawn() -> None:
    alone = Embeddings(space(labelled=True).image, protocol="labels")
    assert names(drawn(alone)) == [*LABELLED, "pca"]
    one = Embeddings(
        Vectors(np.array(["p"]), np.ones((1, 4), np.float32)),
        Vectors(np.array(["c"]), np.ones((1, 4), np.float32)),
        np.array([0]),
    )
    assert names(drawn(one)) == [*RANKS, *SPACE]  # nothing is wrong, so nothing comes closest


def test_labels_have_colours_and_what_has_none_of_the_first_is_grey() -> None:
    many = np.eye(8, dtype=np.bool_)[np.repeat(np.arange(8), [9, 8, 7, 6, 5, 4, 3, 2])]
    assert kinds(many).tolist() == [*np.repeat(np.arange(7), [9, 8, 7, 6, 5, 4, 5])]
    labelled = {each.id: each for each in drawn(space(labelled=True))}["pca"]
    assert "Colours are the 6 labels" in labelled.note
    looks = labelled.data.decode()
    assert all(f"stroke: var(--c{n})" in looks for n in COLOURED_BY[:3])
    assert f"stroke: var(--c{COLOURED_BY[3]})" not in looks
    plain = {each.id: each for each in drawn(space())}["pca"]
    assert "Colours" not in plain.note


def test_labels_of_captions_are_their_own_or_those_of_their_pictures() -> None:
    given = space(labelled=True)
    assert given.image.label is not None
    assert given.caption is not None
    found = sampled.sampled(given)
    assert found.label is not None
    assert np.array_equal(found.label[:PICTURES], found.label[PICTURES:])
    own = np.zeros((2 * PICTURES, 3), dtype=np.bool_)
    other = sampled.sampled(replace(given, caption=replace(given.caption, label=own)))
    assert other.label is not None
    assert not other.label[PICTURES:].any()
    assert np.array_equal(other.label[:PICTURES], given.image.label)
    assert sampled.sampled(replace(given, owner=None)).label is None
    assert sampled.sampled(space()).label is None


def test_what_the_surest_reach_is_said_and_a_report_of_before_has_no_figure_of_it() -> None:
    given = space(labelled=True)
    judged = judge(given)
    told = {each.id: each for each in drawn(given)}
    for way, name in (("i2t", "image to text"), ("t2t", "text to text")):
        area = judged.facts["selective"][way]["area"]
        assert f"{name}: area {area:.1f}, by lot {judged.facts[way]['map']:.1f}" in (
            told["selective"].alt
        )
        first, last = (judged.facts["curves"][way][at] for at in (0, -1))
        assert f"{name} {first:.1f} and {last:.1f}" in told["curve"].alt
    before = {k: v for k, v in judged.facts.items() if k not in ("curves", "selective")}
    assert names(drawn_of(given, before, judged.queries(), None)) == ["precision", *SPACE]


def test_one_that_cannot_be_drawn_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(report, "projected", fail)
    assert names(drawn(space(), FULL)) == [*RANKS, "closest", "gap", *TRAINING]
    said = capsys.readouterr().err
    assert said.startswith("the picture of the space was not drawn (unexpected ValueError: odd")
    assert said.count("\n") == 1


def test_a_name_is_a_text_whatever_is_in_it() -> None:
    odd = "$x^$ <script>alert(1)</script> --> : #0072b2 & \"'"
    with paper() as figure:
        axes = figure.add_subplot()
        axes.set_title(odd)
        data = svg(figure)
    texts = [each.text for each in ElementTree.fromstring(data).iter() if each.text]
    assert odd in [text.strip() for text in texts]
    assert b"<script" not in data


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> sampled.Sampled:
    monkeypatch.setattr(manifold, "LEAST", 20)
    return sampled.sampled(space())


def test_neighbourhoods_are_drawn_by_who_is_installed(
    few: sampled.Sampled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(points: np.ndarray[Any, Any]) -> Any:
        assert np.allclose((points**2).sum(axis=1), 1)
        return points[:, :2]

    known: Mapping[str, Any] = {"t-SNE": ("json", place), "UMAP": ("no_such_library", place)}
    monkeypatch.setattr(manifold, "METHODS", known)
    assert names(list(manifolds(few))) == ["t-sne"]
    assert missing(few) == ""
    monkeypatch.setattr(manifold, "METHODS", {"UMAP": ("no_such_library", place)})
    assert list(manifolds(few)) == []
    assert missing(few).endswith("type make setup EXTRAS=1.")
    monkeypatch.setattr(manifold, "LEAST", 1000)
    assert missing(few) == ""


def test_t_sne_is_the_same_each_time(few: sampled.Sampled, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setattr(neighbours, "STEPS", 250)
    monkeypatch.setattr(manifold, "METHODS", {"t-SNE": neighbours.METHODS["t-SNE"]})
    first, again = (list(manifolds(few)) for _ in range(2))
    assert first == again
    assert len(first) == 1


def test_a_sample_takes_a_picture_with_one_of_its_own_captions() -> None:
    given = space()
    assert given.caption is not None
    assert given.owner is not None
    found = sampled.sampled(given, 10)
    assert found.image.shape == found.caption.shape == (10, 16)
    rows = [int(np.flatnonzero((given.image.value == v).all(axis=1))[0]) for v in found.image]
    own = [int(np.flatnonzero((given.caption.value == v).all(axis=1))[0]) for v in found.caption]
    assert given.owner[own].tolist() == rows
    assert len(set(rows)) == 10
    assert np.array_equal(sampled.sampled(given, 10).both, found.both)
    apart = sampled.sampled(replace(given, owner=None), 10)
    assert apart.image.shape == apart.caption.shape == (10, 16)
    assert apart.owner is None
