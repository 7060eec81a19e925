"""What a work folder holds, for a person: a line a cache and a line a run."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.wording import counted, one_line
from pipeline.inventory.caches import CacheRow
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.runs import RunRow
from pipeline.inventory.states import BEGUN, DAMAGED, FINISHED

CACHES = ("state", "size", "pictures", "backbone", "crops", "data", "cache")
RUNS = ("state", "size", "epochs", "score", "seed", "recipe", "backbone", "crops", "data", "run")
NUMBERS = {"size", "pictures", "epochs", "score", "seed"}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def lines(holdings: Holdings) -> Iterator[str]:
    """The page; the names, which are long, stand last."""
    caches, runs = holdings.caches, holdings.runs
    if not (caches or runs):
        yield f"{holdings.work}: no caches and no runs; make a cache with `features DATA`"
        return
    of_caches = f"{counted(len(caches), 'cache')}, {sized(sum(row.bytes for row in caches))}"
    of_runs = f"{counted(len(runs), 'run')}, {sized(sum(row.bytes for row in runs))}"
    yield f"{holdings.work}: {of_caches}; {of_runs}"
    if caches:
        yield ""
        yield from _table(CACHES, [_cache(row) for row in caches])
    if runs:
        yield ""
        yield from _table(RUNS, [_run(row) for row in runs])
    faults = [one_line(f"{row.name}: {row.why}") for row in holdings.rows if row.why]
    yield from ["", *faults] if faults else []


def sized(count: int) -> str:
    """Bytes as a person says them, in powers of 1,000.

    Example:
        >>> sized(1), sized(999), sized(16_600_000), sized(10**16)
        ('1 byte', '999 bytes', '16.6 MB', '10,000.0 TB')
    """
    if count < 1000:
        return counted(count, "byte")
    value, power = float(count), 0
    while value >= 999.95 and power < len(_UNITS) - 1:
        value, power = value / 1000, power + 1
    return f"{value:,.1f} {_UNITS[power]}"


def cropped(crops: int, keep: str) -> str:
    """How many crops, and what was kept of several.

    Example:
        >>> cropped(1, "mean"), cropped(10, "mean"), cropped(0, "")
        ('1', '10 mean', '-')
    """
    return f"{crops} {keep}" if crops > 1 else str(crops or "-")


def _cache(row: CacheRow) -> list[str]:
    part = row.state == BEGUN or row.done < row.pictures
    pictures = f"{row.done}/{row.pictures}" if part else f"{row.pictures}"
    return [
        *(row.state, sized(row.bytes), pictures if row.pictures else "-", row.backbone or "-"),
        *(cropped(row.crops, row.keep), row.data or "-", row.name),
    ]


def _run(row: RunRow) -> list[str]:
    known = row.epochs or row.state != DAMAGED
    solved = row.state == FINISHED and not row.epochs
    told = (known or row.epochs_done) and not solved
    far = f"{row.epochs_done}/{row.epochs or '?'}" if told else "-"
    return [
        *(row.state, sized(row.bytes), far),
        "-" if row.score is None else f"{row.score:.1f}",
        *(str(row.seed) if known else "-", row.recipe or "-", row.backbone or "-"),
        *(cropped(row.crops, row.keep), Path(row.data).name or "-", row.name),
    ]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns side by side, numbers to the right; the last is as long as it is."""
    cells = [[one_line(cell) for cell in row] for row in (titles, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        *first, last = (
            cell.rjust(width) if title in NUMBERS else cell.ljust(width)
            for title, cell, width in zip(titles, row, widths, strict=True)
        )
        yield "  ".join([*first, last.rstrip()])
