"""Labels of stored vectors: a number an item, or a column of 0 and 1 a class, and their names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.corpora._reading import read_text
from core.corpora._stored import Matrix, Numbers
from core.errors import InputError

NAMES = ("classes.txt", "categories.list")
"""Files with a line a class."""
NONE = -1
Labels = list[tuple[str, ...]]


class LabelRows(NamedTuple):
    """The labels of ``rows`` items: of ``matrix``, which has ``total``, from ``first`` on."""

    matrix: Matrix
    first: int
    rows: int
    total: int


def class_names(folder: Path) -> tuple[Path | None, list[str]]:
    """The file that names the classes, and the names in their order; (None, []) without one.

    Raises:
        InputError: a name is empty or stands there twice, or both files are there.
    """
    there = [folder / name for name in NAMES if (folder / name).exists()]
    if len(there) > 1:
        raise InputError(f"{folder}: {' and '.join(NAMES)} both name the classes; keep one there")
    if not there:
        return None, []
    names = [line.strip() for line in read_text(there[0]).rstrip("\n").split("\n")]
    if "" in names or len(set(names)) < len(names):
        raise InputError(f"{there[0]} must have a line a class, each another; mend it")
    return there[0], names


def labels_of(found: Mapping[str, LabelRows], folder: Path) -> dict[str, Labels]:
    """The labels of each item of each split, none where it has none.

    Args:
        found: split -> its labels.
        folder: where the classes may be named.

    Raises:
        InputError: counts that do not fit, numbers that are no labels, or more than there are
            names.
    """
    read = {split: _plain(each) for split, each in found.items()}
    kinds = {values.shape[1:] for values in read.values()}
    if len(kinds) > 1:
        told = " and ".join(f"{found[split].matrix} has {v.shape}" for split, v in read.items())
        raise InputError(f"{told}; save the labels of all splits alike")
    file, names = class_names(folder)
    if kinds == {()}:
        return _named(found, read, file, names)
    columns = kinds.pop()[0] if kinds else 0
    if names and columns != len(names):
        raise InputError(
            f"{next(iter(found.values())).matrix} has {columns:,} columns and {file} names "
            f"{len(names):,} classes; write a name a column into it"
        )
    classes = names or [str(column) for column in range(columns)]
    return {split: _several(values, classes) for split, values in read.items()}


def numbered(
    values: Sequence[int], names: Sequence[str], first: int, where: str, file: Path | None
) -> Labels:
    """Of each number the class; ``first`` is the number of the first of ``names``.

    Raises:
        InputError: there is no such name.
    """
    most = max(values, default=NONE)
    if names and most >= first + len(names):
        raise InputError(
            f"{where} has the label {most} and {file} names {len(names):,} classes, from {first} "
            "on; name all, or mend the labels"
        )
    return [
        () if value == NONE else (names[value - first] if names else str(value),)
        for value in values
    ]


def _plain(given: LabelRows) -> Numbers:
    """(rows,) whole numbers, or (rows, classes) bool.

    Raises:
        InputError: it is of another shape, or holds other numbers.
    """
    matrix, first, many, rows = given
    values = matrix.numbers()
    if values.size == rows and values.ndim <= 2:
        return _whole(matrix, values.reshape(rows))[first : first + many]
    if values.ndim != 2 or len(values) != rows:
        turned = values.ndim == 2 and values.shape[1] == rows
        way = "save it with a row an item (.T)" if turned else "bring as many labels as items"
        raise InputError(
            f"{matrix} has the shape {values.shape}, and there are {rows:,} items; {way}"
        )
    there = np.nan_to_num(values) if values.dtype.kind == "f" else values
    unlike = ~((there == 0) | (there == 1)).all(axis=1)
    if unlike.any():
        row = int(np.argmax(unlike))
        raise InputError(
            f"{matrix} (row {row}) holds other numbers than 0 and 1; save a column a class, or one "
            "number an item"
        )
    return there[first : first + many].astype(bool)


def _whole(matrix: Matrix, values: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):
        real = values.dtype.kind == "f"
        found = np.where(np.isnan(values), NONE, values.astype("f8")) if real else values
        odd = (found != np.floor(found)) | (found < NONE) | (found > 2**31)
    if odd.any():
        row = int(np.argmax(odd))
        raise InputError(
            f"{matrix} (row {row}) is {values[row]}, and labels are whole numbers from 0 on, or "
            f"{NONE} for none; mend it"
        )
    return np.asarray(found, dtype=np.int64)


def _named(
    found: Mapping[str, LabelRows],
    read: Mapping[str, Numbers],
    file: Path | None,
    names: Sequence[str],
) -> dict[str, Labels]:
    """Of numbers: where a 0 is among them they count from 0, else from 1.

    Raises:
        InputError: none is 0, and the last names are of no item: either may be meant.
    """
    first = 0 if any((values == 0).any() for values in read.values()) else 1
    most = max((int(values.max()) for values in read.values()), default=NONE)
    if first and 0 < most < len(names):
        raise InputError(
            f"the labels are from 1 to {most}, and {file} names {len(names):,} classes: whether "
            "they count from 0 or from 1 is not told; take the names that no item has out of it"
        )
    return {
        split: numbered(values.tolist(), names, first, str(found[split].matrix), file)
        for split, values in read.items()
    }


def _several(values: Numbers, names: Sequence[str]) -> Labels:
    return [tuple(names[column] for column in np.flatnonzero(row).tolist()) for row in values]
