"""A comparison for the terminal: the numbers, the settings, the tests, and what they say."""

from collections.abc import Mapping, Sequence

from core.wording import counted
from pipeline.compared.called import legends
from pipeline.compared.cells import BEST, Block, blocks, stated, tested
from pipeline.compared.groups import Group, Row, of_all
from pipeline.compared.pairs import MOST, Pair
from pipeline.compared.sentences import notes, sentence
from pipeline.compared.settings import Differing
from pipeline.sweeps.table import aligned


def page(
    groups: Sequence[Group],
    rows: Sequence[Row],
    pairs: Sequence[Pair],
    settings: Differing,
    called: Sequence[str],
) -> str:
    """Lines without a final newline."""
    report = of_all(groups)
    told = [title(report), *legends(groups, called, settings), "", *numbers(rows, called)]
    if settings:
        told += ["", *_lines(stated(settings, groups, called))]
    if len(pairs) <= MOST:
        for pair in pairs:
            told += ["", *_lines(tested(pair, called))]
    said = [sentence(pair, called) for pair in pairs]
    return "\n".join([*told, "", *said, *notes(groups, pairs, str(report["split"]), called)])


def title(report: Mapping[str, object]) -> str:
    """What was asked of all."""
    many = [
        counted(int(str(report[f"{noun}s"])), noun)
        for noun in ("image", "caption")
        if f"{noun}s" in report
    ]
    asked = ", ".join([str(report["split"] or "matrices"), *many])
    return f"{asked}; protocol {report['protocol_name']}"


def numbers(rows: Sequence[Row], called: Sequence[str]) -> list[str]:
    """The blocks of ``pipeline.compared.cells`` under one another, their columns as one table."""
    found = blocks(rows, called)
    width = max(len(cell) for each in found for cell in (each.title, *(r[0] for r in each.rows)))
    told = []
    for block in found:
        body = [[row[0].ljust(width), *map(_marked, row[1:])] for row in block.rows]
        heads = [block.title.ljust(width), *(f"{head} " for head in block.heads)]
        told += aligned([heads, *body]).splitlines()
    return told


def _marked(cell: str) -> str:
    """With room for the mark of the best, so that numbers stand under one another."""
    return cell if cell.endswith(BEST) else f"{cell} "


def _lines(block: Block) -> list[str]:
    below = [block.below] if block.below else []
    return [*aligned([[block.title, *block.heads], *block.rows]).splitlines(), *below]
