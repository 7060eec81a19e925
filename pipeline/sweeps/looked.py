"""The points of a sweep as they are now: which are there, begun, not there yet, or refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import TencropError
from pipeline.sweeps.points import Point
from pipeline.sweeps.taken import Taken, Trainer, failed
from train.record import Record


@dataclass(frozen=True, slots=True)
class Looked:
    """A point, where its run is or would be, how far it is, and why it would be refused.

    ``first`` are the caches that are to be made before its place is known, a phrase each.
    """

    point: Point
    place: Path | None = None
    record: Record | None = None
    refused: Taken | None = None
    first: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """How far it is, in a word or two."""
        if self.refused:
            return "refused"
        if self.place is None:
            return "caches first"
        if self.record is None:
            return "to train"
        return "there" if self.record.done else "begun"


def look(points: Iterable[Point], trainer: Trainer) -> list[Looked]:
    """Look at each point; nothing is trained or written."""
    return [_look(point, trainer) for point in points]


def _look(point: Point, trainer: Trainer) -> Looked:
    try:
        place, record = trainer.where(point)
    except (TencropError, OSError) as error:
        return Looked(point, refused=failed(point, error))
    first = () if place else tuple(trainer.caches.to_make(point.configuration))
    return Looked(point, place, record, first=first)
