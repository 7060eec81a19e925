"""Vectors with their ids, and the checks without which no ranking of them could be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError

WAY_OUT = "embed the split again"
AT_ONCE = 4096
"""Rows that are looked at together: vectors may be mapped, and more than memory holds."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """One side of a space.

    ``id`` (N,) str; ``value`` (N, D) float32, or (N, bits / 8) uint8 for codes of bits; ``label``
    (N, classes) bool, where there are labels.

    Raises:
        InputError: shapes or types that do not fit.
    """

    id: npt.NDArray[np.str_]
    value: npt.NDArray[Any]
    label: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        if self.id.dtype.kind != "U" or self.id.ndim != 1:
            raise InputError(f"ids are {_told(self.id)}, not (N,) str; {WAY_OUT}")
        if not _rows_of(self.value, self.id, (np.float32, np.uint8)):
            raise InputError(
                f"vectors do not fit: {_counted(self.id)} come with {_told(self.value)}, "
                f"not (N, D) float32 or (N, bits / 8) uint8; {WAY_OUT}"
            )
        if self.label is not None and not _rows_of(self.label, self.id, (np.bool_,)):
            raise InputError(
                f"labels do not fit: {_counted(self.id)} come with {_told(self.label)}, "
                f"not (N, classes) bool; {WAY_OUT}"
            )

    def arrays(self, kind: str) -> dict[str, npt.NDArray[Any]]:
        """What is there, under ``names(kind)``."""
        values = (self.id, self.value, self.label)
        return {n: v for n, v in zip(names(kind), values, strict=True) if v is not None}

    @staticmethod
    def of(kind: str, arrays: Mapping[str, npt.NDArray[Any]]) -> "Vectors":
        """Put together what ``arrays`` gave.

        Raises:
            KeyError: there are no ids or no vectors.
        """
        ids, value, label = names(kind)
        return Vectors(arrays[ids], arrays[value], arrays.get(label))


def names(kind: str) -> tuple[str, str, str]:
    """How the arrays of one side are called in a file.

    Example:
        >>> names("image")
        ('image_id', 'image_vector', 'image_label')
    """
    return f"{kind}_id", f"{kind}_vector", f"{kind}_label"


def require_finite(kind: str, side: Vectors) -> None:
    """Refuse vectors with a NaN or an infinity, naming the first.

    Raises:
        NumberError: there is one.
    """
    parts = [side.value[start : start + AT_ONCE] for start in range(0, len(side.id), AT_ONCE)]
    bad = ~np.concatenate([np.isfinite(part).all(axis=1) for part in parts or [side.value]])
    if bad.any():
        raise NumberError(
            f"{int(bad.sum())} {kind} vectors are not finite, first {str(side.id[bad][0])!r}; "
            "train with a lower learning rate or check the features with `cache verify`"
        )


def require_one_space(image: Vectors, caption: Vectors) -> None:
    """Refuse two sides of another width, type or other classes.

    Raises:
        InputError: they differ.
    """
    kinds = [(side.value.shape[1], str(side.value.dtype)) for side in (image, caption)]
    if kinds[0] != kinds[1]:
        raise InputError(
            "embeddings do not fit together: image vectors are {} wide ({}), caption vectors "
            "{} ({}); {}".format(*kinds[0], *kinds[1], WAY_OUT)
        )
    classes = [side.label.shape[1] for side in (image, caption) if side.label is not None]
    if len(set(classes)) > 1:
        raise InputError(
            f"embeddings do not fit together: images have {classes[0]} classes, captions "
            f"{classes[1]}; {WAY_OUT}"
        )


def require_owned(owner: npt.NDArray[np.int64], image: Vectors, caption: Vectors | None) -> None:
    """Refuse owners (captions,) int64 that are no rows of ``image``.

    Raises:
        InputError: another shape or type, or a number outside the images.
    """
    captions = len(caption.id) if caption is not None else 0
    if owner.shape != (captions,) or owner.dtype != np.int64:
        raise InputError(
            f"embeddings do not fit together: {captions} captions have owners {_told(owner)}, not "
            f"(captions,) int64; {WAY_OUT}"
        )
    if captions and not 0 <= int(owner.min()) <= int(owner.max()) < len(image.id):
        raise InputError(f"a caption's owner is not a row of the images; {WAY_OUT}")


def _rows_of(array: npt.NDArray[Any], ids: npt.NDArray[np.str_], types: tuple[type, ...]) -> bool:
    return array.ndim == 2 and len(array) == len(ids) and array.dtype in types


def _told(array: npt.NDArray[Any]) -> str:
    return f"{array.shape} {array.dtype}"


def _counted(ids: npt.NDArray[np.str_]) -> str:
    return f"{len(ids)} ids (first {str(ids[0])!r})" if len(ids) else "0 ids"
