"""A sweep: many runs of one corpus by one road, then one table, and the test of what was chosen."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import RunError, TencropError
from core.wording import counted, one_line
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.plots.along import PNG as ALONG
from pipeline.plots.along import draw_along
from pipeline.plots.attempt import attempt
from pipeline.plots.sweep import PNG, draw_sweep
from pipeline.said.errors import told
from pipeline.said.progress import say
from pipeline.stages.terms import Terms
from pipeline.sweeps.caches import Caches
from pipeline.sweeps.choice import Chosen, chosen_of, groups_of
from pipeline.sweeps.examined import Examined, examine
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.kept import folder_of, keep
from pipeline.sweeps.labels import labels
from pipeline.sweeps.looked import Looked, look
from pipeline.sweeps.points import Point
from pipeline.sweeps.rows import rows_of
from pipeline.sweeps.study import begun, require_optuna, trials
from pipeline.sweeps.table import table, table_of_test
from pipeline.sweeps.taken import Taken, Trainer


@dataclass(frozen=True, slots=True)
class Swept:
    """Where a sweep is kept, its tables, and the error to raise once both are printed."""

    folder: Path
    text: str
    problem: TencropError | None = None


def sweep(asked: Sweep, *, terms: Terms, save_every: float, test: bool = False) -> Swept:
    """Take every point and keep the table; with ``test`` ask what was chosen about that split.

    What is there is found, also what ``train`` made; what was interrupted goes on. A point that
    fails is told, and the others go on.
    """
    trainer, folder = _trainer(asked, terms, save_every), folder_of(asked, terms.work)
    taken = [*_of_grids(asked, trainer), *_of_studies(asked, trainer, folder)]
    groups = groups_of(rows_of(taken), asked.choose)
    rows = [row for members in groups.values() for row in members]
    chosen = chosen_of(rows, asked.choose)
    text = table(rows, chosen)
    keep(folder, asked, rows, chosen, [])
    attempt(folder / PNG, lambda file: draw_sweep(file, asked.name, rows, chosen))
    attempt(folder / ALONG, lambda file: draw_along(file, asked.name, rows))
    problem = _failures(taken)
    if test:
        examined, problem = _examined(chosen, trainer, problem)
        keep(folder, asked, rows, chosen, examined)
        every = [row.configuration for row in rows]
        called = dict(zip(every, labels(every), strict=True))
        text += f"\n\n{table_of_test(examined, called)}" if examined else ""
    return Swept(folder, text, problem)


def look_at(asked: Sweep, *, terms: Terms) -> list[Looked]:
    """Which points there are, and how far each is; nothing is trained.

    Of a study they are the trials that were begun.
    """
    trainer, folder = _trainer(asked, terms, 0.0), folder_of(asked, terms.work)
    points = [point for grid in asked.grids for point in grid.points()]
    for number, grid in enumerate(asked.studies, start=1):
        drawn = begun(grid, number, folder)
        points += [Point(configuration, seed) for configuration in drawn for seed in grid.seeds]
    return look(points, trainer)


def _trainer(asked: Sweep, terms: Terms, save_every: float) -> Trainer:
    """What takes the points; where nobody could draw a study, that is said before anything."""
    if asked.studies:
        require_optuna()
    once = Once(terms.work)
    machine(terms.device, once.known)  # before what needs torch (see there)
    return Trainer(asked.data, terms, once, Caches(asked.data, terms, once), save_every)


def _of_grids(asked: Sweep, trainer: Trainer) -> Iterator[Taken]:
    """What is refused is told before hours are spent on the others."""
    looked = look([point for grid in asked.grids for point in grid.points()], trainer)
    if not looked:
        return
    many = Counter(each.state for each in looked)
    states = ", ".join(f"{number} {state}" for state, number in many.items())
    say(f"{asked.name}: {counted(len(looked), 'point')}: {states}")
    called = labels([each.point.configuration for each in looked])
    for number, (each, label) in enumerate(zip(looked, called, strict=True), start=1):
        say(f"point {number} of {len(looked)}: {label}, seed {each.point.seed}")
        done = each.refused or trainer.take(each.point)
        _say_failed(done)
        yield done


def _of_studies(asked: Sweep, trainer: Trainer, folder: Path) -> Iterator[Taken]:
    for number, grid in enumerate(asked.studies, start=1):
        for done in trials(grid, number, trainer.take, folder):
            _say_failed(done)
            yield done


def _examined(
    chosen: Sequence[Chosen], trainer: Trainer, problem: TencropError | None
) -> tuple[list[Examined], TencropError | None]:
    """Ask what was chosen for good; the first error, or ``problem``, is kept for the end."""
    found = []
    for each in chosen:
        if each.missing:
            of = f" of {each.group}" if each.group else ""
            say(
                f"nothing{of} is asked about test: {counted(each.missing, 'point')} without a run "
                "might be the best; mend what failed and type the same again"
            )
            continue
        try:
            found.append(examine(each, trainer.terms, trainer.once))
        except TencropError as error:
            say(f"failed: {one_line(told(error))}")
            problem = problem or error
    return found, problem


def _say_failed(done: Taken) -> None:
    if done.failed:
        say(f"failed: {one_line(done.failed)}")


def _failures(taken: Sequence[Taken]) -> TencropError | None:
    failed = [each for each in taken if each.failed]
    if not failed:
        return None
    return RunError(
        f"{len(failed)} of {counted(len(taken), 'point')} failed, the first with: "
        f"{failed[0].failed.rstrip('.')}; mend these, or take them out of the file, and type the "
        "same again: all else is kept"
    )
