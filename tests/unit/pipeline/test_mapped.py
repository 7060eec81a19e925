"""The map of classes: what it shows of each side, how classes are named, and how it is drawn."""

import math
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core.errors import InputError, SettingError
from core.predictions import Embeddings, Vectors
from core.records import Caption, Corpus, Image
from core.sources import Source, StoredVectors
from evaluate.modality import unit
from evaluate.principal import principal
from pipeline.mapped import placing
from pipeline.mapped.bagged import bagged
from pipeline.mapped.classes import NONE, OTHER, SHOWN, classes
from pipeline.mapped.five import Five, five
from pipeline.mapped.originals import originals
from pipeline.mapped.sampled import sampled
from pipeline.plots.class_looks import looks, rows
from pipeline.plots.five_panels import draw_five, five_panels, panels
from pipeline.plots.png import texts
from pipeline.plots.svg import INK

ITEMS = 12
SPOKEN = ("a red dog", "a dog", "a blue cat that runs")


def corpus(*, labels: bool = True) -> Corpus:
    images = [
        Image(f"p{n:02}", None, "test", (f"class {n % 3}",) if labels and n else ())
        for n in range(ITEMS)
    ]
    captions = [(f"p{n:02}", Caption(f"c{n:02}", SPOKEN[n % 3])) for n in range(ITEMS)]
    return Corpus.build("some", images, captions)


def stored(prefix: str, shape: tuple[int, ...], *, captions: bool = False) -> StoredVectors:
    values = np.random.default_rng(len(shape)).normal(size=(ITEMS, *shape)).astype(np.float32)
    ids = [f"{prefix}{n:02}" for n in range(ITEMS)]
    made_by = {"rows": "captions"} if captions else {}
    return StoredVectors(ids, values, made_by=made_by, digests=[""] * ITEMS)


def predicted() -> Embeddings:
    value = np.random.default_rng(0).normal(size=(2, ITEMS, 5)).astype(np.float32)
    image, caption = (
        Vectors(np.array([f"{kind}{n:02}" for n in range(ITEMS)]), each)
        for kind, each in zip("pc", value, strict=True)
    )
    return Embeddings(image, caption, np.arange(ITEMS), protocol="labels")


def mapped(by: str = "auto", most: int = 8) -> Five:
    sources: dict[str, Source] = {"image": stored("p", (2, 6))}
    return five(predicted(), corpus(), sources, by=by, most=most)


def test_words_are_weighed_as_a_loop_weighs_them() -> None:
    sentences = [each.split() for each in SPOKEN]
    words = sorted({word for each in sentences for word in each})
    slow = []
    for each in sentences:
        row = []
        for word in words:
            having = sum(word in other for other in sentences)
            row.append(each.count(word) * math.log(len(sentences) / having))
        size = math.sqrt(sum(value * value for value in row))
        slow.append([value / size for value in row])
    assert bagged(sentences).tolist() == [pytest.approx(row) for row in slow]
    assert bagged([["a"], ["a"]]).tolist() == [[0.0], [0.0]]


def test_of_crops_the_mean_is_taken_and_sources_stand_side_by_side() -> None:
    pooled, grid = stored("p", (2, 6)), stored("p", (2, 3, 3, 4))
    ids = np.array(["p03", "p01"]), np.array(["c05", "c04"])
    found = originals(corpus(), {"image": pooled, "image.2": grid}, *ids)
    for row, item in zip(found.image, (3, 1), strict=True):
        one, two = pooled.values[item].mean(axis=0), grid.values[item].reshape(-1, 4).mean(axis=0)
        each = [part / np.linalg.norm(part) for part in (one, two)]
        assert row.tolist() == pytest.approx((np.concatenate(each) / math.sqrt(2)).tolist(), 1e-5)
    assert found.told == ("image features", "bags of words")
    assert found.text.tolist() == bagged([SPOKEN[2].split(), SPOKEN[1].split()]).tolist()


def test_stored_vectors_of_captions_are_what_the_text_was() -> None:
    text = stored("c", (1, 7), captions=True)
    ids = np.array(["p00"]), np.array(["c05", "c04"])
    found = originals(corpus(), {"image": stored("p", (2, 6)), "text": text}, *ids)
    assert found.told == ("image features", "text vectors")
    assert np.allclose(found.text, unit(text.values[[5, 4], 0]))


def test_the_most_frequent_classes_have_names_the_rest_is_other() -> None:
    many = [[f"{n}"] for n in range(SHOWN + 5) for _ in range(2 if n > 4 else 1)]
    found = classes([["0"], ["24"], [], ["0", "7"], ["5"]], many)
    assert found.names == tuple(str(n) for n in range(5, SHOWN + 5))
    assert found.number.tolist() == [OTHER, SHOWN - 1, NONE, 2, 0]
    assert found.others == 5
    seen = {(looks(n)["edgecolors"], looks(n)["facecolors"]) for n in (*range(SHOWN), NONE, OTHER)}
    assert len(seen) == SHOWN + 2
    assert rows(found, 2) == 11


