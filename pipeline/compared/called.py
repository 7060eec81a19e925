"""What groups and numbers are called for a person."""

from collections.abc import Container, Sequence
from typing import Any

from core.wording import counted, one_line
from evaluate.table import heading
from pipeline.compared.folded import in_folds
from pipeline.compared.groups import SEED, Group, Row
from pipeline.compared.scored import BIASED
from pipeline.compared.settings import Differing
from pipeline.sweeps.labels import short

LONGEST, MOST = 32, 2


def labels(groups: Sequence[Group]) -> list[str]:
    """A label each: its number and its recipe."""
    return [one_line(f"{number} {group.recipe}") for number, group in enumerate(groups, start=1)]


def label(row: Row, called: Sequence[str]) -> str:
    """That of its group, and whether the gallery's bias is in its scores."""
    return called[row.number - 1] + (" + bias" if row.rule == BIASED else "")


def legends(groups: Sequence[Group], called: Sequence[str], settings: Differing) -> list[str]:
    """A line a group: who stands behind its label, and what tells it from others of its recipe."""
    return [
        one_line(
            f"{', '.join([name, *_telling(number, groups, settings), _seeds(group)])}: "
            + ", ".join(each.name for each in group.members)
        )
        for number, (group, name) in enumerate(zip(groups, called, strict=True))
    ]


def measure(name: str, sums: Container[str] = ()) -> str:
    """A number by its flat name for a person, as the table of a report has it; a sum by its own.

    Example:
        >>> measure("map_r", {"map_r"}), measure("i2t_r5"), measure("t2i_mean_rank")
        ('map_r', 'i2t R@5', 't2i mean')
    """
    way, _, value = name.partition("_")
    if name in sums or not value:
        return in_folds(name)
    return f"{in_folds(way)} {heading(value)}"


def value(told: Any) -> str:
    """A setting for a person.

    Example:
        >>> value(None), value(0.001), value(["warm", "main"])
        ('-', '0.001', 'warm+main')
    """
    if told is None:
        return "-"
    text = "+".join(map(short, told)) if isinstance(told, list) else short(told)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _seeds(group: Group) -> str:
    if group.averages:
        return f"{counted(group.averages, 'run')} averaged"
    if not group.seeds:
        return "a matrix"
    return f"seed{'s' * (len(group.seeds) > 1)} {', '.join(map(str, group.seeds))}"


def _telling(number: int, groups: Sequence[Group], settings: Differing) -> list[str]:
    """A setting or two in which a group differs from others of its recipe."""
    alike = [n for n, group in enumerate(groups) if group.recipe == groups[number].recipe]
    found = [
        f"{key.rpartition('.')[2]}={value(values[number])}"
        for key, values in settings.items()
        if key != SEED and values[number] is not None and len({repr(values[n]) for n in alike}) > 1
    ]
    return list(dict.fromkeys(found))[:MOST]
