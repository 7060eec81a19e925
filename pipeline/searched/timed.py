"""How long a search takes here: the exact search alone, and the whole of it."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from core.wording import counted
from pipeline.searched.asks import Ask
from pipeline.searched.face import Find
from pipeline.searched.searcher import RunSearcher

REPEATED, ENOUGH = 200, 20.0
"""So often, or for so many seconds."""


def timed(
    searcher: RunSearcher, ask: Ask, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
) -> str:
    """Half and 95 % of the searches take no longer than this, in a line.

    The search alone, exact or by an index, is asked with vectors of the collection's pictures,
    another each time; the whole is ``ask``, which is encoded anew each time.
    """
    collection = searcher.collection
    side = collection.side(find)
    assert side is not None, "it was searched a moment ago"
    vectors = collection.plain(collection.images).value
    rows = np.linspace(0, len(vectors) - 1, REPEATED).astype(np.int64)
    among = searcher.among(find, splits)

    def alone(number: int) -> None:
        searcher.galleries.near(vectors[[rows[number]]], k, find, among)

    def whole(_: int) -> None:
        ask.answer(searcher, k, find=find, splits=splits)

    many = len(side.id) if among is None else int(among.sum())
    size = f"{many:,} vectors of {collection.dim:,} numbers"
    index = searcher.galleries.indexes.get(find)
    how = "search by the index" if index and index.are_sought(k, among) else "exact search"
    if index and how == "exact search":
        size = f"{size}, too few for the index"
    return f"{how} of {size}: {_told(alone)}; with the query's encoding: {_told(whole)}"


def _told(call: Callable[[int], None]) -> str:
    seconds = list[float]()
    call(0)  # what is built once is built
    while len(seconds) < REPEATED and sum(seconds) < ENOUGH:
        start = time.perf_counter()
        call(len(seconds))
        seconds.append(time.perf_counter() - start)
    half, most = 1000 * np.percentile(seconds, [50, 95])
    return f"p50 {half:.3g} ms, p95 {most:.3g} ms ({counted(len(seconds), 'time')})"
