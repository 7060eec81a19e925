"""A sentence encoder held to its contract: each fault is one line with the captions' ids."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError, SettingError, TencropError
from core.records import Caption
from core.wording import counted
from extract.texts.encoder import TextEncoder, named

Vectors = npt.NDArray[np.float32]
MEND = "mend the encoder: N sentences give (N, D) float32"


def encode(encoder: TextEncoder, captions: Sequence[Caption], width: int | None = None) -> Vectors:
    """The vectors (N, D) float32 of N captions, in one call; N is at least 1.

    Args:
        encoder: what computes.
        captions: whose texts it is given.
        width: D, where it is known.

    Raises:
        SettingError: the encoder failed.
        InputError: what it gave are no floats of shape (N, D).
        NumberError: a number is not finite.
    """
    ids = [caption.id for caption in captions]
    where = f"{encoder.name}, {named(ids)}"
    try:
        given = encoder.encode([caption.sentence for caption in captions])
        values = np.asarray(given)
    except (TencropError, MemoryError):
        raise
    except Exception as error:  # whoever wrote it
        raise SettingError(f"{where}: {encoder.fault(error)}; mend that") from error
    if values.ndim != 2 or not values.shape[-1] or values.dtype.kind != "f":
        raise InputError(f"{where}: it gave {values.dtype} of shape {values.shape}; {MEND}")
    if len(values) != len(ids):
        many = counted(len(values), "vector")
        raise InputError(f"{where}: it gave {many} for {counted(len(ids), 'caption')}; {MEND}")
    if width is not None and values.shape[1] != width:
        raise InputError(
            f"{where}: its vectors have {values.shape[1]:,} numbers, and those before {width:,}; "
            f"{MEND}, one D for all"
        )
    with np.errstate(over="ignore"):
        vectors: Vectors = values.astype(np.float32)
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        bad = named([ids[row] for row in np.flatnonzero(~finite)])
        raise NumberError(f"{encoder.name}, {bad}: it gave what is not finite as float32; {MEND}")
    return vectors


def encode_all(
    encoder: TextEncoder,
    captions: Sequence[Caption],
    width: int,
    batch: int,
    advance: Callable[[int], Any],
) -> Vectors:
    """The vectors (N, width) float32 of all; equal sentences are encoded once.

    Args:
        encoder: what computes.
        captions: N.
        width: of a vector.
        batch: sentences a call, at most.
        advance: told after each call how many of the different sentences are done, of how many N.

    Raises:
        SettingError, InputError, NumberError: as ``encode``.
    """
    first: dict[str, int] = {}
    place = [first.setdefault(caption.text, len(first)) for caption in captions]
    once = {row: captions[c] for c, row in reversed(list(enumerate(place)))}
    different = [once[row] for row in range(len(first))]
    parts = []
    for start in range(0, len(different), batch):
        parts.append(encode(encoder, different[start : start + batch], width))
        advance(sum(row < start + batch for row in place))
    every: Vectors = np.concatenate(parts)[place]
    return every
