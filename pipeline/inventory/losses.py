"""What would be lost with a cache or a run, said before it is removed."""

from core.wording import counted, lasting
from pipeline.inventory.caches import CacheRow
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.runs import RunRow
from pipeline.inventory.states import FINISHED
from pipeline.inventory.table import cropped, sized

SHOWN = 5


def losses(row: CacheRow | RunRow, holdings: Holdings) -> list[str]:
    """A line of what it is, and lines of what else follows."""
    return _of_cache(row, holdings) if isinstance(row, CacheRow) else _of_run(row)


def _of_cache(row: CacheRow, holdings: Holdings) -> list[str]:
    made = f"{row.backbone or 'no backbone'}, crops {cropped(row.crops, row.keep)}"
    told = [
        f"{row.path}: a {row.state} cache of {counted(row.done, 'picture')}, {made}, "
        f"{sized(row.bytes)}"
    ]
    runs = holdings.trained_on(row.path)
    if runs:
        names = ", ".join(run.name for run in runs[:SHOWN])
        more = f" and {len(runs) - SHOWN} more" if len(runs) > SHOWN else ""
        told.append(
            f"{counted(len(runs), 'run was', 'runs were')} trained on it ({names}{more}); to "
            "evaluate or train again, these features have to be computed again"
        )
    return told


def _of_run(row: RunRow) -> list[str]:
    what = " ".join(filter(None, [row.recipe, f"seed {row.seed}"]))
    score = "" if row.score is None else f", validation score {row.score:.1f}"
    told = [
        f"{row.path}: a {row.state} run ({what}), {row.epochs_done} of "
        f"{counted(row.epochs, 'epoch')}{score}, {sized(row.bytes)}"
    ]
    if row.reports:
        told.append(f"with {counted(len(row.reports), 'report')}: {', '.join(row.reports)}")
    if row.epochs_done:
        state = "" if row.state == FINISHED else " so far"
        told.append(f"its training took {lasting(row.seconds)}{state}")
    return told
