"""What an export says of itself: which model made the vectors, and how they are asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.exported.rows import ExportedSide
from pipeline.searched.collection import Collection

NEAR = 1e-4
"""A length that differs from 1 by less is that of a unit vector in float32."""
PLAIN = "ask by the inner product with what `embed` gives"
BIASED = (
    "ask by the inner product, not the cosine: the last number of a vector is the gallery's bias, "
    "so that a query is what `embed` gives with a 1 behind it, or with a 0 to find a picture's like"
)
NONE = (
    "the run compares by {!r}: no vector database has that, and inner products and distances of "
    "these vectors mean nothing; `search` and `evaluate` compare so"
)


def about(collection: Collection, sides: Sequence[ExportedSide]) -> dict[str, Any]:
    """What who asks these vectors must know, as JSON values.

    ``ask`` is null where no vector database can; else it says what a query has behind the numbers
    that the run gives, where pictures ask captions or the other way round, and where both are of
    one side. ``unit`` says whether each vector has the length 1, without its bias.
    """
    one, none = ([1.0], [0.0]) if collection.biased else ([], [])
    ask = {"metric": "inner product", "append": {"other side": one, "same side": none}}
    return {
        "similarity": collection.similarity,
        "biased": collection.biased,
        "dim": collection.dim,
        "width": collection.dim + collection.biased,
        "ask": ask if collection.similarity == "inner" else None,
        "how": ways(collection),
        "unit": {side.name: _unit(side, collection.dim) for side in sides},
        "rows": {side.name: len(side.rows) for side in sides},
    }


def ways(collection: Collection) -> str:
    """How the vectors are asked, in a line for a person."""
    if collection.similarity != "inner":
        return NONE.format(collection.similarity)
    return BIASED if collection.biased else PLAIN


def described(facts: Mapping[str, Any]) -> str:
    """What was exported, in a line for a person."""
    rows = ", ".join(f"{many:,} {name}" for name, many in facts["rows"].items())
    bias = ", the last one the gallery's bias" if facts["biased"] else ""
    return f"{rows}; vectors of {facts['width']:,} float32{bias}"


def _unit(side: ExportedSide, dim: int) -> bool:
    def off(values: Any) -> Any:
        return np.abs(np.linalg.norm(values[:, :dim].astype(np.float64), axis=1) - 1)

    step = range(0, len(side.rows), 4096)
    parts = (side.vectors.value[side.rows[start : start + 4096]] for start in step)
    return all(bool((off(values) < NEAR).all()) for values in parts)
