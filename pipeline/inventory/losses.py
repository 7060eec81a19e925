"""What would be lost with a cache or a run, said before it is removed."""

from core.wording import counted, lasting
from pipeline.inventory.caches import CacheRow
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.runs import RunRow
from pipeline.inventory.states import DAMAGED, FINISHED
from pipeline.inventory.table import cropped, sized

SHOWN = 5


def losses(row: CacheRow | RunRow, holdings: Holdings) -> list[str]:
    """A line of what it is, and lines of what else follows."""
    return _of_cache(row, holdings) if isinstance(row, CacheRow) else _of_run(row)


def _of_cache(row: CacheRow, holdings: Holdings) -> list[str]:
    made = f"{row.backbone or 'no backbone'}, crops {cropped(row.crops, row.keep)}, "
    holds = f" of {counted(row.done, 'picture')}, {made}" if row.pictures else ", "
    told = [f"{row.path}: a {row.state} cache{holds}{sized(row.bytes)}", *_why(row)]
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
    what = f" ({' '.join(filter(None, [row.recipe, f'seed {row.seed}']))})" if row.epochs else ""
    score = "" if row.score is None else f", validation score {row.score:.1f}"
    told = [
        f"{row.path}: a {row.state} run{what}{_epochs(row)}{score}, {sized(row.bytes)}",
        *_why(row),
    ]
    if row.reports:
        told.append(f"with {counted(len(row.reports), 'report')}: {', '.join(row.reports)}")
    if row.vectors:
        kept = counted(len(row.vectors), "collection")
        told.append(f"with the vectors of {kept} that are searched: {', '.join(row.vectors)}")
    if row.epochs_done:
        state = "" if row.state == FINISHED else " so far"
        told.append(f"its training took {lasting(row.seconds)}{state}")
    return told


def _epochs(row: RunRow) -> str:
    """How far it is, as far as that can be told; of a damaged one it may be further.

    What is solved at once has no epochs.
    """
    if row.state in (DAMAGED, FINISHED) and not row.epochs_done:
        return ""
    if not row.epochs:
        return f", {counted(row.epochs_done, 'epoch')}"
    return f", {row.epochs_done} of {counted(row.epochs, 'epoch')}"


def _why(row: CacheRow | RunRow) -> list[str]:
    """What is damaged, with the command that may mend it: to remove it is not the only way."""
    return [row.why] if row.why else []
