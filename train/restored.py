"""``config.json`` of a run, written again where it is lost and all that it said is known."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import RunError, fault
from core.lock import exclusive
from core.sealed import write_sealed
from train.identity import LostConfig, config_sha256, read_config, untrained
from train.plan import Plan
from train.record import CONFIG, LAST, MEND, PREVIOUS, Record, read_record

MOST_THREADS = 1024


def restore_config(
    run: Path, config: Mapping[str, Any], plan: Plan, say: Callable[[str], None]
) -> None:
    """Write ``config.json`` again where it is missing or damaged and a record of the run is whole.

    The digest in ``last.json`` tells whether it is the same again. What the plan does not say, the
    count of threads that the run was begun with, is found by it. Where nothing was trained yet, a
    damaged one is taken away: the training begins with another.

    Args:
        run: the run; nothing is done where its config is whole, or where there is no run.
        config: what it says before anything is measured.
        plan: what is trained.
        say: told a sentence for a person.

    Raises:
        RunError: the config is lost, and this training's is another or nothing tells what it was;
            or it is of another version of this program; or something else has its name.
    """
    if not (untrained(run) or any((run / name).exists() for name in (CONFIG, LAST, PREVIOUS))):
        return
    try:
        _refuse_another(run, read_config(run))
    except LostConfig as damage:
        file = run / CONFIG
        if file.exists() and not file.is_file():
            raise
        if untrained(run):
            with exclusive(run):
                file.unlink(missing_ok=True)
            say(f"{fault(damage)}: nothing was trained yet, it is begun again")
            return
        with exclusive(run):
            write_sealed(file, _same_again(config, plan, _record(run, damage), damage))
        say(f"{fault(damage)}: written again, as {LAST} knows it")


def _refuse_another(run: Path, config: Mapping[str, Any]) -> None:
    """Raise where the records of the run are whole, and none of them is of this ``config``.

    Raises:
        LostConfig: so it is.
    """
    told = set()
    for name in (LAST, PREVIOUS):
        with suppress(RunError, OSError):
            told.add(read_record(run, name).config_sha256)
    if told and config_sha256(config) not in told:
        raise LostConfig(f"{run / CONFIG} is of another run, or was changed; {MEND}")


def _record(run: Path, damage: LostConfig) -> Record:
    """The last record that can be read, whatever became of the files that it names."""
    for name in (LAST, PREVIOUS):
        with suppress(RunError, OSError):
            return read_record(run, name)
    raise RunError(
        f"{fault(damage)}, and no record of the run is whole that tells what it was; "
        "train into another --run"
    ) from damage


def _same_again(
    config: Mapping[str, Any], plan: Plan, record: Record, damage: LostConfig
) -> dict[str, Any]:
    measured = plan.measure()
    for count in range(1, MOST_THREADS + 1):
        whole = {**config, "measured": measured.to_json(), "threads": count}
        if config_sha256(whole) == record.config_sha256:
            return whole
    raise RunError(
        f"{fault(damage)}, and this training's is another, or of another version of this "
        "program; put it back from a copy, or train into another --run"
    ) from damage
