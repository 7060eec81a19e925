"""A report of a mean precision over several ways of asking: a row a way, and the mean under it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from evaluate.measured import SIZES, UNLOGGED
from evaluate.queries import Queries
from evaluate.report import Report
from evaluate.setting import setting
from evaluate.statistics.bootstrap import Weights
from evaluate.table import curves, lines

DEFAULTS = {"recall": {"k": (1,)}}
"""Options of measures that are beside a precision, where nothing else is said."""


@dataclass(frozen=True)
class Precisions(Report):
    """``score``, 0 to 100, is the mean of a precision over some ways; ``facts`` hold each way's.

    ``precisions`` are those of every way, whichever measures were asked for.

    Attributes:
        KEY: the name of the precision among the values.
        TOLD: what a person calls it.
        NAMES: a way -> what its row is called.
    """

    precisions: Mapping[str, float]
    each: Sequence[Queries] = field(compare=False)

    KEY: ClassVar[str]
    TOLD: ClassVar[str]
    NAMES: ClassVar[Mapping[str, str]]

    def first(self) -> list[str]:
        """The ways that ``score`` is the mean of."""
        return list(self.precisions)

    def queries(self) -> Sequence[Queries]:
        """Each way: the measures that were asked for, and the precision of ``score``."""
        return self.each

    def rows(self) -> Mapping[str, str]:
        """Each way has a row."""
        return {way: self.NAMES[way] for way in self.precisions}

    def sums(self) -> Mapping[str, Weights]:
        """The score, of the ways that it is the mean of."""
        of = self.first()
        return {self.KEY: {(way, self.KEY): 1 / len(of) for way in of}}

    def scores(self) -> dict[str, float]:
        """``score``, the precision of each way, what else was measured but the usual ranks."""
        found = {f"{way}_{self.KEY}": value for way, value in self.precisions.items()}
        for way in self.precisions:
            told = self.facts[way].items()
            found |= {f"{way}_{key}": value for key, value in told if key not in UNLOGGED}
        return {"score": self.score, self.KEY: self.score, **found}

    def headline(self) -> str:
        """The score, and the ways that it is the mean of, where they are several."""
        ways = [f"{self.precisions[way]:.1f}" for way in self.first()]
        told = filter(None, [self.within(self.KEY), " and ".join(ways) if ways[1:] else ""])
        return self._total("; ".join(told))

    def table(self, title: str) -> str:
        """A row a way, a column a value."""
        parts, tied = self.parts(), self.facts["tied_queries"]
        total = self._total(self.within(self.KEY)) + (f", tied queries: {tied}" if tied else "")
        body = lines(parts, next(iter(parts.values())), self.bounds())
        return "\n".join([self.title(title), *body, total, *self.appendix()])

    def parts(self) -> dict[str, dict[str, float]]:
        """A row a way."""
        return {
            name: {key: value for key, value in self.facts[way].items() if key not in SIZES}
            for way, name in self.rows().items()
        }

    def appendix(self) -> list[str]:
        """Curves."""
        return curves(self.parts(), self.bounds())

    def setting(self) -> str:
        """Who asks whom, and the rule of ties."""
        return setting([self.facts[way] for way in self.precisions])

    def _total(self, told: str) -> str:
        return f"{self.TOLD} {self.score:.1f}" + (f" ({told})" if told else "")
