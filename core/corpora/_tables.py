"""Caption tables, ``captions.csv``, ``.tsv`` and ``.jsonl``, as one stream of rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.corpora._reading import field, lines, parse_json, read_text, refuse_surrogates
from core.errors import InputError

_DIALECTS = {".csv": csv.excel, ".tsv": csv.excel_tab}


@dataclass(frozen=True, slots=True)
class Row:
    """One caption; ``where`` is file and line; ``split`` is None where the table has none."""

    where: str
    image: str
    caption: str
    split: str | None
    label: str | None


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a caption table in file order; columns other than ours are ignored.

    Raises:
        InputError: not UTF-8, a column or field is missing, a row of another length, bad quoting
            or bad JSON; names file and line.
    """
    return _json_rows(path) if path.suffix == ".jsonl" else _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[Row]:
    records = _records(path)
    header = [name.strip().lower() for name in records[0][1]] if records else []
    missing = [name for name in ("image", "caption") if header.count(name) != 1]
    if missing:
        raise InputError(
            f"{path}:1: the header needs the columns image and caption once each; "
            f"check {' and '.join(missing)} in {', '.join(header)[:80]!r}"
        )
    for number, values in records[1:]:
        where = f"{path}:{number}"
        if len(values) != len(header):
            raise InputError(
                f"{where}: {len(values)} fields where the header has {len(header)}; "
                "quote a caption that holds the separator"
            )
        cells = dict(zip(header, values, strict=True))
        yield Row(where, cells["image"], cells["caption"], cells.get("split"), cells.get("label"))


def _records(path: Path) -> list[tuple[int, list[str]]]:
    stream = io.StringIO(read_text(path), newline="")
    reader = csv.reader(stream, _DIALECTS[path.suffix], strict=True)
    # The limit of 131,072 characters a field belongs to the whole process: put it back.
    before = csv.field_size_limit(2**31 - 1)
    try:
        return [(reader.line_num, values) for values in reader if values]
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}; mend the quoting") from None
    finally:
        csv.field_size_limit(before)


def _json_rows(path: Path) -> Iterator[Row]:
    for number, line in lines(path):
        where = f"{path}:{number}"
        entry = parse_json(line, where)
        image, caption = field(entry, "image", str, where), field(entry, "caption", str, where)
        yield Row(where, image, caption, _word(entry, "split", where), _word(entry, "label", where))


def _word(entry: dict[str, Any], key: str, where: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InputError(f"{where}: {key!r} must be text or a whole number; mend it")
    refuse_surrogates(str(value), where)
    return str(value)
