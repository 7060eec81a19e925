"""What is plainly wrong with the files of a run, told by their lengths and ends: nothing is hashed.

A tensor file begins with the length of its header (u64) and the header, JSON that says where the
bytes of each tensor end (the format of safetensors): one that was cut is told by its first bytes.
"""

import json
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.files import IrregularFile, open_regular
from train.measured import VOCABULARY
from train.record import METRICS, PREVIOUS, Record
from train.seen import FILE as SEEN
from train.settled import metrics_lost

_LENGTH = struct.Struct("<Q")
_MOST_HEADER = 10**8
_END = b"}"
"""How each of our JSON files ends, but for a line break."""


def plain_flaws(path: Path, measured: Mapping[str, Any], record: Record) -> Iterator[str]:
    """A sentence each for the files of the run that are missing, cut, or something else.

    Args:
        path: the run.
        measured: of its config, which says whether there are words.
        record: its last one, which names the tensor files.

    Raises:
        OSError: a file cannot be read.
    """
    yield from filter(None, (tensors_flaw(path / name) for name in record.files))
    words = [VOCABULARY] if measured.get("vocabulary_sha256") else []
    copies = [PREVIOUS] if (path / PREVIOUS).exists() else []
    yield from filter(None, (_end_flaw(path / name) for name in (SEEN, *words, *copies)))
    try:
        if record.done and metrics_lost(path, record):
            yield f"{METRICS} is not what the run's record says"
    except IrregularFile as error:
        yield f"{METRICS} {error.strerror}"


def tensors_flaw(file: Path) -> str:
    """What is wrong with the length of a tensor file; empty where nothing is.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with open_regular(file) as stream:
            size = os.fstat(stream.fileno()).st_size
            first = stream.read(_LENGTH.size)
            length = _LENGTH.unpack(first)[0] if len(first) == _LENGTH.size else size
            if length > min(size, _MOST_HEADER):
                return f"{file.name} is damaged: its header is cut"
            header = json.loads(stream.read(length))
        ends = [each["data_offsets"][1] for name, each in header.items() if name != "__metadata__"]
        whole = _LENGTH.size + length + max(ends, default=0)
    except FileNotFoundError:
        return f"{file.name} is missing"
    except IrregularFile as error:
        return f"{file.name} {error.strerror}"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return f"{file.name} is damaged: its header is not that of a tensor file"
    return "" if size == whole else f"{file.name} is damaged: it has {size:,} bytes, not {whole:,}"


def _end_flaw(file: Path) -> str:
    try:
        with open_regular(file) as stream:
            stream.seek(-min(2, os.fstat(stream.fileno()).st_size), os.SEEK_END)
            last = stream.read()
    except FileNotFoundError:
        return f"{file.name} is missing"
    except IrregularFile as error:
        return f"{file.name} {error.strerror}"
    return "" if last.rstrip().endswith(_END) else f"{file.name} is damaged: its end is not there"
