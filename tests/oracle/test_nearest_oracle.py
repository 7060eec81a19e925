"""The nearest against a sort of all scores in float64, with the tie rule in plain words."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import evaluate.nearest
from core.errors import InputError, NumberError, SettingError
from core.predictions import Embeddings
from core.vectors import Vectors
from evaluate.nearest import Nearest
from evaluate.ranking import rank

SIMILARITIES = ("inner", "cosine", "order")


@pytest.fixture(autouse=True)
def some_at_a_time(monkeypatch):
    """Blocks of 16 candidates, 3 queries and 5 that are scored again."""
    monkeypatch.setattr(evaluate.nearest, "NUMBERS", 16 * 8)
    monkeypatch.setattr(evaluate.nearest, "QUERIES", 3)
    monkeypatch.setattr(evaluate.nearest, "AGAIN", 5)


def named(values, prefix="i"):
    return Vectors(np.array([f"{prefix}{row}" for row in range(len(values))]), values)


def scored(query, candidates, similarity, answers):
    """All scores of one query, (N,) float64."""
    one, many = query.astype(np.float64), candidates.astype(np.float64)
    if similarity == "order":
        excess = one - many if answers == "image" else many - one
        return -np.sqrt((np.maximum(excess, 0) ** 2).sum(axis=1))
    found = (many * one).sum(axis=1)
    if similarity == "cosine":
        both = np.sqrt((many**2).sum(axis=1)) * np.sqrt((one**2).sum())
        found = np.where(both > 0, found / np.where(both > 0, both, 1), 0.0)
    return found


def slack_of(query, candidates, similarity):
    wide, unit = candidates.shape[1], 2.0**-53
    a = np.sqrt((query.astype(np.float64) ** 2).sum())
    b = np.sqrt((candidates.astype(np.float64) ** 2).sum(axis=1)).max()
    told = {"inner": 2 * wide * unit * a * b, "cosine": (4 * wide + 8) * unit}
    return told.get(similarity, (wide + 5) * unit * (a + b))


def slowly(query, side, k, similarity, answers, among=None):
    """The rows of the first k: the best-placed one, then the best-placed of the rest ..."""
    left = list(range(len(side.id)) if among is None else np.flatnonzero(among))
    if not left:
        return []
    score = scored(query, side.value, similarity, answers)
    slack = slack_of(query, side.value[left], similarity)
    found = []
    while left and len(found) < k:
        best = max(score[row] for row in left)
        tied = [row for row in left if score[row] >= best - slack]
        first = min(tied, key=lambda row: hashlib.sha256(side.id[row].encode()).digest())
        found.append(first)
        left.remove(first)
    return found


def compared(queries, side, k, similarity, answers, among=None):
    found = Nearest(side, similarity, answers).to(queries, k, among)
    for query, near in zip(queries, found, strict=True):
        assert near.row.tolist() == slowly(query, side, k, similarity, answers, among)
        exact = scored(query, side.value, similarity, answers)[near.row]
        assert near.score == pytest.approx(exact, rel=1e-12, abs=1e-15)


def drawn(seed, many=70, wide=8, whole=False):
    draw = np.random.default_rng(seed)
    values = draw.integers(-1, 2, (many, wide)) if whole else draw.standard_normal((many, wide))
    return values.astype(np.float32)


@pytest.mark.parametrize("answers", ["image", "caption"])
@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("whole", [False, True], ids=["none-alike", "many-alike"])
def test_the_order_is_that_of_a_slow_sort(similarity, answers, whole):
    """Whole numbers give many ties and vectors of zero."""
    side, queries = named(drawn(0, whole=whole)), drawn(1, 7, whole=whole)
    for k in (1, 5, 17, 70, 200):
        compared(queries, side, k, similarity, answers)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_what_float32_cannot_tell_apart_is_told_apart(similarity):
    side = named(np.repeat(drawn(2, 1), 60, axis=0))
    side.value[:, 0] *= 1 + np.arange(60, dtype=np.float32) * np.float32(2**-22)
    side.value[:, 1] += np.random.default_rng(3).permutation(60).astype(np.float32) * 2**-23
    compared(drawn(4, 4), side, 9, similarity, "image")


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("scale", [1e-30, 1e25])
def test_what_float32_has_no_room_for_is_computed_in_float64(similarity, scale):
    side, queries = named((drawn(5) * scale).astype(np.float32)), drawn(6, 4)
    compared((queries * scale).astype(np.float32), side, 6, similarity, "caption")


def test_a_collapsed_model_gives_the_order_of_the_toss():
    side = named(np.ones((50, 8), dtype=np.float32))
    (near,) = Nearest(side, "inner", "image").to(np.ones((1, 8), dtype=np.float32), 50)
    toss = sorted(range(50), key=lambda row: hashlib.sha256(f"i{row}".encode()).digest())
    assert near.row.tolist() == toss


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_who_may_not_answer_does_not_and_changes_no_place(similarity):
    side, queries = named(drawn(7, whole=True)), drawn(8, 4)
    draw = np.random.default_rng(9)
    for share in (0.02, 0.3, 0.97):
        compared(queries, side, 12, similarity, "image", draw.random(70) < share)
    compared(queries, side, 12, similarity, "image", np.zeros(70, dtype=bool))


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_place_of_the_right_picture_is_its_rank(similarity):
    """Of a prediction with ties, as ``evaluate`` ranks it."""
    draw = np.random.default_rng(10)
    images = named(draw.integers(-1, 2, (40, 6)).astype(np.float32))
    captions = named(draw.integers(-1, 2, (90, 6)).astype(np.float32), "c")
    owner = draw.integers(0, 40, 90)
    ranks = rank(Embeddings(images, captions, owner, similarity)).t2i.best
    near = Nearest(images, similarity, "image").to(captions.value, 40)
    assert [row.row.tolist().index(o) + 1 for row, o in zip(near, owner, strict=True)] == list(
        ranks
    )


def test_a_map_of_a_file_is_read_and_not_copied(tmp_path: Path):
    values = drawn(11)
    np.save(tmp_path / "v.npy", values)
    mapped = np.load(tmp_path / "v.npy", mmap_mode="r")
    nearest = Nearest(named(mapped), "inner", "image")
    assert nearest.side.value is mapped
    compared(drawn(12, 5), nearest.side, 4, "inner", "image")


def test_what_cannot_be_asked_is_refused():
    side, query = named(drawn(13)), drawn(14, 1)
    nearest = Nearest(side, "inner", "image")
    with pytest.raises(SettingError, match="k = 0: .*; ask for 1 or more"):
        nearest.to(query, 0)
    with pytest.raises(InputError, match="8 wide .*vectors 7 "):
        nearest.to(query[:, :7].copy(), 1)
    with pytest.raises(NumberError, match="not finite"):
        nearest.to(query * np.float32(np.nan), 1)
    with pytest.raises(SettingError, match="accepted: cosine, inner, order"):
        Nearest(side, "hamming", "image")
    side.value[3, 2] = np.inf
    with pytest.raises(NumberError, match="'i3' is not finite; "):
        Nearest(side, "inner", "image")
