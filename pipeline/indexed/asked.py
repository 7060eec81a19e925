"""By which questions an index is measured: what it does not hold itself, as far as there is."""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.vectors import Vectors
from pipeline.indexed.unit import Numbers
from pipeline.searched.collection import Collection
from pipeline.searched.face import Find

QUERIES = 1000
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """``queries`` (Q, D) float32, as candidates are compared with them by the inner product.

    ``own`` (Q,) int64 is the row of a query that is itself a candidate, and does not answer; -1
    for those of the other side, of which there are ``others``.
    """

    queries: Numbers
    own: Rows
    others: int


def questions(
    collection: Collection, find: Find, trained_on: Set[str], seed: int, many: int = QUERIES
) -> Asked:
    """Captions for pictures, pictures for captions; where they do not suffice, candidates too.

    Those of no picture in ``trained_on``, the ids of pictures that the run knows, come first. Which
    ones are drawn follows from ``seed``.
    """
    rng = np.random.default_rng(seed)
    learnt = np.array([image.id in trained_on for image in collection.corpus.images], dtype=bool)
    if find == "pictures":
        side, asking, known = (
            collection.images,
            collection.captions,
            learnt[collection.corpus.owner],
        )
    else:
        assert collection.captions is not None, "an index of captions is asked for where there are"
        side, asking, known = collection.captions, collection.images, learnt
    others = _others(known if asking is not None else known[:0], many, rng)
    drawn = np.sort(rng.permutation(len(side.id))[: many - len(others)])
    parts = [_of(collection, asking, others, 1.0)] if asking is not None else []
    queries = np.concatenate([*parts, _of(collection, side, drawn, 0.0)])
    own = np.concatenate([np.full(len(others), -1, dtype=np.int64), drawn])
    return Asked(queries, own, len(others))


def _others(known: npt.NDArray[np.bool_], many: int, rng: np.random.Generator) -> Rows:
    """Rows in a drawn order, those that are not known first, as many as there are."""
    mixed = rng.permutation(len(known))
    first = np.argsort(known[mixed], kind="stable")
    return np.sort(mixed[first][:many])


def _of(collection: Collection, side: Vectors, rows: Rows, weight: float) -> Numbers:
    """Vectors as queries; ``weight`` is that of a candidate's bias, where the run has one."""
    return collection.weighed(collection.plain(side).value[rows], weight)
