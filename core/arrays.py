"""Named arrays as one file: the same arrays give the same bytes, and nothing in it is pickled."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.files import open_regular, write_bytes

UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, BadZipFile)
"""What numpy and zipfile raise for a file that is missing, damaged or of another kind."""
Arrays = dict[str, npt.NDArray[Any]]


def save_arrays(path: Path, arrays: Mapping[str, npt.ArrayLike]) -> str:
    """Write ``arrays`` as ``path`` (.npz), whole or not at all; return its SHA-256."""
    stream = BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    data = stream.getvalue()
    write_bytes(path, data)
    return sha256(data).hexdigest()


def load_arrays(path: Path) -> Arrays:
    """Read what ``save_arrays`` wrote.

    Raises:
        UNREADABLE: the file is missing, damaged or of another kind.
    """
    with open_regular(path) as stream, np.load(stream, allow_pickle=False) as archive:
        # A damaged directory hides arrays in the comment of another; zip would not say so.
        if any(entry.comment for entry in archive.zip.infolist()):
            raise ValueError("its directory is damaged")
        return {name: archive[name] for name in archive.files}
