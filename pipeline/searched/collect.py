"""The collection of a run and a corpus: the one that is kept, or a new one."""

from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import Any

import numpy as np

from core.records import Corpus
from core.vectors import Vectors
from core.wording import counted
from pipeline.asked.answers import is_writable
from pipeline.asked.posed import say_unfinished
from pipeline.asked.reach import reach
from pipeline.memory.journal import Entry, journal
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of, is_own
from pipeline.said.progress import say
from pipeline.searched import kept
from pipeline.searched.collection import Collection
from pipeline.searched.computed import Computed, with_features
from pipeline.searched.origin import changed, facts_of, name_of
from pipeline.searched.strangers import refuse_inside
from pipeline.searched.turn import turn
from pipeline.stages.terms import CorpusAt, Terms
from train.opened import Opened


def collect(
    run: Path,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
    out: Path | None = None,
    once: Once | None = None,
) -> Collection:
    """The vectors of every picture with features, and of every caption, of all splits.

    They are computed once and kept in ``RUN/vectors/NAME`` or in ``out``; where nothing has changed
    since, they are found there, and nothing is loaded that computes. Where nothing can be written,
    they stay in memory. While another process computes them, its end is waited for.

    Args:
        run: a run.
        terms: where caches are, and where to compute.
        data: another corpus than the run's own; what is in no cache is extracted first.
        caches: of its pictures, where they are to be named.
        out: where to keep the vectors, in the place of the run.
        once: what this process has read already.

    Raises:
        RunError, CacheError, InputError: as ``pipeline.asked.reach.reach``.
        SettingError: the run's task encodes no picture or no caption alone; or ``out`` is inside
            the corpus, and would be written.
    """
    once = once or Once(terms.work)
    opened = once.opened(run)
    given = opened.config["given"]
    at = data or CorpusAt(corpus_of(run, given, say), given["data_format"])
    whole = once.corpus(at.path, at.data_format)
    own = data is None or is_own(run, given, at.path, keys=(), alike=False)
    folder = out or run / kept.VECTORS / name_of(opened, whole, own=own)
    if found := _there(folder, opened, whole, caches, terms.work):
        return found
    if out:
        refuse_inside(out, at.path)
    say_unfinished(opened)
    with journal(terms.work, "vectors", run, device=terms.device) as entry:
        return _made(folder, opened, whole, at, caches, terms, once, entry)


def _there(
    folder: Path, opened: Opened, whole: Corpus, caches: Sequence[Path], work: Path
) -> Collection | None:
    """The collection in ``folder``; None where it does not serve, and why, which is said."""
    told = kept.said(folder)
    if told is None:
        kept.refuse_strangers(folder)
        return None
    why = changed(told, opened, whole, caches, work)
    sides = None if why else kept.sides(folder, told)
    if sides is None:
        say(f"{folder}: {why or 'a file of it is damaged'}; its vectors are made anew")
        return None
    part = _part(whole, sides["image"])
    return _collection(part, whole, sides, told, folder)


def _made(
    folder: Path,
    opened: Opened,
    whole: Corpus,
    at: CorpusAt,
    caches: Sequence[Path],
    terms: Terms,
    once: Once,
    entry: Entry,
) -> Collection:
    began = time_ns()
    reached = reach(opened, whole, at, caches, terms, once)
    sources = reached.sources()
    once.trained_by_former(opened.run, opened.config, opened.outline, sources, makes=False)
    part = with_features(whole, sources)
    if left := len(whole.images) - len(part.images):
        say(f"{counted(left, 'picture')} of {whole.name} without features cannot be found")

    from pipeline.device import resolve
    from train.trained import load

    trained = load(opened.run, resolve(terms.device))
    computed = Computed(trained, part, sources)
    facts: dict[str, Any] = {
        **facts_of(opened, whole, reached.caches),
        "similarity": trained.task.similarity,
        "biased": trained.gallery is not None,
    }
    entry.items = len(part.images)
    if not is_writable(folder):
        say(f"{folder} cannot be written: the vectors are in memory alone; --out DIR keeps them")
        values = {side: np.concatenate(list(rows)) for side, rows in computed.blocks().items()}
        sides = {side: Vectors(ids, values[side]) for side, ids in computed.ids.items()}
        return _collection(part, whole, sides, facts, None)
    with turn(folder):
        if found := _there(folder, opened, whole, caches, terms.work):
            return found
        sides = kept.write(folder, facts, computed.ids, computed.blocks())
    entry.made(folder, len(part.images), began)
    say(f"written: {folder}, the vectors of {counted(len(part.images), 'picture')}")
    return _collection(part, whole, sides, facts, folder)


def _part(whole: Corpus, images: Vectors) -> Corpus:
    kept_ids = set(images.id.tolist())
    return whole.select(np.array([image.id in kept_ids for image in whole.images], dtype=np.bool_))


def _collection(
    part: Corpus, whole: Corpus, sides: dict[str, Vectors], told: Any, folder: Path | None
) -> Collection:
    left = len(whole.images) - len(part.images)
    captions = sides.get("caption")
    similarity, biased = told["similarity"], told["biased"]
    return Collection(part, sides["image"], captions, similarity, biased, left, folder)
