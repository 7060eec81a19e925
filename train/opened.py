"""A run read back without its model: all that is known of it before it is asked anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError
from train.identity import read_config, read_settings, require_one_run
from train.measured import Measured
from train.outline import Outline
from train.record import MEND, Record, read_record
from train.seen import Seen
from train.states import flaw

Outlined = Callable[[Path, Mapping[str, Any]], Outline]


@dataclass(frozen=True)
class Opened:
    """A run whose best model is whole, and what it says; ``outline`` is that of its settings."""

    run: Path
    outline: Outline
    config: Mapping[str, Any]
    record: Record
    seen: Seen


def outlined(run: Path, settings: Mapping[str, Any]) -> Outline:
    """What the settings that ``run`` holds come to; the recipe's parts are imported.

    Raises:
        RunError: today's schema does not take them.
    """
    return Outline.of(read_settings(run, settings))


def open_run(run: Path, outline: Outlined = outlined, whole: Record | None = None) -> Opened:
    """The run in ``run``, of whose model every byte is compared with its digest.

    Args:
        run: the run.
        outline: may know what the settings come to without importing anything.
        whole: a record of the run whose model was compared a moment ago, and is not again.

    Raises:
        RunError: there is no run, it is damaged, or no epoch is done.
    """
    config = read_config(run)
    record = _whole(run, whole)
    require_one_run(run, config, record)
    known = outline(run, config["identity"]["settings"])
    Measured.read(run, config["measured"])
    return Opened(run, known, config, record, Seen.read(run, config["identity"]["seen"]))


def _whole(run: Path, known: Record | None) -> Record:
    """The record, whose model is there.

    Beside a training that goes on, a file may be gone that the record named a moment ago: the
    record is read once more.
    """
    record = read_record(run)
    if record == known:
        return record
    if _lost(run, record):
        record = read_record(run)
    if what := _lost(run, record):
        raise RunError(what)
    return record


def _lost(run: Path, record: Record) -> str:
    if not record.history:
        return f"{run} holds no finished epoch; go on with the same `train` command"
    what = flaw(run / record.model_file, record.model_sha256)
    return f"{run / what}; {MEND}" if what else ""
