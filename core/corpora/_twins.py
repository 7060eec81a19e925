"""Rows of a matrix that hold nothing, and images that stand in two splits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.corpora._stored import Matrix
from core.records import Image
from core.wording import counted

BLOCK_BYTES = 2**26
HEAD = 64
"""So many numbers of each row are read; the others of those alone that begin alike."""
BEFORE = {"train": ("val", "test"), "val": ("test",)}
"""The splits whose images each leaves to them."""


class RowHeads(NamedTuple):
    """Of each row of a matrix: whether every number is NaN, and a digest of its first numbers."""

    missing: npt.NDArray[np.bool_]
    heads: list[bytes]


def rows_of(side: Matrix) -> RowHeads:
    """Every row, by its first ``HEAD`` numbers; a row that begins with NaN is read whole."""
    values = side.vectors()
    first = values[:, :HEAD] if values.ndim == 2 else values[:, 0, :HEAD]
    missing, heads = np.zeros(len(values), np.bool_), list[bytes]()
    for start in range(0, len(values), step := max(1, BLOCK_BYTES // first[0].nbytes)):
        block = _float32(first[start : start + step])
        heads += [_digest(row) for row in block]
        missing[start : start + step] = np.isnan(block[:, 0])
    for row in np.flatnonzero(missing).tolist():
        missing[row] = np.isnan(values[row]).all()
    return RowHeads(missing, heads)


def told_apart(
    sides: Sequence[tuple[Matrix, Sequence[str]]], heads: Mapping[str, bytes]
) -> dict[str, bytes]:
    """A digest of each id, equal where all numbers of their rows are, as float32.

    Args:
        sides: matrices with the id of each row.
        heads: those of each id.
    """
    many, found = Counter(heads.values()), dict(heads)
    for side, ids in sides:
        again = [row for row, name in enumerate(ids) if many[heads[name]] > 1]
        values = side.vectors()
        step = max(1, BLOCK_BYTES // values[0].nbytes)
        for start in range(0, len(again), step):
            here = again[start : start + step]
            block = _float32(values[here]).reshape(len(here), -1)
            digests = zip(here, map(_digest, block), strict=True)
            found |= {ids[row]: digest for row, digest in digests}
    return found


def _float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):  # which an import refuses
        return np.ascontiguousarray(values, dtype="<f4")


def _digest(row: npt.NDArray[np.float32]) -> bytes:
    return blake2b(row.data, digest_size=16).digest()


def apart(
    images: Sequence[Image], digests: Mapping[str, bytes]
) -> tuple[list[Image], list[str], list[str]]:
    """The images, those of ``train`` that stand in ``val`` or ``test`` too being ``extra`` now.

    So are those of ``val`` that stand in ``test``, of which nothing is ever taken: what is measured
    there would be of images that a training has seen.

    Args:
        images: of a corpus.
        digests: of each id, equal where the numbers are.

    Returns:
        The images; a note where there are such; the name of each and why.
    """
    held = {s: {digests[i.id] for i in images if i.split == s} for s in ("val", "test")}
    twins = {
        image.id: f"{image.id}: its image is one of {other!r} too, so that it is not in "
        f"{image.split!r}"
        for image in images
        for other in BEFORE.get(image.split, ())
        if digests[image.id] in held[other]
    }
    moved = [replace(image, split="extra") if image.id in twins else image for image in images]
    note = (
        f"the images of {counted(len(twins), 'item')} are in a later split too: these items are "
        "trained and chosen on no more (split 'extra')"
    )
    return moved, [note] if twins else [], list(twins.values())
