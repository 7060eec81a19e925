"""Runs that are equal in all but their seed as one group, and a row of each by each rule."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluate.queries import Queries
from evaluate.statistics.paired import Weights, averaged
from pipeline.compared.asked import Asked
from pipeline.compared.scored import Scored, scored
from pipeline.sweeps.rows import Spread

SEED = "seed"


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one recipe by several seeds; or one alone, also one that is averaged of several."""

    members: tuple[Asked, ...]

    @property
    def recipe(self) -> str:
        """The recipe by name, of several averaged each once; of what has none, its own name."""
        told = self.members[0].report.get("recipe") or []
        named = [str(each["name"]) for each in (told if isinstance(told, list) else [told]) if each]
        return "+".join(filter(None, dict.fromkeys(named))) or self.members[0].name

    @property
    def averages(self) -> int:
        """How many runs were averaged, by similarity; 0 of a plain run."""
        run = self.members[0].report["run"]
        return len(run) if isinstance(run, list) else 0

    @property
    def seeds(self) -> list[Any]:
        """The seed of each member."""
        return [each.report[SEED] for each in self.members if SEED in each.report]

    @property
    def identity(self) -> Mapping[str, Any] | None:
        """What all members share of what decides their weights; None where it is not known."""
        return self.members[0].identity


@dataclass(frozen=True, slots=True)
class Row:
    """A group by one rule: each number's spread over the seeds, and the mean of each query's.

    ``number`` is the group's, from 1.
    """

    number: int
    group: Group
    rule: str
    scored: tuple[Scored, ...]

    @property
    def spreads(self) -> dict[str, Spread]:
        """Of each number that all members have."""
        first = self.scored[0].numbers
        shared = [name for name in first if all(name in each.numbers for each in self.scored)]
        return {name: Spread.of([each.numbers[name] for each in self.scored]) for name in shared}

    @property
    def sums(self) -> Mapping[str, Weights]:
        """The numbers that are sums of those of several ways."""
        return self.scored[0].sums

    @property
    def queries(self) -> Sequence[Queries]:
        """One value a query: the mean over the members."""
        return averaged([each.queries for each in self.scored])


def grouped(asked: Sequence[Asked]) -> list[Group]:
    """The groups in the order of their first members.

    Of one recipe with one seed twice (trained on another machine, perhaps) each stands alone; where
    all are one group, each does, so that there is something to compare.
    """
    found: dict[str, list[Asked]] = {}
    for number, each in enumerate(asked):
        found.setdefault(_key(each, number), []).append(each)
    if len(found) == 1:
        return [Group((each,)) for each in asked]
    groups = []
    for members in found.values():
        alone = len({repr(each.report.get(SEED)) for each in members}) < len(members)
        groups += [Group((each,)) for each in members] if alone else [Group(tuple(members))]
    return sorted(groups, key=lambda group: asked.index(group.members[0]))


def of_all(groups: Sequence[Group]) -> Mapping[str, Any]:
    """A report that tells what all were asked; a matrix that others made does not."""
    every = [each.report for group in groups for each in group.members]
    return next((report for report in every if report["split"]), every[0])


def rows_of(groups: Sequence[Group]) -> list[Row]:
    """A row a group and rule, the plain ones first; a rule that a member lacks has none."""
    found = []
    for number, group in enumerate(groups, start=1):
        each = [scored(member) for member in group.members]
        for rule in each[0]:
            if all(rule in member for member in each):
                found.append(Row(number, group, rule, tuple(member[rule] for member in each)))
    rules = list(dict.fromkeys(row.rule for row in found))
    return sorted(found, key=lambda row: rules.index(row.rule))


def _key(asked: Asked, number: int) -> str:
    """Equal of two that differ in their seed alone."""
    if asked.identity is None:
        return str(number)
    same = {key: value for key, value in asked.identity.items() if key != SEED}
    return json.dumps(same, sort_keys=True)
