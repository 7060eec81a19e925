"""What is asked, in a line: without it no two numbers can be compared."""

from collections.abc import Mapping, Sequence

TIES = "ties by SHA-256 of ids"


def setting(ways: Sequence[Mapping[str, float]]) -> str:
    """How many ask how many, and how many are right, way by way; then the rule of ties.

    Args:
        ways: each with ``queries``, ``gallery`` (candidates a query) and ``positives`` (right
            answers a query, their mean).

    Example:
        >>> to_text = {"queries": 3, "gallery": 1500, "positives": 5.0}
        >>> setting([to_text, {"queries": 1500, "gallery": 3, "positives": 1.0}]).partition(";")[0]
        '3 / 1,500 queries, 1,500 / 3 candidates, 5 / 1 right'
    """
    queries, gallery, right = (
        " / ".join(_number(way[key]) for way in ways) for key in ("queries", "gallery", "positives")
    )
    return f"{queries} queries, {gallery} candidates, {right} right; {TIES}"


def _number(value: float) -> str:
    return f"{value:,.2f}".removesuffix("0").removesuffix(".0")
