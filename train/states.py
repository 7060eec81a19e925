"""Which state of a run is whole: the last one, or the one before it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import RunError, fault
from core.files import IrregularFile, file_sha256
from train.record import LAST, MEND, PREVIOUS, Record, read_record

SAVE_EVERY = 600.0
"""Seconds between two states inside an epoch: what a kill can cost."""


def find_state(path: Path, say: Callable[[str], None] = lambda note: None) -> Record | None:
    """The newest record of the run in ``path`` whose files are whole; None where there is none.

    Args:
        path: the run.
        say: told, for a person, what is damaged and what is gone on from.

    Raises:
        RunError: ``last.json`` is damaged, and there is no whole state before it.
        OSError: a file cannot be read at the moment.
    """
    damage: list[RunError] = []
    sound = False
    if (path / PREVIOUS).is_file() and not (path / LAST).exists():
        damage.append(RunError(f"{path / LAST} is missing; {MEND}"))
    for name in (LAST, PREVIOUS):
        if not (path / name).is_file():
            continue
        try:
            record = read_record(path, name)
            sound = True
            _require_whole(path, record)
        except RunError as error:
            damage.append(error)
            continue
        if damage:
            before = "its copy is taken" if record.done else "going on from the state before it"
            say(f"{fault(damage[0])}: {before}, {record.where}")
        return record
    if damage and not sound:
        raise RunError(
            f"{fault(damage[0])}, and no copy of it is whole; put it back, or train into another "
            "--run"
        )
    if damage:
        say(f"{fault(damage[0])}, and no state before it is left: training from the start")
    return None


def unchanged(path: Path, found: Record | None) -> bool:
    """Whether ``find_state`` would find the same again.

    Where the last record says so, no tensor is read: who loads them compares their digests.
    """
    with suppress(RunError):
        if read_record(path) == found:
            return True
    return find_state(path) == found


def flaw(file: Path, digest: str) -> str:
    """What is wrong with a file that should have this SHA-256; empty where nothing is."""
    try:
        same = file_sha256(file) == digest
    except FileNotFoundError:
        return f"{file.name} is missing"
    except IrregularFile as error:
        return f"{file.name} {error.strerror}"
    return "" if same else f"{file.name} is damaged: its sha256 is another"


def _require_whole(path: Path, record: Record) -> None:
    for name, digest in record.files.items():
        if what := flaw(path / name, digest):
            raise RunError(f"{path / what}; {MEND}")
