"""The figures of a comparison: differences with their intervals, and the trainings."""

from collections.abc import Iterator

from evaluate.measures import lower_is_better
from evaluate.statistics.power import LEVEL
from pipeline.compared.called import label, measure
from pipeline.compared.pairs import MOST, Finding, Pair
from pipeline.plots.attempt import drawn
from pipeline.plots.drawn import Drawn
from pipeline.plots.forest import Difference, forest
from pipeline.plots.overlaid import Trained, overlaid
from pipeline.shown.comparison.given import Compared

ABOVE = "To be read as the one above."


def differences(given: Compared) -> list[Drawn]:
    """One of the first measure of all pairs, and of few pairs one each of all recalls and so on."""
    return drawn("the picture of the differences", lambda: _forests(given))


def trainings(given: Compared) -> list[Drawn]:
    """Of the runs whose training is known."""
    runs = [
        Trained(number, member.record)
        for number, group in enumerate(given.groups)
        for member in group.members
        if member.record
    ]
    return drawn("the picture of the trainings", lambda: overlaid(runs, given.called))


def _forests(given: Compared) -> Iterator[Drawn]:
    tested = [pair for pair in given.pairs if pair.tests]
    firsts = {id(pair): next(iter(pair.tests)) for pair in tested}
    for number, name in enumerate(dict.fromkeys(firsts.values()), start=1):
        pairs = [pair for pair in tested if firsts[id(pair)] == name]
        rows = [_row(_both(pair, given), pair.tests[name]) for pair in pairs]
        called = measure(name, pairs[0].first.sums)
        yield forest(f"differences-{number}", f"Differences of {called}", rows)
    if len(tested) > MOST:
        return
    ranks = lower_is_better()
    for number, pair in enumerate(tested, start=1):
        rows = [
            _row(measure(name, pair.first.sums), test)
            for name, test in pair.tests.items()
            if name not in pair.first.sums and name.partition("_")[2] not in ranks
        ]
        if rows:
            title = f"{_both(pair, given)}, in percent"
            yield forest(f"differences-of-{number}", title, rows, ABOVE)


def _row(label: str, test: Finding) -> Difference:
    sure = test.holm <= LEVEL
    return Difference(label, test.difference, test.low, test.high, test.smallest, sure)


def _both(pair: Pair, given: Compared) -> str:
    return f"{label(pair.first, given.called)} less {label(pair.other, given.called)}"
