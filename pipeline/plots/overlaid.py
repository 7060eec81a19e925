"""The trainings of several runs over one another: a colour a group, a line a run."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.plots.canvas import look
from pipeline.plots.drawn import Drawn
from pipeline.plots.panels import epochs_below
from pipeline.plots.series import LOSSES
from pipeline.plots.svg import MIME, paper, svg
from train.record import Record

SHOWN = {"score": ("score of the validation", ("score",)), "loss": ("loss", LOSSES)}
NOTES = {
    "score": "What the epoch was chosen by; the marker is the epoch whose weights are the model.",
    "loss": "Losses of one recipe are comparable; those of different losses, or margins, are not.",
}
A_NAME = 0.2  # inches of a row of the legend


class Trained(NamedTuple):
    """A run, and the number of the group that it belongs to, from 0."""

    group: int
    record: Record


def overlaid(runs: Sequence[Trained], called: Sequence[str]) -> Iterator[Drawn]:
    """A figure of the scores and one of the losses, as far as runs tell them.

    Args:
        runs: of which the training is known.
        called: a name a group.
    """
    for kind in SHOWN:
        found = [(run, _points(run.record, SHOWN[kind][1])) for run in runs]
        there = [(run, points) for run, points in found if points]
        if len({run.group for run, _ in there}) > 1:
            yield _drawn(kind, there, called)


def _points(record: Record, names: Sequence[str]) -> list[tuple[float, float]]:
    name = next((name for name in names if all(name in row for row in record.history)), None)
    return [(row["epoch"], row[name]) for row in record.history] if name else []


def _drawn(
    kind: str, runs: Sequence[tuple[Trained, list[tuple[float, float]]]], called: Sequence[str]
) -> Drawn:
    groups = list(dict.fromkeys(run.group for run, _ in runs))
    height = 3.1 + A_NAME * len(groups)
    with paper(height=height) as drawn:
        axes = drawn.add_subplot()
        epochs_below(axes)
        for run, points in runs:
            looks = look(run.group)
            axes.plot(*zip(*points, strict=True), color=looks["color"], linewidth=1.2)
            best = [point for point in points if point[0] == run.record.best_epoch]
            axes.plot(*zip(*best, strict=True), linestyle="none", **looks) if best else None
        for group in groups:
            axes.plot([], [], label=called[group], **look(group))
        axes.set_xlabel("epoch")
        axes.set_ylabel(SHOWN[kind][0])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17))
        drawn.subplots_adjust(bottom=(0.65 + A_NAME * len(groups)) / height)
        lasts = [f"{called[run.group]} {points[-1][1]:.4g}" for run, points in runs]
        title = f"Trainings: {SHOWN[kind][0]}"
        alt = f"By epoch, {SHOWN[kind][0]}; at the end: {', '.join(lasts)}."
        return Drawn(f"trainings-{kind}", title, alt, svg(drawn), MIME, NOTES[kind])
