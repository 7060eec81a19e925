"""Files that appear whole or not at all, files that are safe to open, and their digests."""

import errno
import hashlib
import io
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

TEMPORARY = ".tmp-"
MOST_BYTES = 2**40


class IrregularFile(OSError):
    """What is no file of bytes with an end (a folder, a FIFO, a device), or is too large a one."""


@contextmanager
def replace_file(path: Path, *, size: int = 0) -> Iterator[IO[bytes]]:
    """A binary stream that becomes ``path`` when the block ends without an error.

    The bytes are on disk before the name is: temporary name, fsync, rename, fsync of the folder.
    Its permissions follow from the umask.

    Raises:
        OSError: with the file's name and, where the disk is full, the ``size`` that it needs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
    try:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        own = isinstance(error, OSError) and error.filename in (None, str(temporary))
        if isinstance(error, OSError) and own and error.errno:
            need = f" for {size:,} bytes" if size and error.errno == errno.ENOSPC else ""
            raise OSError(error.errno, f"{error.strerror}{need}", str(path)) from error
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` as ``path``, whole or not at all (see ``replace_file``)."""
    with replace_file(path, size=len(data)) as stream:
        stream.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys, whole or not at all.

    A file that holds these bytes already is left as it is.
    """
    keep_bytes(path, json_bytes(value))


def keep_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` as ``path``, whole or not at all; a file that holds it is left as it is."""
    if not (path.is_file() and read_regular(path) == data):
        write_bytes(path, data)


def json_bytes(value: Any) -> bytes:
    """What ``write_json`` writes."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_json(path: Path) -> Any:
    """Read a UTF-8 JSON file.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is no JSON of ours; says where, in words for a person.
    """
    return json_value(read_regular(path))


def json_value(data: bytes) -> Any:
    """The value of a UTF-8 JSON text (a byte order mark is dropped).

    Raises:
        ValueError: it is none, or holds what Python does not take; says where, in our words.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"its byte {error.start + 1:,} is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"it is no JSON from {where} on") from None
    except ValueError:  # Python's own words advise to change Python
        raise ValueError("it holds a number of too many digits") from None
    except RecursionError:
        raise ValueError("its brackets are too deep") from None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the system inside say that it was ``path``, where it does not say so."""
    try:
        yield
    except OSError as error:
        if error.filename or not error.errno:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def open_regular(path: Path, *, most: int = MOST_BYTES) -> io.BufferedReader:
    """Open a regular file for reading; nothing else is waited for, or read without an end.

    Raises:
        IrregularFile: a folder, a FIFO, a socket, a device, a link to itself, or a file of more
            than ``most`` bytes.
        OSError: as ``open`` does.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ELOOP):  # a socket, a link that leads to itself
            raise IrregularFile(errno.EINVAL, "is not a regular file", str(path)) from None
        raise
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise IrregularFile(errno.EINVAL, "is not a regular file", str(path))
        if facts.st_size > most:
            raise IrregularFile(errno.EFBIG, f"is larger than {most:,} bytes", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file (see ``open_regular``)."""
    with naming(path), open_regular(path, most=most) as stream:
        return stream.read()


def file_sha256(path: Path, *, most: int = MOST_BYTES) -> str:
    """The SHA-256 of a regular file's bytes, in hexadecimal (see ``open_regular``)."""
    with naming(path), open_regular(path, most=most) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> bytes:
    """A value's canonical JSON: sorted keys, no spaces; what ``json_sha256`` hashes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def json_sha256(value: Any) -> str:
    """The SHA-256 of a value's canonical JSON (sorted keys, no spaces), in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


class ListDigest:
    """``json_sha256`` of a list that is never in memory as a whole.

    Example:
        >>> digest = ListDigest()
        >>> digest.add(["a", 1])
        >>> digest.hexdigest() == json_sha256([["a", 1]])
        True
    """

    def __init__(self) -> None:
        """An empty list."""
        self._told, self._before = hashlib.sha256(), b"["

    def add(self, item: Any) -> None:
        """One item more at its end."""
        self._told.update(self._before + canonical_json(item))
        self._before = b","

    def hexdigest(self) -> str:
        """Of the items so far."""
        whole = self._told.copy()
        whole.update(b"[]" if self._before == b"[" else b"]")
        return whole.hexdigest()


def plain_name(text: str) -> str:
    """``text`` as one part of a path: letters, digits and ``_ . + -``, the rest as ``_``.

    Example:
        >>> plain_name("my photos/of 2025")
        'my_photos_of_2025'
    """
    return re.sub(r"[^\w.+-]+", "_", text)


def remove_temporaries(folder: Path) -> None:
    """Delete what an interrupted ``replace_file`` left; call it while nobody else writes here."""
    for leftover in folder.glob(f"{TEMPORARY}*"):
        leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
