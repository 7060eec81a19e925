"""What the stages are asked for: what is meant together is one thing, from hand to hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.files import file_sha256
from pipeline.asked.assigned import Options, options_by_measure
from train.states import SAVE_EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a stage works, whatever it makes.

    ``work`` is the folder of caches and runs, ``device`` where to compute; more than ``max_errors``
    percent of the inputs skipped is an error.
    """

    work: Path
    device: str = "auto"
    max_errors: float = 0.1


@dataclass(frozen=True, slots=True)
class CorpusAt:
    """Where a corpus is, and how it is laid out there; as text the path."""

    path: Path
    data_format: str = "auto"

    def __str__(self) -> str:
        """For the journal, which says what a stage was given."""
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is learnt: a recipe with assignments and a seed, into ``run`` or where its name says.

    ``save_every`` is in seconds; ``tensorboard`` asks for events beside the metrics;
    ``deterministic`` for the same bits twice on an accelerator too, ``compiles`` for torch's
    compiler.
    """

    recipe: str
    assignments: Sequence[str] = ()
    run: Path | None = None
    seed: int = 0
    save_every: float = SAVE_EVERY
    tensorboard: bool = False
    deterministic: bool = False
    compiles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a run, and where the answer is kept, if not in the run.

    ``protocol`` takes the place of the prediction's own; ``measures`` that of the protocol's usual;
    ``ties`` asks, too, for the numbers if ties were broken otherwise.
    ``fold`` is how many images a fold has, for the protocol ``folds``.
    ``set_measure`` are options of measures as they were typed (``pipeline.asked.assigned``).
    ``likeness`` asks, too, whether pictures look like some that were trained on: no other question.
    ``similarity`` is a file for the matrix behind the answer.
    ``positives`` are the files of right answers, for the protocol ``extended``; ``least`` is the
    least score of a right pair in them.
    ``page`` asks, too, for a page to look at: no other question.
    """

    split: str = "test"
    protocol: str | None = None
    measures: Sequence[str] = ()
    out: Path | None = None
    ties: bool = False
    fold: int | None = None
    set_measure: Sequence[str] = ()
    likeness: bool = True
    similarity: Path | None = None
    positives: Sequence[Path] = ()
    least: float | None = None
    page: bool = True

    @property
    def set_options(self) -> Options:
        """The options that were typed, by measure.

        Raises:
            SettingError: ``set_measure`` says what there is not.
        """
        return options_by_measure(self.set_measure, self.measures)

    def as_asked(self) -> dict[str, Any]:
        """``asked`` of a report: what the answer is to."""
        chosen = {"protocol": self.protocol or None, "measures": list(self.measures)}
        told = {"split": self.split, **chosen, **self._ties(), **self._of_protocol(), **self._set()}
        return {**told, **({"positives": self.digests()} if self.positives else {})}

    def options(self) -> dict[str, Any]:
        """Of the protocol; what is left out keeps its default."""
        chosen = {"measures": list(self.measures)} if self.measures else {}
        files = {"positives": list(map(str, self.positives))} if self.positives else {}
        return {**chosen, **self._ties(), **self._of_protocol(), **files, **self._set()}

    def digests(self) -> list[str]:
        """The SHA-256 of each of the files ``positives``; who moves them asks the same.

        Raises:
            OSError: one cannot be read.
        """
        return sorted(map(file_sha256, self.positives))

    def _ties(self) -> dict[str, Any]:
        """Nothing where it is not asked: reports of before are answers to the same question."""
        return {"ties": True} if self.ties else {}

    def _of_protocol(self) -> dict[str, Any]:
        """What is asked of a single protocol, where it is."""
        given = {"fold": self.fold, "least": self.least}
        return {name: value for name, value in given.items() if value is not None}

    def _set(self) -> dict[str, Any]:
        return {"options": self.set_options} if self.set_options else {}
