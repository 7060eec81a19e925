"""Caption vectors against tables that are counted one by one and numpy's own decomposition."""

import os
from collections import Counter
from itertools import permutations
from math import log
from pathlib import Path

import numpy as np
import pytest

from core import cooccurrence, singular
from core.caption_vectors import caption_vectors
from core.cooccurrence import Shares, positive_information
from core.corpora import read_captions
from core.errors import InputError
from core.held_out import HeldOut
from core.singular import largest
from core.wordvectors import vector_text

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
FLICKR8K, FLICKR30K = DATA / "flickr8k", DATA / "captions" / "flickr30k"
REAL = pytest.mark.skipif(
    not (FLICKR8K.is_dir() and FLICKR30K.is_dir()), reason=f"{DATA} is not there: set TENCROP_DATA"
)


def pictures(seed=0, many=60, words=23):
    """Captions of topics, so that some words stand together more often than others."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(many):
        topic = draw.integers(5)
        captions = []
        for _ in range(draw.integers(1, 5)):
            here = (topic * 4 + draw.geometric(0.3, size=draw.integers(1, 7))) % words
            captions.append([f"w{number:02d}" for number in here])
        found.append(captions)
    return found


def slow_information(found, words):
    """PPMI by its definition, pair by pair, in Python's own numbers."""
    counts = dict.fromkeys(permutations(words, 2), 0.0)
    for captions in found:
        share = {w: sum(w in each for each in captions) / len(captions) for w in words}
        for v, w in counts:
            counts[v, w] += share[v] * share[w]
    row = {v: sum(counts[v, w] for w in words if w != v) for v in words}
    context = {w: row[w] ** 0.75 for w in words}
    total = sum(context.values())
    table = np.zeros((len(words), len(words)))
    for i, v in enumerate(words):
        for j, w in enumerate(words):
            if v != w and counts[v, w] > 0:
                table[i, j] = max(0.0, log(counts[v, w] * total / (row[v] * context[w])))
    return table


def fast_information(found, words):
    number = {word: place for place, word in enumerate(words)}
    return positive_information(Shares.of(found, number))


@pytest.mark.parametrize("most", [1, 60, 2**22])
def test_information_of_any_number_of_rows_at_once(monkeypatch, most):
    monkeypatch.setattr(cooccurrence, "MOST", most)
    found = pictures()
    words = sorted({word for captions in found for each in captions for word in each})
    table = fast_information(found, words)
    assert table.dtype == np.float32
    assert 0.1 < (table > 0).mean() < 0.9
    np.testing.assert_allclose(table, slow_information(found, words), rtol=1e-6, atol=1e-6)


def test_words_that_stand_alone_and_pictures_without_a_word_that_counts():
    found = [[["a"]], [["a", "b"], ["b", "c"]], [["rare"]], [["a", "b", "rare"]]]
    words = ["a", "b", "c", "alone"]
    np.testing.assert_allclose(
        fast_information(found, words), slow_information(found, words[:3] + ["alone"]), atol=1e-6
    )
    assert not fast_information([[["a"]]], ["a"]).any()


def signed(vectors):
    peak = np.abs(vectors).argmax(0)
    return vectors * np.sign(vectors[peak, np.arange(vectors.shape[1])])


@pytest.mark.parametrize(("rows", "columns", "count"), [(5, 5, 5), (90, 70, 20), (70, 300, 33)])
def test_the_largest_singular_vectors(rows, columns, count):
    matrix = np.random.default_rng(1).random((rows, columns)).astype(np.float32) ** 3
    vectors, values = largest(matrix, count)
    slow = np.linalg.svd(matrix.astype(np.float64))
    np.testing.assert_allclose(values, slow.S[:count], rtol=1e-9)
    np.testing.assert_allclose(vectors, signed(slow.U[:, :count]), atol=1e-5)


def test_singular_vectors_that_come_before_the_basis_is_full():
    """As they do where a few values stand out: with fewer products than columns."""
    draw = np.random.default_rng(2)
    left, right = (np.linalg.qr(draw.standard_normal((900, 900)))[0] for _ in range(2))
    matrix = ((left * 0.98 ** np.arange(900)) @ right.T).astype(np.float32)
    vectors, values = largest(matrix, 60)
    slow = np.linalg.svd(matrix.astype(np.float64))
    np.testing.assert_allclose(values, slow.S[:60], rtol=1e-9)
    np.testing.assert_allclose(vectors, signed(slow.U[:, :60]), atol=1e-4)


