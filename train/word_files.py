"""Files of word vectors that a recipe names: what they hold counts, not where they lie.

An option of the type ``WordFiles`` is given paths. Before a training is planned, each becomes a
*name*, ``WIDTHd-SHA256`` of the file's bytes, and as such it stands in the run: the same file
elsewhere makes the same run, and the model is built again without the file.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from core.errors import SettingError
from core.files import file_sha256
from core.wordvectors import width_of

WAY = (
    "give the path of a file of word vectors, in GloVe's or word2vec's text form; several as "
    """'files=["a.vec", "b.vec"]'"""
)
_NAME = re.compile(r"(\d+)d-[0-9a-f]{64}")


class _Marked:
    """Marks an option that is files of word vectors."""


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str | Path) else value


WordFiles = Annotated[tuple[Path, ...], BeforeValidator(_several), _Marked()]
"""Paths, or names; one alone need not be a list."""


def keys_of(settings: BaseModel, prefix: str = "") -> Iterator[str]:
    """The dotted keys of the options that are files of word vectors."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from keys_of(value, f"{prefix}{name}.")
        elif any(isinstance(each, _Marked) for each in field.metadata):
            yield f"{prefix}{name}"


def name_of(path: str, where: str) -> str:
    """The name of the file at ``path``; a name stays what it is.

    Args:
        path: a path from the folder where one stands, or a name.
        where: the option that holds it, for messages.

    Raises:
        SettingError: there is no such file.
        InputError: it holds no word vectors.
        OSError: it cannot be read; with its name.
    """
    if _NAME.fullmatch(path):
        return path
    try:
        return f"{width_of(Path(path))}d-{file_sha256(Path(path))}"
    except FileNotFoundError:
        raise SettingError(f"{where}: there is no file {path}; {WAY}") from None


def width(file: Path) -> int:
    """How many numbers a word has in a file, by its name or by its path.

    Raises:
        InputError, OSError: as ``core.wordvectors.width_of``.
    """
    named = _NAME.fullmatch(str(file))
    return int(named[1]) if named else width_of(file)


def place_of(file: Path, files: Mapping[str, str]) -> Path:
    """Where a file is: of a name the path that ``files`` knows, if it still holds that.

    Raises:
        SettingError: it knows none, or the file holds something else by now.
        InputError, OSError: it cannot be read.
    """
    if not _NAME.fullmatch(str(file)):
        return file
    if str(file) not in files:
        raise SettingError(f"a new training needs the file of word vectors {file} itself; {WAY}")
    path = files[str(file)]
    if name_of(path, path) != str(file):
        raise SettingError(f"{path} has changed in the meantime; run the same command again")
    return Path(path)


def value_at(settings: Mapping[str, Any], key: str) -> Any:
    """What nested ``settings`` hold at a dotted key."""
    found: Any = settings
    for part in key.split("."):
        found = found[part]
    return found


def replaced(
    settings: Mapping[str, Any], keys: Mapping[str, list[str]], prefix: str = ""
) -> dict[str, Any]:
    """A copy of nested ``settings`` with other values of the dotted ``keys`` that are there."""
    return {
        name: replaced(value, keys, f"{prefix}{name}.")
        if isinstance(value, Mapping)
        else keys.get(f"{prefix}{name}", value)
        for name, value in settings.items()
    }
