"""Searches that come at once are answered as each would be alone, in fewer passes."""

import threading

import numpy as np
import pytest

from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from pipeline.searched.collection import Collection
from pipeline.searched.galleries import Galleries
from pipeline.served.together import Together


def unit(rows, dim=8, seed=0):
    value = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return value / np.linalg.norm(value, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def collection():
    ids = [f"{row:03d}" for row in range(60)]
    images = [Image(each, None, "test" if row % 2 else "train") for row, each in enumerate(ids)]
    captions = [(each, Caption(f"{each}#0", "words")) for each in ids]
    corpus = Corpus.build("drawn", images, captions)
    sides = (Vectors(np.array(ids), unit(60)), Vectors(np.array(ids), unit(60, seed=1)))
    return Collection(corpus, *sides, "inner")


class Counted(Together):
    """How many queries each pass had; the first pass waits until ``many`` have asked."""

    def __init__(self, collection, many):
        super().__init__(collection)
        self.passes, self._many = [], many

    def nears(self, vectors, *words, **named):
        while not self.passes and len(self._waiting) + len(vectors) < self._many:
            threading.Event().wait(0.001)
        self.passes.append(len(vectors))
        return super().nears(vectors, *words, **named)


def at_once(asking):
    threads = [threading.Thread(target=each) for each in asking]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)


def test_each_is_answered_as_alone(collection):
    queries = unit(24, seed=2)
    odd = np.arange(60) % 2 == 1
    kinds = [
        (5, "pictures", None),
        (5, "captions", None),
        (7, "pictures", odd),
        (5, "pictures", ~odd),
    ]
    alone, together = Galleries(collection), Counted(collection, 24)
    found = {}

    def asking(number):
        k, find, among = kinds[number % 4]
        # An equal mask of its own, as each search has.
        own = None if among is None else among.copy()
        found[number] = together.near(queries[[number]], k, find, own, alike=number % 3 == 0)

    at_once([lambda number=number: asking(number) for number in range(24)])
    for number, (k, find, among) in ((n, kinds[n % 4]) for n in range(24)):
        near = alone.near(queries[[number]], k, find, among, alike=number % 3 == 0)
        assert np.array_equal(found[number].row, near.row)
        assert np.array_equal(found[number].score, near.score)
    assert sum(together.passes) == 24
    # The first may be alone; of eight kinds each has one pass then.
    assert len(together.passes) <= 9


def test_a_side_with_an_index_is_asked_by_it_and_the_other_whole(collection):
    class Third:
        def among(self, query, k, among=None):
            return np.arange(60) % 3 == 0

    by_index, alone = Together(collection, {"pictures": Third()}), Galleries(collection)
    query = unit(1, seed=4)
    found = by_index.near(query, 5, "pictures")
    assert np.array_equal(found.row, alone.near(query, 5, "pictures", np.arange(60) % 3 == 0).row)
    assert not np.array_equal(found.row, alone.near(query, 5, "pictures").row)
    whole = alone.near(query, 5, "captions")
    assert np.array_equal(by_index.near(query, 5, "captions").row, whole.row)


def test_who_asks_what_cannot_be_answered_spoils_it_for_nobody(collection):
    queries = unit(4, seed=3)
    queries[0] = np.nan
    together, found = Counted(collection, 4), {}

    def asking(number):
        try:
            found[number] = together.near(queries[[number]], 3, "pictures").row.tolist()
        except Exception as error:
            found[number] = type(error)

    at_once([lambda number=number: asking(number) for number in range(4)])
    assert isinstance(found[0], type)
    alone = Galleries(collection)
    for number in (1, 2, 3):
        if isinstance(found[number], type):
            continue  # it was the one that asked for all
        assert found[number] == alone.near(queries[[number]], 3, "pictures").row.tolist()
    assert sum(isinstance(each, type) for each in found.values()) <= 2
