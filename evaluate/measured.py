"""What one way of asking comes to: the values of every query, and the numbers of them all."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.settings import Settings
from evaluate.hits import Hits
from evaluate.measures import options_of, per_query, summed
from evaluate.queries import Names, Queries

WAYS = {"i2t": "image to text", "t2i": "text to image"}
"""How two sides ask one another, and what a person calls it."""
NAMES = {**WAYS, "i2i": "image to image", "t2t": "text to text"}
"""Likewise, one side asking itself too."""
SIZES = ("queries", "gallery", "positives")
"""What a way of asking is, beside what was measured: queries, candidates, right answers a query."""
UNLOGGED = {*SIZES, "median_rank", "mean_rank"}
"""What says nothing after an epoch that a log should keep."""
USUAL = "recall"
"""What is measured of every way, whatever was asked for: ``score`` follows from it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """``asked``: ``SIZES``, and what was asked for. ``recalls``: R@1, R@5 and R@10.

    ``queries`` have the values of both.
    """

    queries: Queries
    asked: dict[str, float]
    recalls: dict[str, float]


def measured(
    way: str, hits: Hits, ids: tuple[Names, Names], measures: Mapping[str, Settings]
) -> Measured:
    """Measure the hits of Q queries.

    Args:
        way: its name.
        hits: of the Q queries.
        ids: (Q,) of who asks, and (Q,) of the picture that each belongs to.
        measures: options by the name of each measure that was asked for.

    Raises:
        SettingError: there is no such measure.
    """
    values = {name: per_query(name, hits, options) for name, options in measures.items()}
    usual = per_query(USUAL, hits, options_of(USUAL, {}))
    asked = dict(zip(SIZES, (len(hits.best), hits.gallery, float(hits.right.mean())), strict=True))
    kept = dict(usual)
    for name, each in values.items():
        asked |= summed(name, each)
        kept |= each
    return Measured(Queries(way, *ids, kept), asked, summed(USUAL, usual))
