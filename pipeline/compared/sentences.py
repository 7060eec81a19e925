"""What the tests come to, in plain words."""

from collections.abc import Sequence

from core.wording import counted
from evaluate.doubts import FEW
from evaluate.statistics.permutation import PERMUTATIONS
from evaluate.statistics.power import LEVEL
from pipeline.compared.called import label, measure
from pipeline.compared.folded import in_folds
from pipeline.compared.groups import SEED, Group
from pipeline.compared.pairs import MOST, Finding, Pair
from pipeline.compared.scored import PLAIN, scored
from pipeline.compared.settings import differing
from pipeline.sweeps.rows import Spread


def sentence(pair: Pair, called: Sequence[str]) -> str:
    """What the first measure that was tested, such as rsum, says of two rows."""
    both = f"{label(pair.first, called)} and {label(pair.other, called)}"
    if not pair.tests:
        return f"{both}: nothing of what was measured is a mean over queries; nothing is tested"
    name, test = next(iter(pair.tests.items()))
    return f"{both}: {_verdict(measure(name, pair.first.sums), test)}"


def chance(p: float) -> str:
    """A p for a person: as many digits as tell.

    Example:
        >>> chance(0.2101), chance(0.0001), chance(1.234e-9), chance(1.0)
        ('0.21', '0.0001', '1e-09', '1')
    """
    return f"{p:.2g}" if p >= 0.01 else f"{p:.1g}"


def notes(
    groups: Sequence[Group], pairs: Sequence[Pair], split: str, called: Sequence[str]
) -> list[str]:
    """How to read the numbers, and what they do not say."""
    every = [test for pair in pairs for test in pair.tests.values()]
    told = [
        f"p: {PERMUTATIONS:,} exchanges of pictures with all their captions; Holm: p among all "
        f"{counted(len(every), 'test')} here; sees: the smallest difference that these pictures "
        "find four times of five",
        *(_of_mcnemar(every) if len(pairs) <= MOST else []),
        *_of_few(pairs),
        *_of_seeds(groups, called),
        *_of_split(groups, split),
    ]
    return told if every else told[1:]


def _pictures(test: Finding) -> str:
    """How many pictures a test is of; of a sum also the ways that fewer of them ask."""
    fewer = [
        f"{many:,} ask {in_folds(way)}"
        for way, many in sorted(test.ways.items())
        if many < test.pictures
    ]
    return counted(test.pictures, "picture") + (f" ({', '.join(fewer)})" if fewer else "")


def _verdict(name: str, test: Finding) -> str:
    if not (test.difference or test.smallest):
        return f"no query is answered differently, as far as {name} tells"
    size = f"the difference of {abs(test.difference):.1f} {name}"
    p, pictures = f"p {chance(test.p)}", _pictures(test)
    least = 2.0 ** (1 - test.pictures)
    if least > LEVEL:
        return (
            f"{size} is of {pictures}, of which the exchanges never give a p below "
            f"{chance(least)} ({p}); ask about more pictures"
        )
    sees = f"this test set sees {test.smallest:.1f} or more"
    if test.holm <= LEVEL:
        return f"{size} is more than {pictures} show by chance ({p}); {sees}"
    if test.p <= LEVEL:
        return (
            f"{size} alone would be more than chance ({p}), but of so many tests one comes out so "
            f"(Holm {chance(test.holm)}); {sees}"
        )
    return f"{size} is within what {pictures} can show by chance ({p}); {sees}"


def _of_few(pairs: Sequence[Pair]) -> list[str]:
    """The ways that few pictures ask, of all that is tested."""
    asked = {
        way: n for pair in pairs for test in pair.tests.values() for way, n in test.ways.items()
    }
    few = [f"{in_folds(way)}: {many:,}" for way, many in asked.items() if many < FEW]
    if not few:
        return []
    return [
        f"of fewer than {FEW} pictures ({', '.join(few)}) intervals are too narrow; ask about more "
        "pictures"
    ]


def _of_mcnemar(tests: Sequence[Finding]) -> list[str]:
    if not any(test.mcnemar and not test.independent for test in tests):
        return []
    return [
        "McNemar takes queries to be independent; captions of one picture are not, and where they "
        "ask (~) its p is too small: go by p there"
    ]


def _of_seeds(groups: Sequence[Group], called: Sequence[str]) -> list[str]:
    """How far other seeds come out is another question than how far other pictures do."""
    alone = [name for name, group in zip(called, groups, strict=True) if len(group.members) == 1]
    told = "p and intervals are about other pictures, not about other seeds"
    if set(differing(groups)) == {SEED}:
        return [f"{told}: all are seeds of one recipe{_spread(groups)}"]
    if len(alone) == len(groups):
        return [f"{told}: of each there is one, and how far others come out is not known"]
    more = f"; of {', '.join(alone)} there is one alone" if alone else ""
    return [f"{told}: how far these differ says the ± of the table{more}"]


def _spread(groups: Sequence[Group]) -> str:
    """The first sum, such as rsum, over all members, where there is one."""
    plain = [scored(each)[PLAIN] for group in groups for each in group.members]
    name = next(iter(plain[0].sums), "")
    if any(name not in each.sums for each in plain):
        return ""
    return f", {name} {Spread.of([each.numbers[name] for each in plain]).told()}"


def _of_split(groups: Sequence[Group], split: str) -> list[str]:
    """Nothing is chosen on test, and what the epoch was chosen on is no test."""
    recipes = [group.recipe for group in groups]
    if split == "test" and (len(groups) > 2 or len(set(recipes)) < len(recipes)):
        return [
            f"{len(groups)} are compared on test: to take the best of them is to choose on test, "
            "and its number is too good then; choose with --split val"
        ]
    if any(each.report.get("chosen_on") for group in groups for each in group.members):
        return [f"epochs were chosen on pictures of {split}: all numbers are a little too good"]
    return []
