"""A study: Optuna draws the configurations, each from what the trials before it gave.

The trials are kept in ``study.log`` of the sweep's folder. Each is drawn with a seed of its own, so
that a study that was killed goes on as one that never was: with the trial that was under way, and
with the same ones after it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.errors import SettingError
from core.files import write_bytes
from core.lock import exclusive
from core.wording import one_line
from pipeline.said.progress import say
from pipeline.sweeps.labels import whole
from pipeline.sweeps.points import Axis, Configuration, Grid, Point, Range
from pipeline.sweeps.rows import SCORE
from pipeline.sweeps.taken import Taken

if TYPE_CHECKING:
    from optuna import Study, Trial

LOG = "study.log"
SEEDS = 2**32
"""Below this is the seed of a sampler."""
STEP = 1_000_003
"""So far apart are the seeds of the first trials of two samplers."""


def require_optuna() -> None:
    """Refuse a study where there is nobody to draw it.

    Raises:
        SettingError: Optuna is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise SettingError(
            "a [study] is drawn by Optuna, which is not installed; type make setup EXTRAS=1, or "
            "write a [grid]"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def trials(
    grid: Grid, number: int, take: Callable[[Point], Taken], folder: Path
) -> Iterator[Taken]:
    """Draw and take ``grid.trials`` configurations with each seed; those that are there are found.

    Args:
        grid: of a study.
        number: which study of the file it is, from 1.
        take: trains a point.
        folder: of the sweep; held for writing meanwhile.

    Raises:
        BusyError: another process draws this sweep's studies.
    """
    with exclusive(folder):
        write_bytes(folder / LOG, _whole_lines(folder / LOG))
        study = _study(folder / LOG, number)
        for each in range(grid.trials or 0):
            trial = _trial(study, each, grid)
            configuration = _drawn(grid, trial)
            say(one_line(f"trial {each + 1} of {grid.trials}: {whole(configuration)}"))
            done = [take(Point(configuration, seed)) for seed in grid.seeds]
            _tell(study, trial, done)
            yield from done


def begun(grid: Grid, number: int, folder: Path) -> list[Configuration]:
    """The configurations that were drawn so far; the journal is read from a copy of it."""
    log = folder / LOG
    if not log.exists():
        return []
    with TemporaryDirectory() as copy:
        write_bytes(Path(copy) / LOG, _whole_lines(log))
        study = _study(Path(copy) / LOG, number)
        many = min(len(study.trials), grid.trials or 0)
        return [_drawn(grid, _trial(study, each, grid)) for each in range(many)]


def _study(log: Path, number: int) -> "Study":
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    storage = JournalStorage(JournalFileBackend(str(log)))
    return optuna.create_study(
        storage=storage, study_name=f"study {number}", direction="maximize", load_if_exists=True
    )


def _whole_lines(log: Path) -> bytes:
    """Without a line that a kill left half written: what follows it could not be read."""
    data = log.read_bytes() if log.exists() else b""
    return data[: data.rfind(b"\n") + 1]


def _trial(study: "Study", number: int, grid: Grid) -> "Trial":
    """The trial that was begun before, or a new one."""
    import optuna

    seed = (grid.sampler_seed * STEP + number) % SEEDS
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    there = study.trials
    if number < len(there):
        return optuna.Trial(study, there[number]._trial_id)
    return study.ask()


def _drawn(grid: Grid, trial: "Trial") -> Configuration:
    """The values of a trial; those that it has already stay as they are."""
    return grid.configuration([_value(trial, name, axis) for name, axis in grid.axes().items()])


def _value(trial: "Trial", name: str, axis: Axis) -> Any:
    if isinstance(axis, Range):
        if axis.whole:
            return trial.suggest_int(name, int(axis.low), int(axis.high), log=axis.log)
        return trial.suggest_float(name, axis.low, axis.high, log=axis.log)
    if len(axis) == 1:
        return axis[0]
    known = {json.dumps(value, default=str): value for value in axis}
    return known[trial.suggest_categorical(name, list(known))]


def _tell(study: "Study", trial: "Trial", done: Sequence[Taken]) -> None:
    """The mean score; one that may yet become runs stays under way, and is taken again."""
    from optuna.trial import TrialState

    if study.trials[trial.number].state.is_finished():
        return
    if all(each.run for each in done):
        study.tell(trial, fmean(each.scores[SCORE] for each in done))
    elif all(each.run or each.for_good for each in done):
        study.tell(trial, state=TrialState.FAIL)