def test_the_method_is_the_one_that_can_show_something(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(library: str) -> None:
        monkeypatch.setattr(placing, "METHODS", {"t-SNE": (library, lambda points: points[:, 1:])})

    known("json")
    assert [placing.method(by, 100) for by in ("auto", "tsne", "pca")] == ["tsne", "tsne", "pca"]
    assert placing.method("auto", 99) == "pca"
    with pytest.raises(SettingError, match="of 99 points it shows no neighbourhoods.*choose pca"):
        placing.method("tsne", 99)
    points = np.random.default_rng(0).normal(size=(9, 3))
    assert placing.placed(points, "tsne").places.tolist() == points[:, 1:].tolist()
    known("no_such_library")
    assert placing.method("auto", 100) == "pca"
    with pytest.raises(SettingError, match=r"scikit-learn is not installed \(make setup EXTRAS=1"):
        placing.method("tsne", 100)


def test_principal_components_say_how_much_they_show() -> None:
    points = np.random.default_rng(0).normal(size=(9, 4))
    places, shares = principal(points)
    found = placing.placed(points, "pca")
    assert np.array_equal(found.places, places)
    assert found.told == f"{100 * shares.sum():.0f} % of the variance"
    narrow = placing.placed(points[:, :1], "pca")
    assert narrow.places.shape == (9, 2)
    assert narrow.told == "100 % of the variance"


def test_the_learned_panels_are_one_map_and_a_class_has_one_colour() -> None:
    found = mapped()
    assert (found.sizes, found.of, found.by) == ((8, 8), (12, 12), "pca")
    assert found.told() == "8 of 12 images and 8 of 12 texts, placed by principal components"
    assert mapped(most=50).told().startswith("12 images and 12 texts, ")
    a, b, c, d, e = panels(found)
    assert [len(each.groups) for each in (a, b, c, d, e)] == [1, 1, 1, 1, 2]
    assert c.room is d.room is e.room
    assert np.array_equal(np.concatenate([g.places for g in (*c.groups, *d.groups)]), e.room)
    assert [g.mark for g in e.groups] == [a.groups[0].mark, b.groups[0].mark]
    # Each caption is drawn with its own picture, whose class it has.
    assert a.groups[0].number.tolist() == b.groups[0].number.tolist()
    assert a.groups[0].number.tolist() == c.groups[0].number.tolist()
    again = mapped()
    assert np.array_equal(again.both.places, found.both.places)


def test_each_panel_is_of_its_own_side_and_the_learned_one_at_unit_length() -> None:
    few = Corpus.build(
        "some", [Image(f"p{n:02}", None, "test", (f"{n}",)) for n in range(ITEMS)], []
    )
    whole = replace(few, captions=corpus().captions, owner=corpus().owner)
    sources: dict[str, Source] = {"image": stored("p", (2, 6))}
    found = five(predicted(), whole, sources, by="pca", most=8)
    sample = sampled(predicted(), 8)
    read = originals(whole, sources, sample.image_id, sample.caption_id)
    both = sample.both.astype(np.float64)
    spaces = read.image, read.text, both / np.linalg.norm(both, axis=1, keepdims=True)
    for panel, points in zip((found.image, found.text, found.both), spaces, strict=True):
        assert np.allclose(panel.places, principal(points)[0])
    # Names are of all that is asked about, of which the sample shows some.
    assert len(found.classes.names) == ITEMS
    shown = [found.classes.names[row] for row in found.classes.number]
    assert shown == [f"{int(id[1:])}" for id in (*sample.image_id, *sample.caption_id)]


def test_the_picture_is_whole_the_same_and_takes_any_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw_five(tmp_path / name, "a $run^ & <test>", mapped())
    assert texts(tmp_path / "one") is not None
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_figure_of_a_page_follows_its_theme() -> None:
    drawn = five_panels(mapped())
    text = drawn.data.decode()
    ElementTree.fromstring(text)
    assert len(drawn.data) < 40_000
    assert INK not in text.partition("</style>")[2]
    assert "(e) both, learned</text>" in text
    assert "class 2</text>" in text
    assert "3 classes" in drawn.alt
    assert "principal components" in drawn.alt


def test_what_has_no_classes_or_one_side_is_refused_in_a_line() -> None:
    sources: dict[str, Source] = {"image": stored("p", (2, 6))}
    with pytest.raises(InputError, match="some: no picture has a label, and the map shows classes"):
        five(predicted(), corpus(labels=False), sources, by="auto", most=8)
    alone = Embeddings(predicted().image, protocol="labels")
    with pytest.raises(InputError, match="some has no text; ask about a corpus with captions"):
        five(alone, corpus(), sources, by="auto", most=8)
    with pytest.raises(InputError, match="vectors of images and of texts; ask a run that has both"):
        five(None, corpus(), sources, by="auto", most=8)
