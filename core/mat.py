"""MATLAB's files of version 5, through scipy, which is optional: matrices of numbers by name."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, is_short_of_memory
from core.files import open_regular
from core.sparse import Sparse

NUMBERS = {
    *("double", "single", "logical"),
    "sparse",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
}
"""MATLAB's classes that hold numbers; cells, structs and texts are none."""


def mat_variables(file: Path) -> dict[str, str]:
    """What the variables are, by their names in the file's order: a class of MATLAB's.

    Raises:
        InputError: it is damaged, or scipy is not installed.
        OSError: as ``open`` does.
    """
    return {name: kind for name, _, kind in _asked(file, "whosmat")}


def mat_numbers(file: Path, variable: str) -> npt.NDArray[Any] | Sparse:
    """The numbers of a variable of class ``NUMBERS``, in memory: this format holds 2 GiB of each.

    Of a sparse one, what is not zero.

    Raises:
        InputError: it is damaged, or scipy is not installed.
        OSError: as ``open`` does.
    """
    loaded = _asked(file, "loadmat", variable_names=[variable])[variable]
    if isinstance(loaded, np.ndarray):
        return loaded
    columns = loaded.tocsc()
    return Sparse(columns.shape, columns.indptr, columns.indices, columns.data)


def _asked(file: Path, function: str, **options: Any) -> Any:
    try:
        from scipy import io
    except ImportError:
        raise InputError(
            f"{file}: MATLAB's files of version 5 are read with scipy, which is not installed; "
            "type make setup EXTRAS=1, or save it in MATLAB with -v7.3"
        ) from None
    with open_regular(file) as stream:
        try:
            return getattr(io, function)(stream, **options)
        except Exception as error:  # scipy raises as many kinds as there are ways to be damaged
            if is_short_of_memory(error):
                raise
            raise InputError(
                f"{file} is damaged or cut off, or no file of MATLAB's; fetch or save it again"
            ) from error
