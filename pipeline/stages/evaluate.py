"""Stage three: a run and a split, of its own corpus or of another, to a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.leftovers import tidy
from core.records import Corpus
from core.sources import Source, of_captions
from evaluate.kept import REPORT, keep
from pipeline.asked.answers import (
    folder_name,
    refuse_another,
    replaced,
    require_writable,
    still_answers,
    writing,
)
from pipeline.asked.circumstances import circumstances, how_far, line, with_what
from pipeline.asked.judged import judged
from pipeline.asked.overlap import Overlap
from pipeline.asked.reach import reach
from pipeline.asked.since_training import since_training
from pipeline.corpus import require_pictures
from pipeline.memory.journal import journaled
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of, is_own
from pipeline.refusals.ahead import require_captions
from pipeline.refusals.askable import require_known
from pipeline.said import opening
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt, Question, Terms
from train.opened import Opened


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the report is, what it says to a person, and how many pictures were asked about."""

    folder: Path
    text: str
    pictures: int


@journaled("evaluate", lambda answer: (answer.folder, answer.pictures))
def evaluate(
    run: Path,
    question: Question,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
    once: Once | None = None,
) -> Answer:
    """The table; the report and what was predicted are written where ``question`` says.

    It is asked about the corpus ``data``, by default the run's own, whose features ``caches`` hold.
    Where nothing has changed since the report was made, it answers, and nothing is loaded that
    computes. Nothing is locked. ``once`` is what earlier stages of this process have read.

    Raises:
        RunError: there is no run; or the report cannot be written, and where else it can.
    """
    once = once or Once(terms.work)
    computing = machine(terms.device, once.known)
    require_known(question)
    opened = once.opened(run)
    _say_unfinished(opened)
    given = opened.config["given"]
    own = data is None
    data = data or CorpusAt(corpus_of(run, given, say), given["data_format"])
    whole = once.corpus(data.path, data.data_format)
    require_captions(whole)
    part = whole.split(question.split)
    reached = reach(opened, part, data, caches, terms, once)
    found, sources = reached.caches, reached.sources()
    once.trained_by_former(run, opened.config, opened.outline, sources, makes=False)
    require_pictures(part, found, terms.max_errors, sample=0, work=terms.work)
    overlap = Overlap.of(opened.seen, part, question.split, sources, own=own)
    for note in [*overlap.notes(), *(since_training(opened.seen, whole) if own else [])]:
        say(note)
    asked = question.as_asked()
    known = circumstances(opened, found, sources, part, computing)
    facts = {"split": question.split, "asked": asked, **known, **overlap.counts()}
    alike = opened.seen.captions.get(question.split) == facts["corpus"]["sha256"]
    other = not is_own(run, given, data.path, keys=[cache.key for cache in found], alike=alike)
    named = f"{part.name}-{facts['corpus']['sha256'][:8]}" if other else ""
    say(opening.asked(_with_features(part, sources), facts))
    folder = question.out or run / folder_name(
        question.split, question.protocol, question.measures, named
    )
    if question.out:
        refuse_another(question.out, facts)
    tidy(folder)
    report = still_answers(folder, facts)
    if report:
        say(f"nothing that the answer follows from has changed: it is that of {folder / REPORT}")
    else:
        require_writable(folder)
        if others := replaced(folder, facts):
            say(f"{folder / REPORT} is replaced: it was made with another {others}")
        report = _answer(run, part, sources, facts, folder, once)
        say(f"written: {folder / REPORT} and what was predicted")
    for note in report["notes"]:
        say(note)
    return Answer(folder, f"{report['table']}\n{report['line']}", len(part.images))


def _answer(
    run: Path,
    part: Corpus,
    sources: Mapping[str, Source],
    facts: Mapping[str, Any],
    folder: Path,
    once: Once,
) -> dict[str, Any]:
    """Predict, judge and keep.

    The report is written last, so that it never names what is not there.
    """
    from pipeline.device import judging, resolve
    from train.trained import load

    device, asked = resolve(facts["device"]), facts["asked"]
    trained = load(run, device)
    prediction = trained.predict(part, sources)
    # A training beside may have gone on; and what computes is what torch itself says by now.
    computing = with_what(machine(facts["device"], once.known), trained.config)
    facts = {**facts, **how_far(trained.record), **computing}
    options = {"measures": asked["measures"]} if asked["measures"] else {}
    way = {"protocol": asked["protocol"], "device": judging(device)}
    report = judged(trained, prediction, options, **way)
    told = {
        "notes": report.notes(),
        "table": report.table(asked["split"]),
        "line": line(facts, report.chance()),
    }
    with writing(folder):
        files = prediction.save(folder)
        return keep(folder, {**report.facts, **facts, **told}, files)


def _with_features(part: Corpus, sources: Mapping[str, Source]) -> Corpus:
    """The pictures that are judged: what is left out is listed, and counted nowhere."""
    pictures = [source for source in sources.values() if not of_captions(source.made_by)]
    rows = [source.rows(image.id for image in part.images) for source in pictures]
    return part.select(np.all(np.array(rows) >= 0, axis=0))


def _say_unfinished(opened: Opened) -> None:
    record = opened.record
    if not record.done:
        later = "; the gallery's bias is chosen at the end" if opened.outline.biased else ""
        say(
            f"{opened.run} is not finished: epoch {record.best_epoch} is the best of "
            f"{record.epoch}, of {opened.outline.epochs} in all{later}"
        )
