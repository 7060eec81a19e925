"""The curves of a run for a page: the panels of ``curves.png``, each a figure of its own."""

from collections.abc import Iterator

from pipeline.plots.drawn import Drawn
from pipeline.plots.panels import draw_panel, title
from pipeline.plots.series import Series, panels
from pipeline.plots.svg import MIME, paper, svg
from train.record import Record

NOTES = {
    "loss": (
        "It should fall and level off. Where a phase of the recipe ends it may jump, since the "
        "next one may have another loss; a jump within a phase is a learning rate that is too high."
    ),
    "rate": "What the schedule of the recipe made of it.",
    "validation": (
        "It should rise and level off. Where it falls while the loss goes on falling, the model "
        "learns its training pictures by heart."
    ),
    "similarity": (
        "The nearer right pairs come to the hardest wrong ones, or above them, the better; where "
        "both go to 1 together, the space collapses to one point."
    ),
}
ENDS = "Dashed: epoch {}, whose weights are the model."


def training(record: Record) -> Iterator[Drawn]:
    """A figure a panel that has a line; of a training of one epoch, or solved at once, none."""
    for name, series in panels(record.history).items():
        if any(len(points) > 1 for points in series.values()):
            yield _drawn(name, series, record.best_epoch)


def _drawn(name: str, series: Series, best: int) -> Drawn:
    names = len(series) if len(series) > 1 else 0
    with paper(height=3.0 + 0.2 * names) as drawn:
        axes = drawn.add_subplot()
        draw_panel(axes, name, series, best, beside=2)
        called = title(name, series)
        axes.set_title("")
        axes.set_title("", loc="left")
        axes.set_xlabel("epoch")
        drawn.subplots_adjust(bottom=(0.52 + 0.12 * names) / (3.0 + 0.2 * names))
        if legend := axes.get_legend():
            legend.set_bbox_to_anchor((0.5, -0.17))
        last = "; ".join(f"{label} {points[-1][1]:.4g}" for label, points in series.items())
        alt = f"By epoch, {called}; at the end: {last}."
        note = f"{NOTES[name]} {ENDS.format(best)}"
        return Drawn(f"training-{name}", f"Training: {called}", alt, svg(drawn), MIME, note)
