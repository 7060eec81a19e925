"""An index, built, measured and written in the folder of its collection."""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.vectors import Vectors
from pipeline.indexed import kept
from pipeline.indexed.asked import Asked, questions
from pipeline.indexed.kinds import Plan, plan
from pipeline.indexed.measured import AT, Measured, measure, truth
from pipeline.indexed.unit import Unit
from pipeline.said.progress import bar
from pipeline.searched.collection import Collection
from pipeline.searched.face import SIDES, Find

USUAL = 0.95
"""Below this recall nothing is quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an index shall be: ``effort`` None is the least that reaches ``recall``."""

    find: Find = "pictures"
    kind: str = "auto"
    recall: float = USUAL
    effort: int | None = None
    seed: int = 0
    threads: int | None = None

    def as_asked(self) -> dict[str, Any]:
        """What decides which index it becomes; with how many threads, it says by itself."""
        told = {"kind": self.kind, "recall": self.recall, "effort": self.effort}
        return {**told, "seed": self.seed}


def make(
    folder: Path,
    collection: Collection,
    side: Vectors,
    wanted: Wanted,
    facts: dict[str, Any],
    trained_on: Set[str],
) -> dict[str, Any]:
    """What is said of the index of ``side`` when it is written, while nobody else writes there.

    Args:
        folder: where it is kept.
        collection: of the side, by the inner product.
        side: the candidates.
        wanted: what it shall be.
        facts: what it follows from, as JSON values.
        trained_on: the ids of pictures that are asked last, as is what is said of them.

    Raises:
        InputError: there are too few vectors for this kind, or FAISS is not installed.
        SettingError: the effort that is wanted is not one of this kind.
    """
    from evaluate.nearest import Nearest
    from pipeline.indexed.library import build

    unit = Unit.of(side.value)
    chosen = plan(wanted.kind, len(side.id), unit.needed)
    if wanted.effort:
        chosen.require_possible(wanted.effort)
    seed, threads = wanted.seed, wanted.threads
    with bar("index", len(side.id), "vector") as reach:
        built = build(side.value, chosen, unit, seed=seed, threads=threads, reach=reach)
    asked = questions(collection, wanted.find, trained_on, wanted.seed)
    exact = truth(Nearest(side, collection.similarity, SIDES[wanted.find]), asked)
    found = measure(built, chosen, asked, exact, wanted.recall, wanted.effort)
    told = {**facts, **_facts(chosen, unit, found, asked), **built.made_by}
    return kept.write(folder, wanted.find, built, told)


def _facts(chosen: Plan, unit: Unit, found: Measured, asked: Asked) -> dict[str, Any]:
    cells = chosen.cells if chosen.kind in ("ivf", "ivfpq") else 0
    return {
        "kind": chosen.kind,
        "count": chosen.vectors,
        "width": unit.width,
        "room": chosen.width,
        "longest": unit.longest,
        "cells": cells,
        "effort": found.effort,
        "candidates": found.candidates,
        "recall": {
            "at": AT,
            "value": found.recall,
            "queries": len(asked.queries),
            "of_the_other_side": asked.others,
        },
    }
