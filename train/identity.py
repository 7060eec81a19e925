"""What a run is: all that decides its weights, compared before anything is continued.

``config.json`` holds ``identity`` (compared), ``measured`` and ``sources`` (what the model needs to
be built and used again), ``threads``, ``given`` (free: what the command was given), and beside all
digests ``code`` (what the parts of the recipe computed when the run was begun), ``ranks`` and, of a
run that was asked to be computed otherwise than usual, ``computed``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import RunError, SettingError
from core.files import TEMPORARY, json_sha256, remove_temporaries
from core.lock import LOCK, exclusive
from core.sealed import read_sealed, write_sealed
from train.measured import VOCABULARY
from train.recipe import resolve
from train.record import CONFIG, FORMAT, LAST, MEND, PREVIOUS, Record, read_record
from train.schema import APART, Recipe
from train.seen import FILE as SEEN

FREE = ("about", "given")
"""The keys of config.json that may change between a run and its continuation."""
RANKS = "ranks"
"""The key of how many processes a run was begun with, in no digest; earlier runs have none: 1."""
COMPUTED = "computed"
"""The key of how it is computed (``train.how``), in no digest; most runs have none."""
CODE = "code"
"""The key that earlier runs lack: it is what it was when the run was begun, or is not there."""
_FIRST = {LOCK, CONFIG, VOCABULARY, SEEN}
"""What a training writes before its first state."""
_SECTIONS = {"identity": dict, "measured": dict, "sources": dict, "given": dict, "threads": int}


class LostConfig(RunError):
    """``config.json`` of a run is missing or damaged."""


@contextmanager
def hold_run(path: Path, config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Hold ``path`` for writing, as a new run or to go on with the same one.

    Yields:
        The run's config: what an earlier session wrote, but for the free keys, the code and how it
        is computed, where ``config`` has them.

    Raises:
        RunError: there is a run of another identity; the first differing keys are named.
        BusyError: another process is writing this run.
    """
    with exclusive(path):
        remove_temporaries(path)
        refuse_other(path, config["identity"])
        begun = read_config(path) if (path / CONFIG).exists() else {}
        told = {key: config[key] for key in (*FREE, CODE, COMPUTED) if key in config}
        whole = {**config, **begun, **told}
        write_sealed(path / CONFIG, whole)
        yield whole


def refuse_other(path: Path, identity: Mapping[str, Any]) -> None:
    """Compare the run in ``path``, if there is one, with what is asked for.

    Its settings are read through today's schema first: an option that it does not know yet counts
    with its default.

    Raises:
        RunError: they differ; the first keys that do are named. Or ``path`` is a file.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file; choose another --run")
    if not ((path / CONFIG).exists() or (path / LAST).exists()):
        _refuse_strangers(path)
        return
    stored = dict(read_config(path)["identity"])
    if stored == identity:
        return
    stored["settings"] = read_settings(path, stored["settings"]).model_dump(
        mode="json", exclude=set(APART)
    )
    there, now = dict(_flat(stored)), dict(_flat(identity))
    differing = [key for key in sorted(there | now) if there.get(key) != now.get(key)]
    if differing:
        listed = ", ".join(f"{k} = {there.get(k)} (now {now.get(k)})" for k in differing[:3])
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise RunError(f"{path} was made with {listed}{more}; choose another --run")


def untrained(path: Path) -> bool:
    """Whether ``path`` holds what a training writes before its first state, and nothing else."""
    names = {file.name for file in path.iterdir()} if path.is_dir() else set()
    others = {name for name in names - _FIRST if not name.startswith(TEMPORARY)}
    return LOCK in names and not others and bool(names & {CONFIG, VOCABULARY, SEEN})


def _refuse_strangers(path: Path) -> None:
    """Refuse a folder that holds something, and is no run: its files would be written over."""
    for file in path.iterdir() if path.exists() and not untrained(path) else ():
        if file.name != LOCK and not file.name.startswith(TEMPORARY):
            raise RunError(
                f"{path} is not a run and not empty (it holds {file.name!r}); choose another --run"
            )


def read_settings(path: Path, settings: Mapping[str, Any]) -> Recipe:
    """The settings stored in ``path``, through today's schema.

    Raises:
        RunError: today's schema does not take them.
    """
    try:
        return resolve(settings)
    except SettingError as error:
        reason = str(error).partition(": accepted")[0].partition(": did you")[0]
        raise RunError(
            f"{path} was made by another version of this program ({reason}); "
            "train into another --run"
        ) from error


def read_config(path: Path) -> dict[str, Any]:
    """The ``config.json`` of the run in ``path``.

    Raises:
        LostConfig: missing beside a record, or damaged.
        RunError: there is no run, or it is of another format.
    """
    file = path / CONFIG
    if file.exists() and not file.is_file():
        raise LostConfig(f"{file} is no file; move it elsewhere and {MEND}")
    if not file.is_file():
        if untrained(path) or any((path / name).is_file() for name in (LAST, PREVIOUS)):
            raise LostConfig(f"{file} is missing; {MEND}")
        raise RunError(f"{path} is not a run (no {CONFIG}); make one with `train`, in a new folder")
    try:
        config = read_sealed(file)
        stated = config.get("format")
        if not isinstance(stated, str):
            raise ValueError("format is missing")
        if stated == FORMAT:
            wrong = [name for name, kind in _SECTIONS.items() if type(config.get(name)) is not kind]
            if wrong:
                raise ValueError(f"{wrong[0]} is missing")
    except (ValueError, TypeError, KeyError) as error:
        raise LostConfig(f"{file} is damaged ({error}); {MEND}") from error
    if stated != FORMAT:
        raise RunError(f"{path} has format {stated!r}, not {FORMAT!r}; train into another --run")
    return config


def read_run(path: Path) -> tuple[dict[str, Any], Record]:
    """``config.json`` and ``last.json`` of the run in ``path``.

    Raises:
        RunError: one is missing or damaged, or they are not of one run.
    """
    config, record = read_config(path), read_record(path)
    require_one_run(path, config, record)
    return config, record


def require_one_run(path: Path, config: Mapping[str, Any], record: Record) -> None:
    """Raise unless ``record`` is of the run that ``config`` describes.

    Raises:
        RunError: it is not.
    """
    if record.config_sha256 != config_sha256(config):
        raise RunError(f"{path}: {CONFIG} and {LAST} are not of one run: one was changed; {MEND}")


def config_sha256(config: Mapping[str, Any]) -> str:
    """The digest of all of ``config.json`` but what may change, or says how it is computed."""
    return json_sha256({k: v for k, v in config.items() if k not in (*FREE, CODE, RANKS, COMPUTED)})


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield (prefix + key).removeprefix("settings."), value
