"""Measured values as a table for a person."""

import re
from collections.abc import Iterable, Mapping, Sequence

COLUMNS = {"median_rank": ("median", 8, 0), "mean_rank": ("mean", 8, 1)}
"""Value -> its heading, width and decimals; any other is as wide as a percentage."""
TITLE = 16
_POINT = re.compile(r"(\w+)_(\d+)")
"""The name of a point of a curve: what is measured, and where."""


def lines(parts: Mapping[str, Mapping[str, float]], keys: Iterable[str]) -> list[str]:
    """A line of headings, then one a part; points of a curve are left to ``curves``.

    Example:
        >>> values = {"r1": 50.0, "mean_rank": 2.25}
        >>> print("\\n".join(lines({"image to text": values}, values)))
                            R@1    mean
        image to text      50.0     2.2
    """
    columns = [
        (key, *_column(key, [values[key] for values in parts.values()]))
        for key in keys
        if not _POINT.fullmatch(key)
    ]
    heads = "".join(f"{heading:>{width}}" for _, heading, width, _ in columns)
    rows = [
        f"{title:{TITLE}}"
        + "".join(f"{values[key]:{width}.{decimals}f}" for key, _, width, decimals in columns)
        for title, values in parts.items()
    ]
    return [" " * TITLE + heads, *rows]


def under(name: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Rows with the same values under a line that begins with their name.

    A name that is too long for that stands in a line of its own.

    Example:
        >>> print("\\n".join(under("text to image", {"run 1": {"r1": 50.0}})))
        text to image       R@1
        run 1              50.0
    """
    head, *body = lines(rows, next(iter(rows.values())))
    if len(name) > TITLE:
        return [name, head, *body]
    return [f"{name:{TITLE}}{head[TITLE:]}", *body]


def curves(parts: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Each curve that the parts have points of: a line a point, a column a part.

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
        told.append(title + "".join(f"  {part}" for part in parts))
        told += [
            f"{point:{len(title)}}"
            + "".join(f"{values[key]:{len(part) + 2}.1f}" for part, values in parts.items())
            for key, name, point in found
            if name == curve
        ]
    return told


def _column(key: str, values: Sequence[float]) -> tuple[str, int, int]:
    """Heading, width and decimals: a mean of medians has some where a median has none."""
    heading = re.sub(r"^(?:([rp])|([a-z]+))(\d+)$", _at, key)
    heading, width, decimals = COLUMNS.get(key, (heading, max(7, len(heading) + 2), 1))
    return heading, width, decimals or int(any(value % 1 for value in values))


def _at(name: re.Match[str]) -> str:
    letter, word, k = name.groups()
    return f"{word or letter.upper()}@{k}"
