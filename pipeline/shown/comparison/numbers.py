"""The tables of a comparison: what each measured, what is tested, where settings differ."""

from pipeline.compared.cells import BEST, Block, blocks, stated, tested
from pipeline.compared.groups import of_all
from pipeline.compared.pairs import MOST
from pipeline.compared.sentences import notes, sentence
from pipeline.shown.comparison.given import Compared
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, html, join, tag
from pipeline.shown.table import table

SEEDS = "Mean ± deviation over seeds where there are several; bold: the best of its rule."
OF_A_TEST = (
    "Holm: p among all tests of this comparison; at most 0.05 is more than chance. Sees: the "
    "smallest difference that these pictures find four times of five. McNemar: how many queries "
    "each alone hits, and p (~: too small, since captions of one picture fare alike)."
)


def said(given: Compared) -> Section:
    """What it comes to, in sentences."""
    split = str(of_all(given.groups)["split"])
    verdicts = [tag("li", sentence(pair, given.called)) for pair in given.pairs]
    noted = [tag("li", note) for note in notes(given.groups, given.pairs, split, given.called)]
    how = [tag("h3", "How to read it"), tag("ul", *noted)] if noted else []
    return Section("said", "What it says", join(tag("ul", *verdicts), *how))


def numbers(given: Compared) -> Section:
    """A row a group and rule."""
    told = [_table(block) for block in blocks(given.rows, given.called)]
    return Section("numbers", "Numbers", join(tag("p", SEEDS, class_="soft"), *told))


def tests(given: Compared) -> Html:
    """A table each two rows; of many pairs they are to be opened."""
    found = [tested(pair, given.called) for pair in given.pairs if pair.tests]
    told = [
        _table(block)
        if len(found) <= MOST
        else tag("details", tag("summary", block.title), _table(block))
        for block in found
    ]
    return join(*told, *([tag("p", OF_A_TEST, class_="soft")] if told else []))


def settings(given: Compared) -> Section:
    """A column a group; what is equal in all goes without saying."""
    if not given.settings:
        told = tag("p", "No setting differs, as far as settings are known.")
    else:
        told = _table(stated(given.settings, given.groups, given.called), numbers=False)
    return Section("settings", "Settings that differ", told)


def _table(block: Block, *, numbers: bool = True) -> Html:
    rows = [[_cell(cell) for cell in row] for row in block.rows]
    name = block.title or "sums"
    shown = table([block.title, *block.heads], rows, label=name, numbers=numbers)
    return join(shown, *([tag("p", block.below, class_="soft")] if block.below else []))


def _cell(cell: str) -> Html:
    return tag("b", cell.removesuffix(BEST)) if cell.endswith(BEST) else html(cell)
