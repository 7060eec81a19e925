"""``RUN/curves.png``: loss, rate, recalls and similarities of a run by epoch.

It is made from what ``metrics.jsonl`` says alone, and names by a digest what it shows: of a run
that went on since, or was damaged, it is drawn anew.
"""

from pathlib import Path

from core.files import IrregularFile, json_sha256
from pipeline.plots.attempt import attempt
from pipeline.plots.canvas import figure, save
from pipeline.plots.panels import draw_panel
from pipeline.plots.png import texts
from pipeline.plots.series import panels, told
from train.record import Record

CURVES = "curves.png"
SHOWS = "Tencrop-Shows"
"""The word of the PNG under which the digest of what it shows stands."""
SIZE = 10.0, 7.0  # inches
EDGES = {"left": 0.08, "right": 0.98, "bottom": 0.14, "top": 0.89, "hspace": 0.2, "wspace": 0.24}
"""Of the panels, as shares: a layout that is found by drawing takes as long as three drawings."""


def keep_curves(run: Path, record: Record) -> None:
    """Draw the curves of a run where they are not there as they would be drawn."""
    if not shows(run / CURVES, record):
        attempt(run / CURVES, lambda file: draw_curves(file, run.name, record))


def shows(file: Path, record: Record) -> bool:
    """Whether the picture is whole and shows this record."""
    try:
        words = texts(file)
    except OSError:
        return False
    return words is not None and words.get(SHOWS) == _digest(record)


def draw_curves(file: Path, title: str, record: Record) -> None:
    """Write the picture.

    Raises:
        OSError: ``file`` cannot be written.
    """
    best = f"dashed: epoch {record.best_epoch}, the best, with score {record.best['score']:.1f}"
    with figure(*SIZE, layout=None) as drawn:
        drawn.suptitle(f"{title}\n{best}", fontsize=10)
        cells = drawn.subplots(2, 2, sharex=True, gridspec_kw=EDGES)
        for axes, (name, series) in zip(cells.flat, panels(record.history).items(), strict=True):
            draw_panel(axes, name, series, record.best_epoch)
        for axes in cells[-1]:
            axes.set_xlabel("epoch")
        save(drawn, file, {SHOWS: _digest(record)})


def flaw(run: Path) -> str:
    """What is wrong with the curves of a run; empty where nothing is, or where there are none."""
    try:
        whole = texts(run / CURVES) is not None
    except FileNotFoundError:
        return ""
    except IrregularFile as error:
        return f"{CURVES} {error.strerror}: move it elsewhere"
    return "" if whole else f"{CURVES} is damaged: it is no PNG as it was written"


def _digest(record: Record) -> str:
    return json_sha256(told(record.history, record.best_epoch))
