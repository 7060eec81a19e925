"""Vectors for other programs: a matrix as .npy, and a .json that says whose rows they are.

    images.npy        (N, D) float32, in C order: ``numpy.load`` maps it as it is
    images.json       sealed, written last: format "tencrop-vectors/1", ids (N strings, a row each),
                      rows, width, sha256 of the matrix, and the facts of who made it
    images-bias.npy   (N,) float32, where there is one: what each row has added to its score as a
                      candidate; ``bias_sha256`` in the .json

A .json is there only where all of its files are, and they are those that it names by their digests.
While they are written or taken away, NAME-unfinished.json says that what is there is ours: a
writing that was cut short can be repeated.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import file_sha256, replace_file
from core.leftovers import tidy
from core.sealed import read_sealed, write_sealed
from core.vectors import Vectors, require_finite

FORMAT = "tencrop-vectors/1"
OWN = {"format", "ids", "rows", "width", "sha256", "bias_sha256", "digest"}
"""The fields that are no fact of who made it."""
Values = npt.NDArray[np.float32]


def write_vectors(
    folder: Path, name: str, vectors: Vectors, facts: Mapping[str, Any], bias: Values | None = None
) -> Path:
    """Write ``folder/name.npy`` and what belongs to it, whole or not at all; return the .npy.

    Args:
        folder: made where it is not there; of the same names what is there is replaced.
        name: such as ``images``.
        vectors: (N, D) float32.
        facts: JSON, under names that are not among ``OWN``.
        bias: (N,) float32.

    Raises:
        NumberError: a vector is not finite.
        OSError: it cannot be written; its name is told.
    """
    require_finite(name, vectors)
    assert not OWN & facts.keys(), "facts have names of their own"
    _begin(folder, name)
    unfinished, said, matrix, more = _files(folder, name)
    told = {**facts, "format": FORMAT, "ids": vectors.id.tolist(), "rows": len(vectors.id)}
    told |= {"width": vectors.value.shape[1], "sha256": _save(matrix, vectors.value)}
    if bias is not None:
        told["bias_sha256"] = _save(more, bias)
    write_sealed(said, told)
    unfinished.unlink()
    return matrix


def is_ours(folder: Path, name: str) -> bool:
    """Whether ``write_vectors`` may write there: nothing is in its place, or what it wrote.

    What a writing that was cut short has left is what it wrote.
    """
    unfinished, said, *_ = files = _files(folder, name)
    if not any(os.path.lexists(path) for path in files):
        return True
    return _is_of(unfinished) or _is_of(said)


def forget_vectors(folder: Path, name: str) -> None:
    """Take away what ``write_vectors`` wrote, what says that it is whole first."""
    unfinished, *files = _files(folder, name)
    if any(os.path.lexists(path) for path in files):
        _begin(folder, name)
    unfinished.unlink(missing_ok=True)


def _begin(folder: Path, name: str) -> None:
    """Say that what is there from now on is ours, and take away what was."""
    unfinished, *files = _files(folder, name)
    write_sealed(unfinished, {"format": FORMAT, "unfinished": name})
    tidy(folder)
    for path in files:
        path.unlink(missing_ok=True)


def _is_of(said: Path) -> bool:
    try:
        return bool(read_sealed(said).get("format") == FORMAT)
    except (OSError, ValueError):
        return False


def _files(folder: Path, name: str) -> list[Path]:
    ends = ("-unfinished.json", ".json", ".npy", "-bias.npy")
    return [folder / f"{name}{end}" for end in ends]


def _save(path: Path, value: Values) -> str:
    with replace_file(path, size=value.nbytes) as stream:
        np.save(stream, np.ascontiguousarray(value, dtype=np.float32), allow_pickle=False)
    return file_sha256(path)
