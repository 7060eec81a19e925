"""The protocol labels on the Wikipedia features, near what is published for them."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.report import Report

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
WIKIPEDIA = DATA / "wikipedia"
INT8, COMPRESSED, MATRIX = 1, 15, 14
TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8"}
Numbers = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def sides() -> dict[str, Numbers]:
    """``I_tr, I_te, T_tr, T_te``, a row an item, of the MATLAB file (version 5)."""
    file = WIKIPEDIA / "raw_features.mat"
    if not file.is_file():
        pytest.skip(f"{file} is not there: set TENCROP_DATA")
    return dict(matrices(file.read_bytes()[128:]))


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each element's type and bytes; the small ones hold both in one word."""
    place = 0
    while place < len(data):
        kind, size = struct.unpack_from("<II", data, place)
        if kind >> 16:
            yield kind & 0xFFFF, data[place + 4 : place + 4 + (kind >> 16)]
            place += 8
        else:
            yield kind, data[place + 8 : place + 8 + size]
            place += 8 + size + (0 if kind == COMPRESSED else -size % 8)


def matrices(data: bytes) -> Iterator[tuple[str, Numbers]]:
    for kind, content in elements(data):
        if kind == COMPRESSED:
            yield from matrices(zlib.decompress(content))
        elif kind == MATRIX:
            _, (_, shape), (_, name), (numbers, values) = list(elements(content))[:4]
            table = np.frombuffer(values, TYPES[numbers]).astype(float)
            yield name.decode(), table.reshape(np.frombuffer(shape, "i4"), order="F")


def classes(part: str) -> npt.NDArray[np.bool_]:
    lines = (WIKIPEDIA / f"{part}set_txt_img_cat.list").read_text().split("\n")
    number = np.array([int(line.split("\t")[2]) for line in lines if line.strip()])
    found: npt.NDArray[np.bool_] = number[:, None] == np.arange(1, 11)
    return found


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


def judged(image: Numbers, text: Numbers) -> Report:
    label, ids = classes("test"), np.arange(len(image)).astype(str)
    given = [Vectors(ids, side.astype(np.float32), label) for side in (image, text)]
    return judge(Embeddings(given[0], given[1], protocol="labels"))


@pytest.mark.real
def test_correlation_matching_is_near_the_published_one(sides: dict[str, Numbers]) -> None:
    """Rasiwasia et al. 2010, table 1: .249 where an image asks, .196 where a text does."""
    centre = {kind: sides[f"{kind}_tr"].mean(axis=0) for kind in "IT"}
    maps = canonical(sides["I_tr"], sides["T_tr"])
    image, text = (
        (sides[f"{kind}_te"] - centre[kind]) @ each for kind, each in zip("IT", maps, strict=True)
    )
    report = judged(image, text)
    assert report.facts["images"] == 693
    assert 22 < report.facts["i2t"]["map"] < 27
    assert 17.5 < report.facts["t2i"]["map"] < 21.5
    # Texts are told apart far better than pictures: their ten numbers are topics.
    assert report.facts["t2t"]["map"] > 1.5 * report.facts["i2i"]["map"]


@pytest.mark.real
def test_a_projection_that_knows_nothing_is_at_chance(sides: dict[str, Numbers]) -> None:
    draw = np.random.default_rng(0)
    report = judged(
        sides["I_te"] @ draw.standard_normal((sides["I_te"].shape[1], 10)),
        draw.permutation(sides["T_te"]) @ draw.standard_normal((10, 10)),
    )
    for way in ("i2t", "t2i"):
        assert abs(report.facts[way]["map"] - report.facts["chance"][way]["map"]) < 1.5
