"""All that the page of a comparison is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from core.records import Corpus
from pipeline.compared.groups import Group, Row
from pipeline.compared.pairs import Pair
from pipeline.compared.settings import Differing


@dataclass(frozen=True, slots=True)
class Compared:
    """Groups with their rows, each two of these, and in which settings they differ.

    ``called`` is a name a group; ``corpus`` are the pictures that all were asked about, None where
    nobody knows them.
    """

    groups: Sequence[Group]
    rows: Sequence[Row]
    pairs: Sequence[Pair]
    settings: Differing
    called: Sequence[str]
    corpus: Corpus | None = None

    @property
    def at_hand(self) -> dict[str, Any]:
        """What the page shows beside what the comparison tells, as JSON values."""
        members = [member for group in self.groups for member in group.members]
        histories = [member.record.history if member.record else None for member in members]
        drawn = find_spec("matplotlib") is not None
        return {"captions": self.corpus is not None, "trainings": histories, "drawn": drawn}
