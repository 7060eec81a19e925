"""What the curves of a run show: numbers of its metrics by epoch, whichever version wrote them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evaluate.measured import WAYS

History = Sequence[Mapping[str, float]]
Series = dict[str, list[tuple[float, float]]]
"""The name of a line -> its points, (epoch, value)."""

LOSSES = ("mean_loss", "loss")
"""The first that is there: earlier versions wrote only the sum over a batch."""
SIMILARITIES = {"similarity_positive": "right pairs", "similarity_negative": "hardest wrong ones"}
_RECALL = re.compile(rf"({'|'.join(WAYS)})_r(\d+)")


def panels(history: History) -> dict[str, Series]:
    """The four panels: ``loss``, ``rate``, ``validation``, ``similarity``; some may be empty.

    ``validation`` has the recalls as ``R@K image to text``, or where there are none the score.
    """
    losses = [name for name in LOSSES if _points(history, name)][:1]
    return {
        "loss": {name: _points(history, name) for name in losses},
        "rate": _present({"lr": _points(history, "lr")}),
        "validation": _recalls(history) or _present({"score": _points(history, "score")}),
        "similarity": _present(
            {told: _points(history, name) for name, told in SIMILARITIES.items()}
        ),
    }


def _recalls(history: History) -> Series:
    keys = {key for row in history for key in row}
    found = [(way, int(k)) for key in keys for way, k in _RECALL.findall(key)]
    return {
        f"R@{k} {WAYS[way]}": _points(history, f"{way}_r{k}")
        for way, k in sorted(found, key=lambda each: (-each[1], each[0]))
    }


def _points(history: History, name: str) -> list[tuple[float, float]]:
    return [(row["epoch"], row[name]) for row in history if name in row]


def _present(series: Series) -> Series:
    return {name: points for name, points in series.items() if points}


def told(history: History, best_epoch: int) -> dict[str, Any]:
    """All that the picture follows from, as JSON values; no time is among it."""
    return {"panels": panels(history), "best_epoch": best_epoch}
