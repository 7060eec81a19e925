"""Caption tables, ``captions.csv``, ``.tsv`` and ``.jsonl``, as rows."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.corpora._columns import SPLIT_LIKE, Columns, columns
from core.corpora._reading import field, lines, parse_json, read_text, refuse_surrogates
from core.errors import InputError
from core.pictures import is_picture

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_NAMES = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One caption; ``where`` is file and line; ``split`` is None where the table has none."""

    where: str
    image: str
    caption: str
    split: str | None
    label: str | None


def read_rows(path: Path, note: Note = lambda told: None) -> Iterator[Row]:
    """The rows of a caption table in file order; columns other than ours are ignored.

    Args:
        path: its ending says how it is written.
        note: told what was taken for what, where it is not as documented first.

    Raises:
        InputError: not UTF-8, a column or field is missing, a row of another length, bad quoting
            or bad JSON; names file and line.
    """
    plain = path.suffix.lower() == ".jsonl"
    return _json_rows(path, note) if plain else _csv_rows(path, note)


def _csv_rows(path: Path, note: Note) -> Iterator[Row]:
    records, known = _understood(path, note)
    header = _lower(records[0][1])
    where_is = {name: place for place, name in enumerate(header)}
    split, label = where_is.get("split"), where_is.get("label")
    image, caption = where_is[known.image], where_is[known.caption]
    _say_split_like(header, path, note)
    for number, values in records[1:]:
        where = f"{path}:{number}"
        if len(values) != len(header):
            raise InputError(
                f"{where}: {len(values)} fields where the header has {len(header)}; "
                "quote a caption that holds the separator"
            )
        told = (None if place is None else values[place] for place in (split, label))
        yield Row(where, values[image], values[caption], *told)


def _understood(path: Path, note: Note) -> tuple[list[tuple[int, list[str]]], Columns]:
    """The records, separated as the ending says, else by what makes a header of the first line."""
    text, own = read_text(path), _SEPARATORS[path.suffix.lower()]
    first = text.lstrip("\r\n").partition("\n")[0][:100_000]
    for separator in (own, *(each for each in _NAMES if each != own)):
        header = next(csv.reader([first], delimiter=separator), [])
        known = columns(_lower(header))
        if not known.missing:
            if separator != own:
                note(f"{path.name} is separated by {_NAMES[separator]}")
            for told in known.notes:
                note(f"{path.name}: {told}")
            return _records(path, text, separator), known
    records = _records(path, text, own)
    raise _no_header(path, records[0][1] if records else [])


def _no_header(path: Path, first: list[str]) -> InputError:
    seen = ", ".join(first)[:80]
    if any(is_picture(cell.strip()) for cell in first):
        return InputError(
            f"{path}:1: no header: the first row is {seen!r}; put a first line that names the "
            "columns: image,caption"
        )
    found = _lower(first)
    return InputError(
        f"{path}:1: the header needs the columns image and caption once each; "
        f"check {columns(found).missing} in {seen!r}"
    )


def _lower(header: list[str]) -> list[str]:
    return [name.strip().lower() for name in header]


def _say_split_like(header: list[str], path: Path, note: Note) -> None:
    for name in SPLIT_LIKE if "split" not in header else ():
        if name in header:
            note(f"{path.name}: the column {name!r} is not read; call it split if it says splits")


def _records(path: Path, text: str, separator: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    # The limit of 131,072 characters a field belongs to the whole process: put it back.
    before = csv.field_size_limit(2**31 - 1)
    try:
        return [(reader.line_num, values) for values in reader if values]
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}; mend the quoting") from None
    finally:
        csv.field_size_limit(before)


def _json_rows(path: Path, note: Note) -> Iterator[Row]:
    names: tuple[str, str] | None = None
    for number, line in lines(path):
        where = f"{path}:{number}"
        entry = parse_json(line, where)
        if names is None:
            names = _keys(entry, path, note)
        image, caption = (field(entry, name, str, where) for name in names)
        yield Row(where, image, caption, _word(entry, "split", where), _word(entry, "label", where))


def _keys(entry: Any, path: Path, note: Note) -> tuple[str, str]:
    """The keys of image and caption in the first entry; ours where none is found."""
    known = columns(list(entry) if isinstance(entry, dict) else [])
    if known.missing:
        return known.image or "image", known.caption or "caption"
    for told in known.notes:
        note(f"{path.name}: {told}")
    return known.image, known.caption


def _word(entry: dict[str, Any], key: str, where: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InputError(f"{where}: {key!r} must be text or a whole number; mend it")
    refuse_surrogates(str(value), where)
    return str(value)
