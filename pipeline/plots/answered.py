"""Reports by labels: precision against recall, and mAP against the share that is answered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluate.measured import NAMES
from pipeline.plots.canvas import COLOURS, look
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE = (
    "The precision that can be had at each recall: the best at that recall or any above it, the "
    "mean over the queries, at 11 levels. Dotted: the share of right answers in the gallery, which "
    "a blind guess has at every recall. The higher on the right the better: all right answers are "
    "found before wrong ones."
)
SELECTIVE = (
    "mAP where only the surest queries are answered; how sure one is follows from the spread of "
    "its similarities, without a label. Dotted: refusing by lot. A curve that rises to the left "
    "says that the model knows what it does not know; one on its dotted line, that it does not."
)


def curve(report: Mapping[str, Any]) -> Iterator[Drawn]:
    """A line a way, of a report that keeps the curves; else none."""
    told = report.get("curves", {})
    lines = {way: told[way] for way in NAMES if way in told}
    if not lines:
        return
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, (way, precision) in enumerate(lines.items()):
            axes.plot(told["recall"], precision, markersize=3.5, label=NAMES[way], **look(number))
            share = 100 * report[way]["positives"] / report[way]["gallery"]
            axes.axhline(share, color=COLOURS[number], linestyle=":", linewidth=1.0)
        _finish(axes, "recall, in percent", "precision, in percent")
        at = [f"{NAMES[way]} {each[0]:.1f} and {each[-1]:.1f}" for way, each in lines.items()]
        alt = f"Precision in percent at a recall of 0 and of 100 percent: {', '.join(at)}."
        yield Drawn("curve", "Precision against recall", alt, svg(drawn), MIME, CURVE)


def answered(report: Mapping[str, Any]) -> Iterator[Drawn]:
    """A line a way, of a report that keeps what the surest queries reach; else none."""
    told = report.get("selective", {})
    ways = {way: told[way] for way in NAMES if way in told}
    if not ways:
        return
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, (way, each) in enumerate(ways.items()):
            axes.plot(told["answered"], each["map"], markersize=3, label=NAMES[way], **look(number))
            axes.axhline(each["random"], color=COLOURS[number], linestyle=":", linewidth=1.0)
        _finish(axes, "queries that are answered, the surest, in percent", "mAP, in percent")
        alt = f"mAP against the share answered; {'; '.join(_areas(ways))}."
        yield Drawn("selective", "Selective retrieval", alt, svg(drawn), MIME, SELECTIVE)


def _areas(ways: Mapping[str, Mapping[str, float]]) -> Sequence[str]:
    return [
        f"{NAMES[way]}: area {each['area']:.1f}, by lot {each['random']:.1f}, the best queries "
        f"first {each['perfect']:.1f}"
        for way, each in ways.items()
    ]


def _finish(axes: "Axes", below: str, beside: str) -> None:
    axes.set_xlim(0, 102)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(below)
    axes.set_ylabel(beside)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2)
    axes.figure.subplots_adjust(top=0.84)
