"""What a person must know of intervals: what they are of, and where they say too little."""

from collections.abc import Iterator

from core.wording import counted
from evaluate.report import Report
from evaluate.statistics.bootstrap import PERCENT, Intervals
from evaluate.table import heading

FEW = 50
"""Of fewer pictures the intervals are too narrow, by much where a recall is near 0 or 100."""


def legend(report: Report) -> list[str]:
    """The line under the table that says what its intervals are; none where it has none."""
    told = report.intervals
    if not told:
        return []
    pictures = counted(told.pictures, "picture")
    fewer = "".join(
        f", {many:,} of which ask {_row(report, way)}"
        for way, many in told.asking.items()
        if many < told.pictures
    )
    return [
        f"{PERCENT} %: of {told.resamples:,} resamples of {pictures} with all their queries"
        f"{fewer}, in the same gallery"
    ]


def doubts(report: Report) -> list[str]:
    """A sentence on too few pictures, and one on numbers that are the same for every query."""
    told = report.intervals
    if not told:
        return []
    found = [
        f"the intervals{of} are of {counted(many, 'picture')}, and of fewer than {FEW} "
        "they are too narrow; ask about more pictures"
        for of, many in _few(report, told)
    ]
    if alike := dict(_alike(report)):
        most = min(100, 300 / min(told.asking[way] for way in alike))
        found.append(
            f"the same for every query: {' and '.join(alike.values())}; resampling has "
            f"nothing to vary there, and up to {_percent(most)} % of pictures may be "
            "otherwise (the rule of three)"
        )
    return found


def _few(report: Report, told: Intervals) -> Iterator[tuple[str, int]]:
    """What intervals are of few pictures: all, or those of the ways that few ask; and how many."""
    if told.pictures < FEW:
        yield "", told.pictures
    for way, many in told.asking.items():
        if many < min(FEW, told.pictures):
            yield f" of {_row(report, way)}", many


def _percent(most: float) -> str:
    return f"{most:.2g}" if most < 99 else "100"


def _row(report: Report, way: str) -> str:
    return report.rows().get(way, way)


def _alike(report: Report) -> Iterator[tuple[str, str]]:
    """Of each way the values that do not vary, such as ``R@10 of image to text``."""
    bounds, rows = report.bounds(), report.rows()
    for each in report.queries():
        row = rows.get(each.way, "")
        told = [
            heading(name)
            for name in bounds.get(row, {})
            if each.values[name].min() == each.values[name].max()
        ]
        if told:
            yield each.way, f"{', '.join(told)} of {row}"
