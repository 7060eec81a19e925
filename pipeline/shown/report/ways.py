"""The ways of asking whose queries can be shown, and who is right to whom, by the protocol."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings
from evaluate.measured import WAYS
from pipeline.shown.report.examples import UNKEPT
from pipeline.shown.report.given import Given

if TYPE_CHECKING:
    from evaluate.right import Bools, Right
    from evaluate.way import Way

OWN, LABELS = ("retrieval", "folds"), "labels"
SIDES = {"i": "picture", "t": "caption"}


class Shown(NamedTuple):
    """A way by its name, such as ``t2i``; ``right`` gives a query's right answers, (N,) bool."""

    name: str
    way: "Way"
    right: "Callable[[int], Bools]"

    @property
    def sides(self) -> tuple[str, str]:
        """Who asks and who answers: ``picture`` or ``caption``."""
        return SIDES[self.name[0]], SIDES[self.name[-1]]


def ways(given: Given) -> list[Shown]:
    """Those whose queries were kept.

    Raises:
        InputError: there are no queries or no vectors, or right is what files outside say.
    """
    if not given.queries:
        raise InputError(UNKEPT)
    name = given.report["protocol_name"]
    if name in OWN:
        return list(_own(given))
    if name == LABELS and isinstance(given.prediction, Embeddings | Ensemble):
        return list(_labelled(given, given.prediction))
    raise InputError(f"what is right by the protocol {name} is not kept beside the report")


def _own(given: Given) -> Iterator[Shown]:
    from evaluate.standing import CAPTIONS, IMAGES
    from evaluate.way import Way

    scores, owner = given.scores, given.scores.sides.owner
    right: Mapping[str, Callable[[int], Bools]] = {
        "i2t": lambda row: owner == row,
        "t2i": lambda row: np.arange(len(scores.sides.image_id)) == owner[row],
    }
    for name in WAYS:
        if name in given.queries:
            yield Shown(name, Way(scores, IMAGES if name == "i2t" else CAPTIONS), right[name])


def _labelled(given: Given, prediction: Embeddings | Ensemble) -> Iterator[Shown]:
    from evaluate.labelled import LabelledSides
    from pipeline.device import judging, resolve

    known = LabelledSides.of(prediction)
    names = [name for name in known.names(within=True) if name in given.queries]
    for name, each in known.asked(names, judging(resolve(given.device))).items():
        yield Shown(name, each.way, partial(_of_one, each.right))


def _of_one(right: "Right", row: int) -> "Bools":
    found: Bools = right.of(slice(row, row + 1))[0]
    return found
