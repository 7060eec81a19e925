"""Which configurations are chosen: by the mean of their validation scores, never by a test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.sweeps.points import Configuration
from pipeline.sweeps.rows import Row

GROUPS: Mapping[str, Callable[[Configuration], str]] = {
    "one": lambda configuration: "",
    "recipe": lambda configuration: configuration.name,
    "grid": lambda configuration: configuration.group,
}
"""The values of ``choose``: of what one configuration is chosen each."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best row of a group; ``missing`` counts its points that may yet become runs.

    While there are such points another row may be the best: no test is looked at before.
    """

    group: str
    row: Row
    missing: int = 0


def chosen_of(rows: Sequence[Row], choose: str) -> list[Chosen]:
    """Of each group the row with the highest mean score, the earlier one of two equals.

    A row of which a seed has no run is not compared: its mean is of fewer seeds than the others'.
    """
    found = []
    for group, members in groups_of(rows, choose).items():
        missing = sum(not (t.run or t.for_good) for row in members for t in row.taken)
        if whole := [row for row in members if row.whole]:
            best = max(whole, key=lambda row: row.score)
            found.append(Chosen(group, best, missing))
    return found


def groups_of(rows: Sequence[Row], choose: str) -> dict[str, list[Row]]:
    """The rows of each group, the best first, the group of the best first."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: -row.score):
        groups.setdefault(GROUPS[choose](row.configuration), []).append(row)
    return groups
