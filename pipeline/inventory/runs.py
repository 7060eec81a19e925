"""A run as a row: what was trained and how far it is, from its small files alone.

Nothing here imports torch: the settings are read as they are stored, not through today's schema.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import IrregularFile
from core.sealed import read_sealed
from core.sources import each_view
from pipeline.inventory.states import BEGUN, DAMAGED, FINISHED, bytes_of, mended, unreadable
from pipeline.memory.whereabouts import cache_of, corpus_of, given_caches
from pipeline.searched.kept import collections
from train.extent import plain_flaws
from train.identity import require_one_run
from train.origins import features_of
from train.record import CONFIG, FORMAT, LAST, MEND, PREVIOUS, Record, read_record

_FAULTS = (RunError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run; what it does not tell is empty, and 0 for a number.

    ``data``, ``cache`` and ``caches`` are where these are now, or were; ``cache`` is the first of
    ``caches``. Of several, ``backbone`` names all, and ``crops`` and ``keep`` are told where they
    are the same. ``best_epoch`` is the one whose
    ``score`` of the validation is the highest. ``vectors`` are the collections that are kept in it
    (``pipeline.searched``). ``why`` says what is damaged, with the way out.
    """

    name: str
    path: Path
    state: str
    bytes: int
    why: str = ""
    data: str = ""
    cache: str = ""
    caches: tuple[str, ...] = ()
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
    vectors: tuple[str, ...] = ()


def run_row(path: Path, work: Path) -> RunRow:
    """The row of the run in ``path``; of its tensor files no more is read than how long they are.

    Of a damaged one each of its small files that is whole still tells what it says.
    """
    taken, told, record, why = bytes_of(path), {}, None, ""
    try:
        config = _config(path)
        told = _told(path, config, work)
    except _FAULTS as error:
        config, why = {}, _reason(path, error)
    try:
        record = _record(path, config.get("measured", {}))
        if config and record.config_sha256:
            require_one_run(path, config, record)
    except _FAULTS as error:
        why = why or _reason(path, error)
        record = _last_readable(path)
    state = DAMAGED if why else FINISHED if record and record.done else BEGUN
    progress = _progress(record) if record else {}
    reports = tuple(sorted(each.name for each in path.glob("eval-*") if each.is_dir()))
    vectors = tuple(folder.name for folder in collections(path))
    found = {**told, **progress, "reports": reports, "vectors": vectors}
    return RunRow(path.name, path, state, taken, why, **found)


def _config(path: Path) -> dict[str, Any]:
    config = read_sealed(path / CONFIG)
    if not isinstance(config.get("format"), str):
        raise ValueError("format is missing")
    if config["format"] != FORMAT:
        raise RunError(
            f"{path} has format {config.get('format')!r}, not {FORMAT!r}; train into another --run"
        )
    return config


def _told(path: Path, config: Mapping[str, Any], work: Path) -> dict[str, Any]:
    """What config.json says."""
    identity, given = config["identity"], config["given"]
    found = [cache_of(path, each, work) for each in given_caches(given) if "cache" in each]
    caches = tuple(str(cache or was) for cache, was in found)
    return {
        "data": _data(path, given),
        "cache": next(iter(caches), ""),
        "caches": caches,
        "recipe": Path(str(given.get("recipe", ""))).stem,
        "seed": int(identity["seed"]),
        "epochs": int(identity["settings"]["epochs"]),
        **_features(features_of(config)),
    }


def _features(sources: Mapping[str, Any]) -> dict[str, Any]:
    """How the features were made, as far as it is the same of all; every backbone is named."""
    made = [view["made_by"] for source in sources.values() for view in each_view(source)]
    told = {key: [each[key] for each in made if key in each] for key in ("crops", "keep")}
    same = {key: found[0] for key, found in told.items() if found and len(set(found)) == 1}
    backbones = dict.fromkeys(str(each["backbone"]) for each in made if "backbone" in each)
    return {**same, **({"backbone": "+".join(backbones)} if backbones else {})}


def _data(path: Path, given: Mapping[str, Any]) -> str:
    try:
        return str(corpus_of(path, given))
    except RunError:
        then = given.get("then")
        was = then.get("data", "") if isinstance(then, Mapping) else given.get("data", "")
        return str(was)


def _record(path: Path, measured: Mapping[str, Any]) -> Record:
    """How far it is; where nothing is done yet, at its beginning.

    A training replaces files between two looks, so that a second one is taken.
    """
    if not any((path / name).exists() for name in (LAST, PREVIOUS)):
        return Record("")
    for _ in range(2):
        record = read_record(path)
        flaw = next(plain_flaws(path, measured, record), "")
        if not flaw:
            return record
    raise RunError(mended(str(path / flaw), MEND))


def _last_readable(path: Path) -> Record | None:
    for name in (LAST, PREVIOUS):
        with suppress(*_FAULTS):
            return read_record(path, name)
    return None


def _progress(record: Record) -> dict[str, Any]:
    return {
        "epochs_done": record.epoch,
        "best_epoch": record.best_epoch,
        "score": record.best.get("score"),
        "seconds": sum(row.get("seconds", 0.0) for row in record.history),
    }


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, RunError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"{path / CONFIG} is missing; {MEND}"
    if isinstance(error, IrregularFile):
        return mended(f"{error.filename} {error.strerror}", MEND)
    if isinstance(error, OSError):
        return unreadable(error)
    return f"{path / CONFIG} is damaged ({error}); {MEND}"
