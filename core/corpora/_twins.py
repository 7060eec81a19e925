"""Rows of a matrix that hold nothing, and images that stand in two splits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.corpora._stored import Matrix
from core.records import Image
from core.wording import counted

BLOCK_BYTES = 2**26
BEFORE = {"train": ("val", "test"), "val": ("test",)}
"""The splits whose images each leaves to them."""


class Rows(NamedTuple):
    """Of each row of a matrix: whether every number is NaN, and a digest of them as float32."""

    missing: npt.NDArray[np.bool_]
    digests: list[bytes]


def rows_of(side: Matrix) -> Rows:
    """Every row is read once, some at a time."""
    values = side.vectors()
    step = max(1, BLOCK_BYTES // values[0].nbytes)
    missing, digests = [], list[bytes]()
    for start in range(0, len(values), step):
        with np.errstate(over="ignore"):  # which an import refuses
            block = values[start : start + step].astype("<f4").reshape(-1, values[0].size)
        missing.append(np.isnan(block).all(axis=1))
        digests += [blake2b(row.tobytes(), digest_size=16).digest() for row in block]
    return Rows(np.concatenate(missing), digests)


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
