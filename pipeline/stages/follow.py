"""Stage two for a rank that is not the first: what it is to compute, and nothing written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.asked.sources import open_sources
from pipeline.device import resolve
from pipeline.leaving import SOON, leaving
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from train.plan import Plan

if TYPE_CHECKING:
    from train.ranks.ranks import Ranks
    from train.task import Modules

LATER = SOON + 5.0
"""Seconds that this rank goes on after a signal, so that the first can save what all have done."""


def follow(
    cache_paths: Sequence[Path],
    data: CorpusAt,
    lesson: Lesson,
    *,
    terms: Terms,
    ranks: "Ranks",
) -> None:
    """Compute this rank's shares of what ``pipeline.stages.train.train`` trains in rank 0.

    Raises:
        RunError: rank 0 trains something else.
    """
    once = Once(terms.work, keeps=False)
    outline = outline_of(lesson.recipe, lesson.assignments, once.known)
    corpus = once.corpus(data.path, data.data_format)
    caches = sorted(map(once.cache, cache_paths), key=lambda cache: cache.key)
    plan = Plan.of(corpus, open_sources(outline, caches), outline, lesson.seed)
    computed(plan, terms, ranks)


def computed(plan: Plan, terms: Terms, ranks: "Ranks", modules: "Modules | None" = None) -> None:
    """Compute until rank 0 ends; a signal first lets it save."""
    from train.following import follow

    with leaving(soon=LATER, heard=ranks.asked) as left:
        left.waits = True
        follow(plan, device=resolve(terms.device), ranks=ranks, modules=modules)
