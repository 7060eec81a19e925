"""What a comparison's tables say, cell by cell, for the terminal and for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.wording import counted
from evaluate.measured import NAMES, WAYS
from evaluate.measures import lower_is_better
from pipeline.compared.called import label, measure, value
from pipeline.compared.folded import in_folds, titles
from pipeline.compared.groups import Group, Row, of_all
from pipeline.compared.pairs import Finding, Pair
from pipeline.compared.sentences import chance
from pipeline.compared.settings import Differing, common
from pipeline.sweeps.rows import Spread

NONE, BEST = "-", "*"


@dataclass(frozen=True, slots=True)
class Block:
    """A table: its title stands over the first cell of each row; a best number ends with ``*``."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    below: str = ""


def blocks(rows: Sequence[Row], called: Sequence[str]) -> list[Block]:
    """One of sums, such as rsum, and one a way: a row a group and rule, a column a measure.

    With the gallery's bias another thing is measured, so that each rule has its own best,
    which is marked.
    """
    spreads = {id(row): row.spreads for row in rows}
    columns = list(dict.fromkeys(name for each in spreads.values() for name in each))
    sums = {name for row in rows for name in row.sums}
    named: dict[str, list[str]] = {}
    for name in columns:
        named.setdefault("" if name in sums else name.partition("_")[0], []).append(name)
    ways = {**NAMES, **titles(of_all([row.group for row in rows]), WAYS)}
    low = lower_is_better()
    found = []
    for block, names in named.items():
        heads = [measure(name, sums).removeprefix(f"{in_folds(block)} ") for name in names]
        body = [
            [
                label(row, called),
                *(
                    _number(name, row, rows, spreads, low=name.partition("_")[2] in low)
                    for name in names
                ),
            ]
            for row in rows
        ]
        found.append(Block(ways.get(block, block), heads, body))
    return found


def _number(
    name: str,
    row: Row,
    rows: Sequence[Row],
    spreads: Mapping[int, Mapping[str, Spread]],
    *,
    low: bool,
) -> str:
    """A number, marked where it is the best of its rule: the lowest, if ``low``."""
    own = spreads[id(row)].get(name)
    if own is None:
        return NONE
    means = [
        spreads[id(each)][name].mean
        for each in rows
        if each.rule == row.rule and name in spreads[id(each)]
    ]
    best = min(means) if low else max(means)
    return own.told() + (BEST if own.mean == best and min(means) < max(means) else "")


def stated(settings: Differing, groups: Sequence[Group], called: Sequence[str]) -> Block:
    """The settings that differ, a column a group of which they are known."""
    shown = common(settings, groups)
    known = [number for number, group in enumerate(groups) if group.identity is not None]
    body = [[key, *(value(values[number]) for number in known)] for key, values in shown.items()]
    more = len(settings) - len(shown)
    rest = f"and {counted(more, 'option')} of parts that not all have (--json)" if more else ""
    return Block("settings that differ", [called[number] for number in known], body, rest)


def tested(pair: Pair, called: Sequence[str]) -> Block:
    """What was found of two rows, a row a measure."""
    title = f"{label(pair.first, called)} less {label(pair.other, called)}"
    lines = [_finding(name, test, pair) for name, test in pair.tests.items()]
    heads = list(dict.fromkeys(head for line in lines for head in line))
    body = [[line.get(head, NONE) for head in heads] for line in lines]
    return Block(title, heads[1:], body)


def _finding(name: str, test: Finding, pair: Pair) -> dict[str, str]:
    """The cells of a test by their headings; the deviations over the seeds where there are any."""
    over = [row.spreads[name].deviation for row in (pair.first, pair.other)]
    seeds = ", ".join(NONE if each is None else f"{each:.1f}" for each in over)
    return {
        "measure": measure(name, pair.first.sums),
        "difference": f"{test.difference:+.1f}",
        "95 % interval": f"{test.low:+.1f} to {test.high:+.1f}",
        "p": chance(test.p),
        "Holm": chance(test.holm),
        "sees": f"{test.smallest:.1f}",
        **({"seeds ±": seeds} if any(each is not None for each in over) else {}),
        **({"McNemar": _mcnemar(test)} if test.mcnemar else {}),
    }


def _mcnemar(test: Finding) -> str:
    """How many each alone hits, and p; marked where the queries are not independent."""
    found = test.mcnemar
    assert found is not None
    return f"{found.first}:{found.other} {'' if test.independent else '~'}{chance(found.p)}"
