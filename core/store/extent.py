"""Is a shard as long as it says? All that can be told of it by its first bytes.

They are HDF5's superblock (HDF5 File Format Specification 3.0, II.A), which holds the address of
the end of the file: a file that was cut, or is something else, is told without reading the rest.
"""

import os
import struct
from pathlib import Path

from core.errors import CacheError
from core.files import IrregularFile, open_regular

_MAGIC = b"\x89HDF\r\n\x1a\n"
_END = {0: 40, 1: 44, 2: 28, 3: 28}
"""Where the address of the end stands, u64, by the version of the superblock."""
_FIRST = 52


def refuse_cut(file: Path) -> None:
    """Hold the length of a shard against what its first bytes say.

    Raises:
        CacheError: it is missing, no file, no HDF5, or longer or shorter than it says.
        OSError: it cannot be read.
    """
    try:
        with open_regular(file) as stream:
            first, size = stream.read(_FIRST), os.fstat(stream.fileno()).st_size
    except FileNotFoundError:
        raise CacheError(f"{file.name} is missing") from None
    except IrregularFile as error:
        raise CacheError(f"{file.name} {error.strerror}") from None
    at = _END.get(first[len(_MAGIC)]) if len(first) == _FIRST else None
    if at is None or not first.startswith(_MAGIC):
        raise CacheError(f"{file.name} is damaged: it is no HDF5 file")
    (end,) = struct.unpack_from("<Q", first, at)
    if end != size:
        raise CacheError(f"{file.name} is damaged: it has {size:,} bytes, not {end:,}")
