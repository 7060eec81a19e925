"""A run as a row: what was trained and how far it is, from its small files alone.

Nothing here imports torch: the settings are read as they are stored, not through today's schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.sealed import read_sealed
from pipeline.inventory.states import BEGUN, DAMAGED, FINISHED, bytes_of
from pipeline.memory.whereabouts import cache_of, corpus_of
from train.record import CONFIG, FORMAT, LAST, MEND, PREVIOUS, Record, read_record


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run; what it does not tell is empty, and 0 for a number.

    ``data`` and ``cache`` are where these are now, or were. ``best_epoch`` is the one whose
    ``score`` of the validation is the highest. ``why`` says what is damaged, with the way out.
    """

    name: str
    path: Path
    state: str
    bytes: int
    why: str = ""
    data: str = ""
    cache: str = ""
    backbone: str = ""
    crops: int = 0
    keep: str = ""
    recipe: str = ""
    seed: int = 0
    epochs_done: int = 0
    epochs: int = 0
    best_epoch: int = 0
    score: float | None = None
    seconds: float = 0.0
    reports: tuple[str, ...] = ()


def run_row(path: Path, work: Path) -> RunRow:
    """The row of the run in ``path``; its tensor files are looked for, and not read."""
    taken, told = bytes_of(path), {}
    try:
        told = _told(path, work)
        record = _record(path)
        state, why = (FINISHED if record.done else BEGUN), ""
        told |= _progress(record)
    except (RunError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        state, why = DAMAGED, _reason(path, error)
    reports = tuple(sorted(each.name for each in path.glob("eval-*") if each.is_dir()))
    return RunRow(path.name, path, state, taken, why, **told, reports=reports)


def _told(path: Path, work: Path) -> dict[str, Any]:
    """What config.json says."""
    config = read_sealed(path / CONFIG)
    if config.get("format") != FORMAT:
        raise RunError(
            f"{path} has format {config.get('format')!r}, not {FORMAT!r}; train into another --run"
        )
    identity, given = config["identity"], config["given"]
    made_by: Mapping[str, Any] = next(
        (source["made_by"] for source in config["sources"].values()), {}
    )
    cache, was = cache_of(path, given, work)
    return {
        "data": _data(path, given),
        "cache": str(cache or was) if "cache" in given else "",
        "recipe": Path(str(given.get("recipe", ""))).stem,
        "seed": int(identity["seed"]),
        "epochs": int(identity["settings"]["epochs"]),
        **{key: made_by[key] for key in ("backbone", "crops", "keep") if key in made_by},
    }


def _data(path: Path, given: Mapping[str, Any]) -> str:
    try:
        return str(corpus_of(path, given))
    except RunError:
        then = given.get("then")
        was = then.get("data", "") if isinstance(then, Mapping) else given.get("data", "")
        return str(was)


def _record(path: Path) -> Record:
    """How far it is; where nothing is done yet, at its beginning.

    A training replaces files between two looks, so that a second one is taken.
    """
    if not any((path / name).exists() for name in (LAST, PREVIOUS)):
        return Record("")
    for _ in range(2):
        record = read_record(path)
        gone = [name for name in record.files if not (path / name).is_file()]
        if not gone:
            return record
    raise RunError(f"{path / gone[0]} is missing; {MEND}")


def _progress(record: Record) -> dict[str, Any]:
    return {
        "epochs_done": record.epoch,
        "best_epoch": record.best_epoch,
        "score": record.best.get("score"),
        "seconds": sum(row.get("seconds", 0.0) for row in record.history),
    }


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path / CONFIG} is missing; {MEND}"
    if isinstance(error, RunError | OSError):
        return str(error)
    return f"{path / CONFIG} is damaged ({error}); {MEND}"
