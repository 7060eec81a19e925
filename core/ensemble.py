"""What several models say of the same images and captions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.ids import ALONE, rows_by_id
from core.predictions import Embeddings, Prediction
from core.similarities.matrix import Similarity
from core.vectors import Vectors

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Embeddings of the same images and captions, each in a space of its own, or similarities.

    Their rows are those of the first one's ids. What counts of them is the mean of their
    similarities.
    """

    members: tuple[Embeddings | Similarity, ...]

    @staticmethod
    def of(predictions: Mapping[str, Prediction]) -> "Ensemble":
        """Join by ids, never by position, what the models of these names predicted.

        Raises:
            InputError: they are no embeddings of captions with owners, of other images or captions,
                or for other protocols; two models are named.
        """
        (name, first), *others = ((n, _embeddings(n, p)) for n, p in predictions.items())
        return Ensemble((first, *(_joined(name, first, *other) for other in others)))

    @staticmethod
    def of_similarities(given: Mapping[str, Similarity]) -> "Ensemble":
        """Join by ids, never by position, matrices of these names.

        Raises:
            InputError: they are of other images or captions; two are named.
        """
        (name, first), *others = given.items()
        joined = (each.as_in(first, f"{name} and {other}") for other, each in others)
        return Ensemble((first, *joined))

    @property
    def protocol(self) -> str:
        """That of all."""
        return self.members[0].protocol

    def save(self, folder: Path) -> dict[str, str]:
        """Write ``embeddings-1.npz`` and so on, one a member; the SHA-256 of each by its name."""
        files: dict[str, str] = {}
        for number, member in enumerate(self.members, start=1):
            files |= member.save(folder, f"embeddings-{number}.npz")
        return files


def _embeddings(name: str, prediction: Prediction) -> Embeddings:
    if not isinstance(prediction, Embeddings) or prediction.owner is None:
        raise InputError(
            f"{name} gives no embeddings of pictures and captions, and only similarities of these "
            f"are averaged; {ALONE}"
        )
    return prediction


def _joined(name: str, first: Embeddings, other_name: str, other: Embeddings) -> Embeddings:
    """``other`` in the order of ``first``."""
    if first.protocol != other.protocol:
        raise InputError(
            f"{name} is judged by {first.protocol!r} and {other_name} by {other.protocol!r}; "
            f"{ALONE}, or both by one with --protocol"
        )
    names = f"{name} and {other_name}"
    images = rows_by_id(names, "pictures", first.image.id, other.image.id)
    captions = rows_by_id(names, "captions", _captions(first).id, _captions(other).id)
    owners = [each.image.id[each.owner] for each in (first, other)]
    if (owners[0] != owners[1][captions]).any():
        raise InputError(f"{names} have captions of other pictures; {ALONE}")
    if _in_order(images) and _in_order(captions):
        return replace(other, owner=first.owner)
    sides = (_taken(other.image, images), _taken(_captions(other), captions))
    return replace(other, image=sides[0], caption=sides[1], owner=first.owner)


def _in_order(rows: Rows) -> bool:
    return bool((rows == np.arange(len(rows))).all())


def _taken(side: Vectors, rows: Rows) -> Vectors:
    return Vectors(
        side.id[rows], side.value[rows], side.label[rows] if side.label is not None else None
    )


def _captions(embeddings: Embeddings) -> Vectors:
    assert embeddings.caption is not None, "owners are of captions"
    return embeddings.caption
