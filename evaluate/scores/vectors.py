"""Vectors as formulas take them: what they must be, and how long they are."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.predictions import Embeddings
from evaluate.hits import Ints
from evaluate.scores.face import Floats

Numbers = npt.NDArray[Any]
AT_ONCE = 512


def both(embeddings: Embeddings, kind: type[np.generic]) -> tuple[Numbers, Numbers]:
    """The vectors of images and captions, (N, D) and (M, D) of this ``kind``.

    Raises:
        InputError: there are no captions, or they are of another kind.
    """
    captions, dtype = embeddings.caption, np.dtype(kind)
    if captions is None or embeddings.image.value.dtype != dtype:
        raise InputError(
            f"the similarity {embeddings.similarity!r} is of images and captions in {dtype}, and "
            f"these are in {embeddings.image.value.dtype} or lack captions; choose another protocol"
        )
    return embeddings.image.value, captions.value


def lengths(vectors: Numbers) -> Floats:
    """The norm of each row, (rows,) float64, some rows at a time."""
    parts = [vectors[start : start + AT_ONCE] for start in range(0, len(vectors), AT_ONCE)]
    squares = [np.einsum("ij,ij->i", part, part, dtype=np.float64) for part in parts]
    found: Floats = np.sqrt(np.concatenate([np.empty(0), *squares]))
    return found


def some(count: Ints) -> list[slice]:
    """Slices of as many pairs as are computed at once."""
    return [slice(start, start + AT_ONCE) for start in range(0, len(count), AT_ONCE)]
