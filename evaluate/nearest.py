"""The k best of many candidates to each query, as the ranking places them, in little memory.

All candidates are scored in float32, some at a time; what the rounding of these scores, or a tie,
could put among the first k is scored again in float64 and placed by the rule of
``evaluate.ranking``: the best-placed one, then the best-placed of the rest, and so on.

Of true scores let t be the k-th highest. A score in float32 is within the doubt of the true one, so
that the k-th highest of them is at most the doubt above t; whoever is among the first k ties with,
or is above, a score of at least t. So no one is lost who is less than twice the doubt and a tie
below the k-th highest in float32.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.errors import NumberError, SettingError, choices
from core.predictions import Embeddings
from core.vectors import WAY_OUT, Vectors
from evaluate.crooked import taken
from evaluate.hits import Ints
from evaluate.pool import Pool
from evaluate.quick import QUICK, Quick
from evaluate.scores.face import Block, Floats, Scores
from evaluate.scores.named import scores_of
from evaluate.scores.sides import toss
from evaluate.scores.vectors import Numbers, lengths

Side = Literal["image", "caption"]
NUMBERS, QUERIES, AGAIN = 2**24, 32, 4096
"""Numbers that are in memory at once (64 MB), queries that are asked at once, and candidates that
are scored again at once."""
SPARSE = 4
"""One row of more than so many is sparse."""


@dataclass(frozen=True, slots=True)
class Near:
    """Of one query ``row`` (n,) int64, the best first, and the ``score`` (n,) float64 of each."""

    row: Ints
    score: Floats


class Nearest:
    """Candidates of one side of a space; any thread may ask.

    Attributes:
        side: the candidates, (N, D) float32, mapped it may be.
    """

    def __init__(self, side: Vectors, similarity: str, answers: Side):
        """``answers`` is the side that they are of, which counts where a similarity has two.

        Raises:
            SettingError: no such similarity, or none that is searched by.
            NumberError: a candidate is not finite.
        """
        if similarity not in QUICK:
            raise SettingError(f"similarity = {similarity!r}: {choices(similarity, QUICK)}")
        self.side, self._similarity, self._answers = side, similarity, answers
        self._length = lengths(side.value)
        if not np.isfinite(self._length).all():
            first = side.id[~np.isfinite(self._length)][0]
            raise NumberError(f"the vector of {str(first)!r} is not finite; {WAY_OUT}")

    def to(
        self, queries: Numbers, k: int, among: npt.NDArray[np.bool_] | None = None
    ) -> list[Near]:
        """The k nearest to each of (Q, D) float32, or as many as there are.

        Args:
            queries: of the other side.
            k: at least 1.
            among: (N,) bool, who may answer; all, unless given.

        Raises:
            SettingError: ``k`` is below 1.
            InputError, NumberError: queries of another width or type, or not finite.
        """
        if k < 1:
            raise SettingError(f"k = {k}: a search gives at least 1 result; ask for 1 or more")
        rows = np.arange(len(self.side.id)) if among is None else np.flatnonzero(among)
        if not len(rows):
            return [Near(np.empty(0, np.int64), np.empty(0)) for _ in queries]
        starts = range(0, len(queries), QUERIES)
        return [n for at in starts for n in self._some(queries[at : at + QUERIES], k, rows)]

    def _some(self, queries: Numbers, k: int, rows: Ints) -> Iterator[Near]:
        length = self._length[rows]
        told = self._scores(rows[[int(length.argmax())]], queries).slack()
        slack = told.caption if self._answers == "image" else told.image
        least = float(length.min(where=length > 0, initial=np.inf))
        quick = QUICK[self._similarity](
            queries, lengths(queries), float(length.max()), least, self._answers == "image"
        )
        pools = [Pool(k, float(2 * d + s)) for d, s in zip(quick.doubt(), slack, strict=True)]
        for some, found in self._found(quick, rows):
            for pool, values in zip(pools, found, strict=True):
                pool.take(values, some)
        for query, pool, tie in zip(queries, pools, slack, strict=True):
            yield self._placed(query, pool.row, k, float(tie))

    def _found(self, quick: Quick, rows: Ints) -> Iterator[tuple[Ints, Block]]:
        """Rows, some at a time, with their scores in float32.

        Where few are left out between them, these are scored too: to copy the others out of the
        matrix takes longer.
        """
        dense = SPARSE * len(rows) > rows[-1] - rows[0]
        room = SPARSE * quick.room if dense else self.side.value.shape[1]
        step = max(1, NUMBERS // room)
        for some in (rows[start : start + step] for start in range(0, len(rows), step)):
            part = slice(some[0], some[-1] + 1) if dense else some
            found = quick.of(self.side.value[part], self._length[part])
            yield some, found[:, some - some[0]] if found.shape[1] > len(some) else found

    def _placed(self, query: Numbers, rows: Ints, k: int, tie: float) -> Near:
        """The first k of ``rows``, by their scores in float64."""
        parts = (rows[start : start + AGAIN] for start in range(0, len(rows), AGAIN))
        score = np.concatenate([self._exact(some, query) for some in parts])
        order = np.argsort(-score, kind="stable")
        rows, score = rows[order], score[order]
        many = int(np.count_nonzero(score >= score[min(k, len(score)) - 1] - tie))
        drawn = taken(score[:many], toss(self.side.id[rows[:many]]), tie)
        chosen = [which for which, _ in islice(drawn, k)]
        return Near(rows[chosen], score[chosen])

    def _exact(self, rows: Ints, query: Numbers) -> Floats:
        each, one = np.arange(len(rows)), np.zeros(len(rows), dtype=np.int64)
        image, caption = (each, one) if self._answers == "image" else (one, each)
        return self._scores(rows, query[None]).pairs(image, caption)

    def _scores(self, rows: Ints, queries: Numbers) -> Scores:
        """Some candidates and the queries, as stage three scores them."""
        ours = Vectors(self.side.id[rows], self.side.value[rows])
        theirs = Vectors(np.array([f"query {n}" for n in range(len(queries))]), queries)
        image, caption = (ours, theirs) if self._answers == "image" else (theirs, ours)
        owner = np.zeros(len(caption.id), dtype=np.int64)
        return scores_of(Embeddings(image, caption, owner, self._similarity))
