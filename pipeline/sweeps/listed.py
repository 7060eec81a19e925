"""The points of a sweep as a list for a person."""

from collections.abc import Sequence

from pipeline.sweeps.labels import labels
from pipeline.sweeps.looked import Looked
from pipeline.sweeps.table import NONE, aligned


def listed(looked: Sequence[Looked]) -> str:
    """A line a point: its state, how good it is so far, and where it is or would be."""
    called = labels([each.point.configuration for each in looked])
    lines = [
        [label, str(each.point.seed), each.state, *_so_far(each)]
        for label, each in zip(called, looked, strict=True)
    ]
    table = aligned([["point", "seed", "state", "epochs", "score"], *lines]).splitlines()
    ends = ["  run", *(f"  {_where(each)}" for each in looked)]
    return "\n".join(line + end for line, end in zip(_padded(table), ends, strict=True))


def _so_far(each: Looked) -> list[str]:
    record = each.record
    if record is None or not record.best:
        return [NONE, NONE]
    return [str(record.epoch), f"{record.best['score']:.1f}"]


def _where(each: Looked) -> str:
    if each.refused:
        return each.refused.failed
    return str(each.place or f"on {' + '.join(each.first)}, made where they are not there")


def _padded(lines: Sequence[str]) -> list[str]:
    width = max(map(len, lines))
    return [line.ljust(width) for line in lines]
