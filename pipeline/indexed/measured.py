"""How much of what exact search finds an index finds, and how much it must look at for that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.indexed.asked import Asked, Rows
from pipeline.indexed.kinds import Plan

if TYPE_CHECKING:
    from evaluate.nearest import Nearest
    from pipeline.indexed.library import Index

AT = 10
"""The recall is that of the first so many."""


@dataclass(frozen=True, slots=True)
class Measured:
    """``recall`` in 0..1, where a query looks at ``effort`` and ``candidates`` a result."""

    recall: float
    effort: int
    candidates: int


def truth(nearest: "Nearest", asked: Asked) -> list[Rows]:
    """The first ``AT`` of each query by exact search, best first, without the query itself."""
    found = nearest.to(asked.queries, AT + 1)
    return [_without(near.row, own)[:AT] for near, own in zip(found, asked.own, strict=True)]


def measure(
    index: "Index", plan: Plan, asked: Asked, exact: list[Rows], least: float, effort: int | None
) -> Measured:
    """The recall of the least that suffices for ``least``; of the most where nothing does.

    That of a query is the share of its exact answers among the candidates that are looked at again
    exactly; of all it is the mean.

    Args:
        index: of which ``plan`` says what may be asked.
        plan: of it.
        asked: Q queries.
        exact: of each its answers, as ``truth`` gives them.
        least: the recall that is wanted.
        effort: the only one that is tried, if any is given; ``plan`` has it.
    """
    tried = [Measured(0.0, 1, 1)]
    for each in [effort] if effort else plan.efforts:
        for found in _tried(index, plan, asked, exact, each):
            if found.recall >= least:
                return found
            tried.append(found)
    return max(tried, key=lambda found: found.recall)


def _tried(
    index: "Index", plan: Plan, asked: Asked, exact: list[Rows], effort: int
) -> Iterator[Measured]:
    # One more, since a query that is a candidate finds itself.
    rows = index.nearest(asked.queries, AT * max(plan.candidates) + 1, effort)
    others = [_without(row, own) for row, own in zip(rows, asked.own, strict=True)]
    for each in plan.candidates:
        shares = [share(row[: AT * each], true) for row, true in zip(others, exact, strict=True)]
        yield Measured(float(np.mean(shares)), effort, each)


def share(found: Rows, exact: Rows) -> float:
    """How much of ``exact`` is in ``found``; all, where there is nothing to find.

    Example:
        >>> share(np.array([3, 1, -1]), np.array([1, 2]))
        0.5
    """
    return float(np.isin(exact, found).mean()) if len(exact) else 1.0


def _without(rows: Rows, own: int) -> Rows:
    found: Rows = rows[rows != own]
    return found
