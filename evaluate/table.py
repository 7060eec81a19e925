"""Measured values as a table for a person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluate.statistics.bootstrap import PERCENT, Interval

COLUMNS = {"median_rank": ("median", 8, 0), "mean_rank": ("mean", 8, 1)}
"""Value -> its heading, width and decimals; any other is as wide as a percentage."""
TITLE = 16
WIDTH = 100
"""Of a line, at most: columns for which there is no room stand below."""
WIDER = 5
"""By how much a column is wider where intervals stand in it."""
_POINT = re.compile(r"(\w+)_(\d+)")
"""The name of a point of a curve: what is measured, and where."""
Parts = Mapping[str, Mapping[str, float]]
Bounds = Mapping[str, Mapping[str, Interval]]
"""Of the values of a table, by title and key, as far as they are known."""


def lines(parts: Parts, keys: Iterable[str], bounds: Bounds | None = None) -> list[str]:
    """A line of headings, then one a part, and under it one of its intervals.

    Columns for which there is no room stand below, under headings of their own; points of a curve
    are left to ``curves``.

    Example:
        >>> values = {"r1": 50.0, "mean_rank": 2.25}
        >>> print("\\n".join(lines({"image to text": values}, values)))
                            R@1    mean
        image to text      50.0     2.2
        >>> bounds = {"image to text": {"r1": Interval(50.0, 44.4, 56.1)}}
        >>> print("\\n".join(lines({"image to text": values}, values, bounds)))
                                 R@1         mean
        image to text           50.0          2.2
          95 %             44.4-56.1
    """
    known = {title: row for title, row in (bounds or {}).items() if row}
    columns = [_Column.of(key, parts, known) for key in keys if not _POINT.fullmatch(key)]
    return [line for band in _bands(columns) for line in _band(band, parts, known)]


def under(name: str, rows: Parts, bounds: Bounds | None = None) -> list[str]:
    """Rows with the same values under a line that begins with their name.

    A name that is too long for that stands in a line of its own.

    Example:
        >>> print("\\n".join(under("text to image", {"run 1": {"r1": 50.0}})))
        text to image       R@1
        run 1              50.0
    """
    head, *body = lines(rows, next(iter(rows.values())), bounds)
    if len(name) > TITLE:
        return [name, head, *body]
    return [f"{name:{TITLE}}{head[TITLE:]}", *body]


def curves(parts: Parts, bounds: Bounds | None = None) -> list[str]:
    """Each curve that the parts have points of: a line a point, a column a part.

    Beside it stands the column of its intervals, where they are known.

    Example:
        >>> values = {"map": 60.0, "precision_at_recall_0": 80.0, "precision_at_recall_100": 40.0}
        >>> print("\\n".join(curves({"image to text": values})))
        precision at recall  image to text
        0                             80.0
        100                           40.0
    """
    first = next(iter(parts.values()), {})
    found = [(key, *named.groups()) for key in first if (named := _POINT.fullmatch(key))]
    told = []
    for curve in dict.fromkeys(name for _, name, _ in found):
        title = curve.replace("_", " ")
        points = {point: key for key, name, point in found if name == curve}
        columns = _columns_of(points, parts, bounds or {})
        told.append(title + "".join(column.cell(column.heading) for column in columns))
        told += [
            f"{point:{len(title)}}" + "".join(each.cell(each.values[point]) for each in columns)
            for point in points
        ]
    return told


@dataclass(frozen=True, slots=True)
class _Column:
    """``values`` and ``intervals`` are by the titles of the rows."""

    heading: str
    width: int
    values: Mapping[str, str]
    intervals: Mapping[str, str]

    @staticmethod
    def of(key: str, parts: Parts, bounds: Bounds) -> "_Column":
        known = {title: row[key] for title, row in bounds.items() if key in row}
        ends = [end for each in known.values() for end in (each.low, each.high)]
        name, width, decimals = _column(key, [*(row[key] for row in parts.values()), *ends])
        values = {title: f"{row[key]:.{decimals}f}" for title, row in parts.items()}
        told = {title: each.told(decimals) for title, each in known.items()}
        longest = max(len(cell) for cell in (name, *values.values(), *told.values()))
        # Wide enough for all but odd numbers, so that the tables of a report stand in line.
        usual = width + WIDER if bounds else width
        return _Column(name, max(usual, longest + 1), values, told)

    def cell(self, text: str) -> str:
        """To the right in the column."""
        return f"{text:>{self.width}}"


def _bands(columns: Iterable[_Column]) -> list[list[_Column]]:
    """The columns that there is room for beside each other."""
    bands: list[list[_Column]] = [[]]
    left = WIDTH - TITLE
    for column in columns:
        if bands[-1] and column.width > left:
            bands.append([])
            left = WIDTH - TITLE
        bands[-1].append(column)
        left -= column.width
    return bands


def _band(columns: Sequence[_Column], titles: Iterable[str], bounds: Bounds) -> list[str]:
    """The lines of columns that stand beside each other."""
    found = [" " * TITLE + "".join(column.cell(column.heading) for column in columns)]
    for title in titles:
        found.append(f"{title:{TITLE}}" + "".join(c.cell(c.values[title]) for c in columns))
        if title in bounds:
            told = "".join(column.cell(column.intervals.get(title, "")) for column in columns)
            found.append(f"{f'  {PERCENT} %':{TITLE}}{told}".rstrip())
    return found


def _columns_of(points: Mapping[str, str], parts: Parts, bounds: Bounds) -> list[_Column]:
    """The columns of a curve, whose points are by what they are called."""
    columns = []
    for title, row in parts.items():
        values = {point: f"{row[key]:.1f}" for point, key in points.items()}
        columns.append(_Column(title, len(title) + 2, values, {}))
        if known := bounds.get(title):
            told = {p: known[key].told(1) if key in known else "" for p, key in points.items()}
            columns.append(_Column(f"{PERCENT} %", max(map(len, told.values())) + 2, told, {}))
    return columns


def heading(key: str) -> str:
    """What a value is called in a table.

    Example:
        >>> heading("r10"), heading("median_rank")
        ('R@10', 'median')
    """
    return _column(key, [])[0]


def _column(key: str, numbers: Sequence[float]) -> tuple[str, int, int]:
    """Heading, width and decimals: a mean of medians has some where a median has none."""
    name = re.sub(r"^(?:([rp])|([a-z]+))(\d+)$", _at, key)
    name, width, decimals = COLUMNS.get(key, (name, max(7, len(name) + 2), 1))
    return name, width, decimals or int(any(number % 1 for number in numbers))


def _at(name: re.Match[str]) -> str:
    letter, word, k = name.groups()
    return f"{word or letter.upper()}@{k}"
