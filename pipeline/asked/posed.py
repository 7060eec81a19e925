"""A run and the pictures that it is asked about, before anything is predicted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.predictions import Prediction
from core.records import Corpus
from core.sources import Source, of_captions
from core.store import FeatureCache
from pipeline.asked.circumstances import circumstances, how_far, with_what
from pipeline.asked.corpus_labels import require_labels, with_labels
from pipeline.asked.overlap import Overlap
from pipeline.asked.reach import reach
from pipeline.asked.since_training import since_training
from pipeline.corpus import require_pictures
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of, is_own
from pipeline.refusals.ahead import require_captions
from pipeline.said import opening
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt, Question, Terms
from train.opened import Opened

if TYPE_CHECKING:
    from train.trained import Trained


@dataclass(frozen=True, slots=True)
class Posed:
    """A question that may be answered.

    ``facts`` is what a report says before anything is measured; ``part`` is asked about, of the
    corpus ``whole``; ``other`` is a name for that where it is not the run's own, else empty.
    """

    opened: Opened
    part: Corpus
    sources: Mapping[str, Source]
    caches: Sequence[FeatureCache]
    facts: Mapping[str, Any]
    other: str
    whole: Corpus

    @property
    def judged(self) -> Corpus:
        """The pictures that have features: what is left out is listed, and counted nowhere."""
        pictures = [each for each in self.sources.values() if not of_captions(each.made_by)]
        rows = [source.rows(image.id for image in self.part.images) for source in pictures]
        return self.part.select(np.all(np.array(rows) >= 0, axis=0))

    def predicted(self, once: Once) -> "tuple[Trained, Prediction, dict[str, Any]]":
        """The model, what it predicts, and the facts by now."""
        from pipeline.asked.unbiased import unbiased
        from pipeline.device import resolve
        from train.trained import load

        name = self.facts["device"]
        loaded = load(self.opened.run, resolve(name))
        predicted = loaded.predict(self.part, self.sources)
        trained, plain = unbiased(loaded, predicted, self.facts["asked"]["protocol"])
        prediction = with_labels(plain, self.part)
        # A training beside may have gone on; and what computes is what torch itself says by now.
        computing = with_what(machine(name, once.known), trained.config)
        return trained, prediction, {**self.facts, **how_far(trained.record), **computing}


def pose(
    run: Path,
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None,
    caches: Sequence[Path],
    once: Once,
    opened: Opened | None = None,
) -> Posed:
    """Find the pictures and their features, and say what is known of them.

    ``opened`` is the run where it was opened before.

    Raises:
        RunError: there is no run; and as ``pipeline.asked.reach.reach``.
        InputError: pictures were trained on, or lack the labels that are asked for.
    """
    computing = machine(terms.device, once.known)
    opened = opened or once.opened(run)
    say_unfinished(opened)
    given = opened.config["given"]
    own = data is None
    data = data or CorpusAt(corpus_of(run, given, say), given["data_format"])
    whole = once.corpus(data.path, data.data_format)
    require_captions(whole)
    part = whole.split(question.split)
    require_labels(question.protocol, part, opened.record.best)
    reached = reach(opened, part, data, caches, terms, once)
    found, sources = reached.caches, reached.sources()
    once.trained_by_former(run, opened.config, opened.outline, sources, makes=False)
    require_pictures(part, found, terms.max_errors, sample=0, work=terms.work)
    overlap = Overlap.of(opened.seen, part, question.split, sources, own=own)
    for note in [*overlap.notes(), *(since_training(opened.seen, whole) if own else [])]:
        say(note)
    known = circumstances(opened, found, sources, part, computing)
    facts = {"split": question.split, "asked": question.as_asked(), **known, **overlap.counts()}
    alike = opened.seen.captions.get(question.split) == facts["corpus"]["sha256"]
    other = not is_own(run, given, data.path, keys=[cache.key for cache in found], alike=alike)
    named = f"{part.name}-{facts['corpus']['sha256'][:8]}" if other else ""
    posed = Posed(opened, part, sources, found, facts, named, whole)
    say(opening.asked(posed.judged, facts))
    return posed


def say_unfinished(opened: Opened) -> None:
    """Say how far a run is whose training is not done."""
    record = opened.record
    if not record.done:
        later = "; the gallery's bias is chosen at the end" if opened.outline.biased else ""
        say(
            f"{opened.run} is not finished: epoch {record.best_epoch} is the best of "
            f"{record.epoch}, of {opened.outline.epochs} in all{later}"
        )
