"""A matrix by its file and its name in it, and which matrices lie at a path."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt

from core.corpora._called import called, refuse_unused
from core.corpora._slots import Slot, slot_of
from core.corpora._survey import survey
from core.errors import InputError
from core.matrices import Row, open_matrix, open_numbers, titled
from core.variables import ENDINGS, variables

ALONE = ".npy"
Numbers = npt.NDArray[Any]


class Matrix(NamedTuple):
    """A matrix in ``file``, which is one, or holds it as ``variable``."""

    file: Path
    variable: str = ""

    def __str__(self) -> str:
        """As a message names it."""
        return titled(self.file, self.variable)

    @property
    def name(self) -> str:
        """The variable's, else the file's without its ending."""
        return self.variable or self.file.stem

    def row(self, number: int) -> Row:
        """The place of a row."""
        return Row(self.file, number, self.variable)

    def vectors(self) -> Numbers:
        """(N, D) or (N, R, D) of what ``core.matrices.open_matrix`` takes, mapped.

        Raises:
            InputError: it holds something else, or is damaged.
        """
        return open_matrix(self.file, self.variable)

    def numbers(self) -> Numbers:
        """Numbers of any shape, mapped.

        Raises:
            InputError: it holds something else, or is damaged.
        """
        return open_numbers(self.file, self.variable)


def files_of(path: Path) -> list[Path]:
    """The files at ``path`` that may hold matrices: itself, or those directly in the folder."""
    if path.is_file():
        return [path] if path.suffix.lower() in (ALONE, *ENDINGS) else []
    names = (n for n in survey(path).beside if n.lower().endswith((ALONE, *ENDINGS)))
    return [path / name for name in names]


def found_at(path: Path) -> tuple[dict[Slot, Matrix], dict[Matrix, str]]:
    """The matrices at ``path`` by what their names tell; and those whose names tell nothing.

    Of these, what each is, where it is no matrix of numbers.

    Raises:
        InputError: two are called alike, a matrix of a known name holds no numbers, the table of
            names does not fit, or a file is damaged.
    """
    found: dict[Slot, Matrix] = {}
    folder = path if path.is_dir() else path.parent
    left_out, names, every = {}, called(folder), list(_matrices(path))
    refuse_unused(folder, set(names), {matrix.name for matrix, _ in every})
    for matrix, other in every:
        slot = slot_of(names.get(matrix.name, matrix.name))
        if slot is None:
            left_out[matrix] = other
        elif other:
            raise InputError(
                f"{matrix} is {other}, and no matrix of numbers; save it as one, or call it "
                "otherwise"
            )
        elif slot in found:
            raise InputError(
                f"{found[slot]} and {matrix} are both the {' '.join(filter(None, slot))}; keep one "
                "there, or call one otherwise"
            )
        else:
            found[slot] = matrix
    return found, left_out


def _matrices(path: Path) -> Iterator[tuple[Matrix, str]]:
    """Each, and what it is where it is none."""
    for file in files_of(path):
        if file.suffix.lower() == ALONE:
            yield Matrix(file), ""
        else:
            yield from ((Matrix(file, name), other) for name, other in variables(file).items())
