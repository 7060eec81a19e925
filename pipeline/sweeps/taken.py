"""A point of a sweep, taken: trained by ``train``, or told why it could not be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import NumberError, SettingError
from evaluate.report import of_ranks
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.refusals.other_caches import in_a_sweep, other_caches
from pipeline.said.errors import told
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from pipeline.stages.train import place_of, train
from pipeline.sweeps.caches import Caches
from pipeline.sweeps.points import Point
from train.identity import read_run
from train.record import LAST, Record

FOR_GOOD = (SettingError, NumberError)
"""What the same settings would fail with again: such a point is out of the running."""

BIASED = "biased"
"""Begins the names of scores with the gallery's bias, which is another scoring rule."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a point.

    ``scores`` are those of the validation at the best epoch, by the plain similarity (and with
    ``BIASED`` before their names, with the gallery's bias), ``seconds`` of the training's steps;
    ``failed`` says why there is no run, and ``for_good`` that trying again would not help.
    """

    point: Point
    run: Path | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    seconds: float = 0.0
    failed: str = ""
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains the points of one corpus, in one process that reads each thing once."""

    data: CorpusAt
    terms: Terms
    once: Once
    caches: Caches
    save_every: float
    said: set[str] = field(default_factory=set)

    def take(self, point: Point) -> Taken:
        """Train the point, go on with its run, or find the finished one.

        What fails is told in the answer; only an interruption ends the sweep.
        """
        try:
            caches, lesson = self.caches.of(point.configuration), self._lesson(point)
            self._say_others(lesson.recipe, caches)
            run = train(caches, self.data, lesson, terms=self.terms, once=self.once)
            return taken(point, run, read_run(run)[1])
        except Exception as error:  # a hundred others shall not wait for one
            return failed(point, error)

    def where(self, point: Point) -> tuple[Path | None, Record | None]:
        """Where the run is or would be, and how far it is; None where nothing is done.

        The place is None where it is not known before the caches are made that the recipe wants.

        Raises:
            TencropError: the point does not fit.
        """
        caches, lesson = self.caches.known(point.configuration), self._lesson(point)
        if caches is None:
            outline_of(lesson.recipe, lesson.assignments, self.once.known)
            return None, None
        place, _ = place_of(caches, self.data, lesson, terms=self.terms, once=self.once)
        return place, read_run(place)[1] if (place / LAST).exists() else None

    def _say_others(self, recipe: str, caches: Sequence[Path]) -> None:
        """Say, once of each recipe, which other caches it wants."""
        for note in [] if recipe in self.said else other_caches(recipe, caches, in_a_sweep):
            say(note)
            self.said.add(recipe)

    def _lesson(self, point: Point) -> Lesson:
        return Lesson(
            recipe=point.configuration.recipe,
            assignments=point.configuration.assignments,
            seed=point.seed,
            save_every=self.save_every,
        )


def taken(point: Point, run: Path, record: Record) -> Taken:
    """What a finished run says; of one with the gallery's bias, its scores with it beside."""
    seconds = sum(row.get("train_seconds", 0.0) for row in record.history)
    biased = of_ranks(record.gallery.get("validation", {}))  # earlier runs have it
    scores = record.best | {f"{BIASED}_{name}": value for name, value in biased.items()}
    return Taken(point, run, scores, record.best_epoch, seconds)


def failed(point: Point, error: Exception) -> Taken:
    """A point without a run."""
    return Taken(point, failed=told(error), for_good=isinstance(error, FOR_GOOD))
