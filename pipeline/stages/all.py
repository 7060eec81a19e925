"""The stages one after another in one process: what one has made is passed to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import TencropError
from core.records import Corpus
from extract.settings import FeatureSettings
from pipeline.asked.sources import layers_of
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.refusals.ahead import TRAINED, require_splits
from pipeline.refusals.askable import require_answerable, require_trainable
from pipeline.said.progress import say
from pipeline.stages.imported import all_imported
from pipeline.stages.terms import CorpusAt, Lesson, Question, Terms
from pipeline.typed.by_make import dashed

if TYPE_CHECKING:
    from pipeline.stages.evaluate import Answer

NO_STAGE_ONE = "what is said of backbones and of their crops does not count"
TO = ("features", "train", "evaluate")
"""The stages in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that the stages up to ``to`` are asked for."""

    to: str
    data: CorpusAt
    caches: Sequence[FeatureSettings]
    lesson: Lesson
    terms: Terms
    question: Question = Question()

    @property
    def needed(self) -> tuple[str, ...]:
        """The splits in which a picture must have a caption."""
        return {"features": (), "train": TRAINED}.get(self.to, (*TRAINED, self.question.split))


@dataclass(frozen=True, slots=True)
class Made:
    """What there is by now: the caches, then the run, then the answer.

    ``problem`` is to be raised once the caches' names are printed.
    """

    caches: Sequence[Path]
    corpus: Corpus
    problem: TencropError | None = None
    run: Path | None = None
    answer: "Answer | None" = None


def nothing(*_: object) -> None:
    """For those who want to hear of nothing."""


def chain(
    asked: Asked,
    once: Once,
    *,
    pictures: Callable[[], object] = nothing,
    checked: Callable[[], None] = nothing,
    before: Callable[[Sequence[object]], None] = nothing,
    made: Callable[[Made], None] = nothing,
) -> Made:
    """Make what ``asked.to`` names, and before it what that needs; what is there is found.

    Args:
        asked: what to make, of what.
        once: what the stages have read and compared is kept here, from one to the next.
        pictures: called once the options are found sound, before the pictures are read.
        checked: called once, when all that can be found before hours of work is found sound.
        before: called before each stage with the words of the command that it amounts to.
        made: called after each of the first two stages, where it left no more out than it may.

    Raises:
        TencropError: what a stage raises; a later stage's, where it shows, before the first.
    """
    # Before what needs torch (see there), and to refuse another.
    machine(asked.terms.device, once.known)
    if asked.to != "features":
        texts = partial(_has_texts, asked.data, once)
        require_trainable(asked.lesson, asked.caches, once.known, texts=texts)
    if asked.to == "evaluate":
        require_answerable(asked.question)
    pictures()
    done = _first(asked, checked, before, once)
    if done.problem and asked.to != "features":
        raise done.problem
    if not done.problem:
        made(done)
    if asked.to == "features":
        return done
    before(("train", *done.caches, "--data", asked.data, "--recipe", asked.lesson.recipe))
    run = _train(asked, done.caches, once)
    done = replace(done, run=run)
    made(done)
    if asked.to == "train":
        return done
    before(("evaluate", run))
    return replace(done, answer=answer(asked, run, once))


def answer(asked: Asked, run: Path, once: Once) -> "Answer":
    """Ask ``run`` about its own corpus, as ``evaluate`` does."""
    from pipeline.stages.evaluate import evaluate

    return evaluate(run, asked.question, terms=asked.terms, once=once)


def _has_texts(data: CorpusAt, once: Once) -> bool:
    return once.corpus(data.path, data.data_format).wordless


def _first(
    asked: Asked,
    checked: Callable[[], None],
    before: Callable[[Sequence[object]], None],
    once: Once,
) -> Made:
    """The caches: of pictures by stage one, of vectors that are there already as they are."""
    corpus = once.corpus(asked.data.path, asked.data.data_format)
    if not corpus.stored:
        for settings in asked.caches:
            before(("features", asked.data, *_words(settings)))
        return _features(asked, checked, once)
    require_splits(corpus, asked.needed)
    if any(settings.model_fields_set for settings in asked.caches):
        say(f"{asked.data} holds vectors that are there already: {NO_STAGE_ONE}")
    checked()
    before(("cache", "import", asked.data))
    return Made(all_imported(asked.data, terms=asked.terms, once=once), corpus)


def _features(asked: Asked, checked: Callable[[], None], once: Once) -> Made:
    from pipeline.stages.features import features_of_each

    lesson = asked.lesson
    caches, problem = features_of_each(
        asked.data,
        asked.caches,
        terms=asked.terms,
        need=asked.needed,
        into=None if asked.to == "features" else asked.lesson.run,
        checked=checked,
        once=once,
        reads=lambda: layers_of(outline_of(lesson.recipe, lesson.assignments, once.known)),
    )
    return Made(caches, once.corpus(asked.data.path, asked.data.data_format), problem)


def _train(asked: Asked, caches: Sequence[Path], once: Once) -> Path:
    from pipeline.stages.train import train

    return train(caches, asked.data, asked.lesson, terms=asked.terms, once=once)


def _words(settings: FeatureSettings) -> list[str]:
    chosen = settings.model_dump(include=settings.model_fields_set)
    return [word for name, value in chosen.items() for word in (dashed(name), str(value))]
