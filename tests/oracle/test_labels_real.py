"""The protocol labels on the Wikipedia features, near what is published for them."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.io import loadmat

from core.corpora import read_corpus
from core.matrices import Row, open_matrix
from core.predictions import Embeddings, Vectors
from core.records import Corpus
from core.store import FeatureCache
from evaluate.judge import judge
from evaluate.report import Report
from extract.imported import import_texts, import_vectors

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
WIKIPEDIA = DATA / "wikipedia"
MATRICES = ("I_tr", "I_te", "T_tr", "T_te")
Numbers = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def wikipedia() -> Corpus:
    if not WIKIPEDIA.is_dir():
        pytest.skip(f"{WIKIPEDIA} is not there: set TENCROP_DATA")
    return read_corpus(WIKIPEDIA)


@pytest.fixture(scope="module")
def sides(wikipedia: Corpus) -> dict[str, Numbers]:
    """``I_tr, I_te, T_tr, T_te``, a row an item."""
    assert wikipedia.wordless
    return {name: open_matrix(WIKIPEDIA / "raw_features.mat", name) for name in MATRICES}


@pytest.fixture(scope="module")
def classes(wikipedia: Corpus) -> npt.NDArray[np.bool_]:
    """(693, 10): of each row of test."""
    rows = {
        i.place.row: i.labels
        for i in wikipedia.images
        if isinstance(i.place, Row) and i.split == "test"
    }
    number = np.array([int(rows[row][0]) for row in range(len(rows))])
    found: npt.NDArray[np.bool_] = number[:, None] == np.arange(1, 11)
    return found


@pytest.mark.real
def test_the_set_as_it_lies(wikipedia: Corpus, tmp_path: Path) -> None:
    lines = [
        line.split("\t")
        for part in ("train", "test")
        for line in (WIKIPEDIA / f"{part}set_txt_img_cat.list").read_text().split("\n")
        if line
    ]
    labels = {image.id: image.labels for image in wikipedia.images}
    assert labels == {image: (number,) for _, image, number in lines}
    ids = {
        wikipedia.images[o].id: c.id
        for c, o in zip(wikipedia.captions, wikipedia.owner, strict=True)
    }
    assert ids == {image: text for text, image, _ in lines}
    many = Counter(image.split for image in wikipedia.images)
    # Three photographs of test stand in train too, under other texts.
    assert many == {"train": 1936, "val": 234, "test": 693, "extra": 3}
    there = loadmat(WIKIPEDIA / "raw_features.mat")
    rows = {"I": 1, "T": 0}
    for make, layer, side in ((import_vectors, "pooled", "I"), (import_texts, "text", "T")):
        cache = FeatureCache(make(wikipedia, tmp_path))
        found = cache.read(layer, cache.rows([line[rows[side]] for line in lines]))[:, 0]
        whole = np.concatenate([there[f"{side}_tr"], there[f"{side}_te"]])
        assert np.array_equal(found, whole.astype(np.float32))


def canonical(image: Numbers, text: Numbers) -> tuple[Numbers, Numbers]:
    """CCA in closed form: the directions of both sides, by the singular values of the whitened."""
    halves = []
    for side in (image, text):
        value, vector = np.linalg.eigh(np.cov(side.T))
        kept = value > 1e-8 * value.max()
        halves.append(vector[:, kept] / np.sqrt(value[kept]))
    cross = np.cov(image.T, text.T)[: image.shape[1], image.shape[1] :]
    left, _, right = np.linalg.svd(halves[0].T @ cross @ halves[1], full_matrices=False)
    return halves[0] @ left, halves[1] @ right.T


def judged(image: Numbers, text: Numbers, label: npt.NDArray[np.bool_]) -> Report:
    ids = np.arange(len(image)).astype(str)
    given = [Vectors(ids, side.astype(np.float32), label) for side in (image, text)]
    return judge(Embeddings(given[0], given[1], protocol="labels"))


@pytest.mark.real
def test_correlation_matching_is_near_the_published_one(
    sides: dict[str, Numbers], classes: npt.NDArray[np.bool_]
) -> None:
    """Rasiwasia et al. 2010, table 1: .249 where an image asks, .196 where a text does."""
    centre = {kind: sides[f"{kind}_tr"].mean(axis=0) for kind in "IT"}
    maps = canonical(sides["I_tr"], sides["T_tr"])
    image, text = (
        (sides[f"{kind}_te"] - centre[kind]) @ each for kind, each in zip("IT", maps, strict=True)
    )
    report = judged(image, text, classes)
    assert report.facts["images"] == 693
    assert 22 < report.facts["i2t"]["map"] < 27
    assert 17.5 < report.facts["t2i"]["map"] < 21.5
    # Texts are told apart far better than pictures: their ten numbers are topics.
    assert report.facts["t2t"]["map"] > 1.5 * report.facts["i2i"]["map"]


@pytest.mark.real
def test_a_projection_that_knows_nothing_is_at_chance(
    sides: dict[str, Numbers], classes: npt.NDArray[np.bool_]
) -> None:
    draw = np.random.default_rng(0)
    report = judged(
        sides["I_te"] @ draw.standard_normal((sides["I_te"].shape[1], 10)),
        draw.permutation(sides["T_te"]) @ draw.standard_normal((10, 10)),
        classes,
    )
    for way in ("i2t", "t2i"):
        assert abs(report.facts[way]["map"] - report.facts["chance"][way]["map"]) < 1.5
