"""A person's own table of names: which matrix is called what, where its name does not tell."""

from pathlib import Path

from core.corpora._reading import read_text
from core.corpora._slots import slot_of
from core.errors import InputError

TABLE = "matrices.txt"
"""Beside the matrices: ``Xtr train_images`` a line, a matrix's name and one that is known."""


def called(folder: Path) -> dict[str, str]:
    """The name of a matrix -> one that tells what it is; nothing where there is no table.

    Raises:
        InputError: a line is no two names, the second one is not known, or a first is there twice.
    """
    file = folder / TABLE
    if not file.exists():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        where = f"line {number:,} of {file}"
        if len(words) != 2:
            raise InputError(f"{where} must be two names, as in 'Xtr train_images'; mend it")
        name, meant = words
        if slot_of(meant) is None:
            raise InputError(
                f"{where}: {meant!r} tells of no images, texts or labels; write such as "
                "train_images, val_texts or test_labels"
            )
        if name in found:
            raise InputError(f"{where} names {name!r} a second time; keep one line of it")
        found[name] = meant
    return found


def refuse_unused(folder: Path, names: set[str], there: set[str]) -> None:
    """Refuse a table that names a matrix which is not there.

    Raises:
        InputError: it does; with the matrices that are.
    """
    if lost := sorted(names - there):
        raise InputError(
            f"{folder / TABLE} names {lost[0]!r}, and the matrices there are "
            f"{', '.join(sorted(there)) or 'none'}; mend the table"
        )
