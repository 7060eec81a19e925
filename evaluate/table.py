"""Measured values as a table for a person."""

import re
from collections.abc import Iterable, Mapping

COLUMNS = {"median_rank": ("median", 8, 0), "mean_rank": ("mean", 8, 1)}
"""Value -> its heading, width and decimals; any other is as wide as a percentage."""
TITLE = 16


def lines(parts: Mapping[str, Mapping[str, float]], keys: Iterable[str]) -> list[str]:
    """A line of headings, then one a part.

    Example:
        >>> values = {"r1": 50.0, "mean_rank": 2.25}
        >>> print("\\n".join(lines({"image to text": values}, values)))
                            R@1    mean
        image to text      50.0     2.2
    """
    columns = [(key, *_column(key)) for key in keys]
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


def _column(key: str) -> tuple[str, int, int]:
    heading = re.sub(r"^r(\d+)$", r"R@\1", key)
    return COLUMNS.get(key, (heading, max(7, len(heading) + 2), 1))
