"""Text and JSON files of a corpus, read so that each fault is one line that says where."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from core.errors import InputError
from core.files import read_regular

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_text(path: Path) -> str:
    """A UTF-8 file (a byte order mark is dropped); line ends are kept as they are.

    Raises:
        InputError: the file cannot be read, is no regular one (a FIFO would be waited for without
            an end), or a byte is not UTF-8; names the line.
    """
    try:
        data = read_regular(path)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; check the file and its permissions") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""The lines of a UTF-8 file with their numbers from 1, blank ones left out.

    Only ``\n`` and ``\r\n`` end a line: a caption may hold U+2028 or a form feed.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r")


def parse_json(text: str, where: str) -> Any:
    """The value of a JSON text.

    Raises:
        InputError: it is not JSON, nested without an end, or holds a number of thousands of digits.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{where}: not JSON ({error.msg}, {place}); mend it") from None
    except RecursionError:
        raise InputError(f"{where}: JSON that is nested too deep; mend it") from None
    except ValueError:  # what is said of it is how to change a limit of Python's
        raise InputError(f"{where}: a number of thousands of digits; mend it") from None


def field(entry: Any, key: str, kind: type[T], where: str) -> T:
    """``entry[key]``, which must be of type ``kind``.

    Raises:
        InputError: ``entry`` is no JSON object, or the field is missing or of another type.
    """
    if not isinstance(entry, dict) or key not in entry:
        raise InputError(f"{where} has no field {key!r}; add it")
    value = entry[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InputError(
            f"{where}: {key!r} must be {_KINDS[kind]}, not {str(value)[:40]!r}; mend it"
        )
    if isinstance(value, str):
        refuse_surrogates(value, where)
    return value


def refuse_surrogates(text: str, where: str) -> None:
    """Refuse text with half of a surrogate pair, which no file or cache can hold.

    Raises:
        InputError: there is one.
    """
    if not text.isascii() and _SURROGATE.search(text):
        raise InputError(f"{where}: half of a surrogate pair in {text[:40]!r}; mend the encoding")


def only(paths: Iterable[Path], what: str, path: Path, way_out: str = "keep one there") -> Path:
    """The single one of ``paths``.

    Raises:
        InputError: there is none, or several.
    """
    found = sorted(paths)
    if len(found) != 1:
        named = ", ".join(map(str, (each.relative_to(path) for each in found))) or "none"
        raise InputError(f"{path}: needs exactly one {what}, found {named}; {way_out}")
    return found[0]


_KINDS: dict[Any, str] = {str: "text", int: "a whole number", list: "a list", dict: "an object"}
