"""The rows of a Parquet table as pictures with captions; no picture is read for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from core.cells import LARGE, Cell
from core.corpora._parquet_columns import Roles, roles, untold
from core.corpora._places import inside, split_in_name
from core.corpora._roots import pictures_folder
from core.errors import InputError
from core.parquet import Table, open_parquet
from core.places import Place
from core.splits import split_word


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``name`` is None where the table has none, ``place`` where it has no picture."""

    number: str
    name: str | None
    place: Place | None
    captions: tuple[str, ...]
    split: str | None
    label: str | None
    named: bool
    """Whether the file's name says the split."""


def read_rows(file: Path, root: Path) -> tuple[list[Row], list[str]]:
    """The rows of a table, and notes.

    Args:
        file: the table.
        root: the corpus's folder; paths are below ``images/`` in it, it, or the table's folder.

    Raises:
        InputError: it is no Parquet, has no column of pictures, a name leaves the folder, or a
            split is unknown.
    """
    table = open_parquet(file)
    known = roles(table.types, str(file))
    _refuse_twice(table, known)
    folders = [each for each in (pictures_folder(root), root, file.parent) if each.is_dir()]
    named = split_in_name(file.name)
    found = []
    for number, (has, name, split, label, *captions) in enumerate(_zipped(table, known)):
        where = f"{file}, row {number}"
        plain = inside(_string(name, where), where) if name else None
        below = _below(folders, plain) if plain and not known.pictures else None
        place: Place | None = Cell(file, known.pictures, number) if has else below
        word = split_word(_string(split, where), where) if split else named
        texts = tuple(_string(text, where) for each in captions for text in _texts(each))
        told = None if label is None else str(label).strip() or None
        key = f"{file.stem}/{number:08d}"
        found.append(Row(key, plain, place, texts, word, told, not split and named is not None))
    return found, _notes(table, known)


def _refuse_twice(table: Table, known: Roles) -> None:
    used = {known.pictures, known.names, known.split, known.label, *known.captions}
    if twice := sorted(used & table.twice):
        raise InputError(
            f"{table.file}: two columns are called {twice[0]!r} (a field of a struct counts with "
            "the struct's name before it); write the table again with one of them renamed or left "
            "out"
        )


def _below(folders: Sequence[Path], name: str) -> Path:
    """The file of this name in the first folder that has it, else where it should be."""
    there = (folder / name for folder in folders if (folder / name).exists())
    return next(there, folders[0] / name)


def _zipped(table: Table, known: Roles) -> Iterator[tuple[Any, ...]]:
    filled = table.filled(known.pictures) if known.pictures else repeat(False, table.rows)
    wanted = (known.names, known.split, known.label, *known.captions)
    columns = [table.values(name) if name else repeat(None, table.rows) for name in wanted]
    return zip(filled, *columns, strict=True)


def _texts(value: Any) -> Sequence[Any]:
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if text is not None]


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where}: {str(value)[:40]!r} must be text; mend the table")
    return value


def _notes(table: Table, known: Roles) -> list[str]:
    notes = []
    if not known.captions:
        why = untold(table.types)
        notes.append(f"{table.file.name} has no column of captions{f': {why}' if why else ''}")
    large = sum(size for size in table.sizes(known.pictures) if size >= LARGE)
    if large:
        notes.append(
            f"{table.file.name} has large row groups: while its pictures are read, {large:,} bytes "
            "are kept in a temporary file; written again with row_group_size=100, none are"
        )
    return notes