@pytest.mark.parametrize(("rows", "columns", "count"), [(400, 300, 40), (300, 500, 20)])
def test_where_no_value_stands_out_it_goes_on_until_each_vector_is_exact(rows, columns, count):
    matrix = np.random.default_rng(0).normal(size=(rows, columns)).astype(np.float32)
    vectors, values = largest(matrix, count)
    exact = matrix.astype(np.float64)
    np.testing.assert_allclose(values, np.linalg.svd(exact, compute_uv=False)[:count], rtol=1e-9)
    off = np.linalg.norm(exact @ (exact.T @ vectors) - vectors * values**2, axis=0)
    assert (off <= 1e-6 * values**2).all()


def test_it_ends_as_soon_as_they_are_exact(monkeypatch):
    asked = []
    real = singular._times
    monkeypatch.setattr(singular, "_times", lambda m, c: asked.append(c.shape[1]) or real(m, c))
    matrix = np.diag(0.8 ** np.arange(2000)).astype(np.float32)
    vectors, values = largest(matrix, 10)
    assert sum(asked) < 400
    np.testing.assert_allclose(vectors, np.eye(2000)[:, :10], atol=1e-5)
    np.testing.assert_allclose(values, 0.8 ** np.arange(10), rtol=1e-6)


def test_a_matrix_of_few_ranks_has_zeros_behind():
    matrix = np.zeros((50, 50), np.float32)
    matrix[:3, :3] = np.diag([3, 2, 1])
    vectors, values = largest(matrix, 10)
    np.testing.assert_allclose(values, [3, 2, 1, *[0] * 7], atol=1e-6)
    np.testing.assert_allclose(vectors, [*np.eye(10)[:3], *[[0] * 10] * 47], atol=1e-9)
    assert np.isfinite(largest(np.zeros((9, 9), np.float32), 4)[0]).all()


def test_vectors_of_words():
    found = pictures(seed=3, many=200)
    counts = Counter(word for captions in found for each in captions for word in each)
    words = sorted((w for w in counts if counts[w] >= 48), key=lambda w: (-counts[w], w))
    assert len(words) < len(counts)
    told, values = caption_vectors(found, width=6, min_count=48)
    assert told == words
    left, spread, _ = np.linalg.svd(slow_information(found, words))
    expected = signed(left[:, :6]) * np.sqrt(spread[:6])
    np.testing.assert_allclose(values, expected, atol=1e-5)
    again = caption_vectors(found[::1], width=6, min_count=48)
    assert vector_text(told, values) == vector_text(*again)


def test_a_word_that_stands_alone_has_no_vector():
    found = [[["a", "b"]], [["b", "c"]], [["a", "d"]], [["alone"]], [["alone"]]]
    told, values = caption_vectors(found, width=2, min_count=1)
    assert "alone" not in told
    assert np.isfinite(values).all()


def test_too_few_words_are_refused():
    with pytest.raises(InputError, match=r"^3 words of 1 picture .* ask for fewer numbers"):
        caption_vectors([[["a", "b", "c"]]], width=4, min_count=1)


@pytest.fixture(scope="module")
def both():
    """Flickr8k's and Flickr30k's captions."""
    return read_captions(FLICKR8K), read_captions(FLICKR30K)


@REAL
@pytest.mark.real
def test_the_known_leak(both):
    """Of Flickr8k's 9,978 different held captions 8,474 stand in the training part of Flickr30k."""
    own, other = both
    held = HeldOut.of(own)
    assert (len(held.photos), len(held.captions)) == (2000, 9978)
    train, every = (held.leave_out([part]).left_out[0] for part in (other.split("train"), other))
    assert (train.pictures, train.said) == (1738, 8474)
    assert (every.pictures, every.of_them, every.others) == (1863, 9315, 141)


@REAL
@pytest.mark.real
def test_nothing_held_is_left(both):
    held = HeldOut.of(both[0])
    kept = held.leave_out(both)
    assert not held.captions & {each for captions in kept.pictures for each in captions}
    assert len(kept.pictures) == 29_627
