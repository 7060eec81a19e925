"""Which matrix tells the labels of a split, and whether those of both sides are the same."""

from collections.abc import Mapping

import numpy as np

from core.corpora._classes import LabelRows
from core.corpora._slots import IMAGE, LABELS, TEXT, Slot
from core.corpora._stored import Matrix
from core.errors import InputError


def labels_by_split(found: Mapping[Slot, Matrix], rows: Mapping[str, int]) -> dict[str, LabelRows]:
    """Split -> its labels; a split without labels is not there.

    Labels whose name tells no split are of all splits, in the order of ``rows``.

    Raises:
        InputError: the labels of images and of texts differ, labels are of a split that is not
            there, or those of all splits beside those of one; with the names.
    """
    given = {slot: matrix for slot, matrix in found.items() if slot.kind == LABELS}
    named = {slot.split: matrix for slot, matrix in given.items()}
    if "" in named and len(named) > 1:
        other = next(matrix for split, matrix in named.items() if split)
        raise InputError(
            f"{named['']} tells no split and so is of all, and {other} is of one; keep one there"
        )
    for split, matrix in named.items():
        if split not in rows and split:
            raise InputError(
                f"{matrix} is of the split {split!r}, of which there are no vectors; bring them, "
                "or take it out"
            )
    whole, total, first = _one(given, ""), sum(rows.values()), 0
    chosen = {}
    for split, many in rows.items():
        if whole:
            chosen[split] = LabelRows(whole, first, many, total)
        elif own := _one(given, split):
            chosen[split] = LabelRows(own, 0, many, many)
        first += many
    return chosen


def _one(given: Mapping[Slot, Matrix], split: str) -> Matrix | None:
    slots = (Slot(split, side, LABELS) for side in ("", IMAGE, TEXT))
    there = [given[slot] for slot in slots if slot in given]
    for other in there[1:]:
        if not _equal(there[0], other):
            raise InputError(
                f"{there[0]} and {other} differ, and row n of both is item n; sort both sides "
                "alike, or keep one there"
            )
    return there[0] if there else None


def _equal(one: Matrix, other: Matrix) -> bool:
    first, second = one.numbers().reshape(-1), other.numbers().reshape(-1)
    real = first.dtype.kind == second.dtype.kind == "f"
    return np.array_equal(first, second, equal_nan=real)
