"""What a person must know of intervals: what they are of, and where they say too little."""

from collections.abc import Iterator

from core.wording import counted
from evaluate.report import Report
from evaluate.statistics.bootstrap import PERCENT
from evaluate.table import heading

FEW = 50
"""Of fewer pictures the intervals are too narrow, by much where a recall is near 0 or 100."""


def legend(report: Report) -> list[str]:
    """The line under the table that says what its intervals are; none where it has none."""
    told = report.intervals
    if not told:
        return []
    pictures = counted(told.pictures, "picture")
    return [
        f"{PERCENT} %: of {told.resamples:,} resamples of {pictures} with all their queries, in "
        "the same gallery"
    ]


def doubts(report: Report) -> list[str]:
    """A sentence on too few pictures, and one on numbers that are the same for every query."""
    told = report.intervals
    if not told:
        return []
    found = []
    if told.pictures < FEW:
        found.append(
            f"the intervals are of {counted(told.pictures, 'picture')}, and of fewer than {FEW} "
            "they are too narrow; ask about more pictures"
        )
    if alike := " and ".join(_alike(report)):
        most = min(100, 300 / told.pictures)
        found.append(
            f"the same for every query: {alike}; resampling has nothing to vary there, and up to "
            f"{most:.2g} % of pictures may be otherwise (the rule of three)"
        )
    return found


def _alike(report: Report) -> Iterator[str]:
    """Of each row of the table the values that do not vary, such as ``R@10 of image to text``."""
    bounds, rows = report.bounds(), report.rows()
    for each in report.queries():
        row = rows.get(each.way, "")
        told = [
            heading(name)
            for name in bounds.get(row, {})
            if each.values[name].min() == each.values[name].max()
        ]
        if told:
            yield f"{', '.join(told)} of {row}"
