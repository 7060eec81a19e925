"""Ours against a plain reference, in alternation, as JSON rows."""

import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

Clock = Callable[[], float]


def clock_of(device: torch.device) -> Clock:
    """The processor's seconds on a CPU; elsewhere those of a watch, once the device has done all.

    So a span of it holds what was launched in it, and nothing from before.
    """
    if device.type == "cpu":
        return time.process_time

    def read() -> float:
        torch.accelerator.synchronize(device)
        return time.perf_counter()

    return read


def compare(
    name: str,
    ours: Callable[[], object],
    plain: Callable[[], object],
    *,
    rounds: int = 5,
    clock: Clock = time.perf_counter,
    **facts: Any,
) -> dict[str, Any]:
    """Time ``ours`` and ``plain`` in turns: A B A B, after one unmeasured call of each.

    The ratio of a round is plain seconds / our seconds: 2 says that ours takes half the time. A
    busy machine slows both halves of a round alike, so ratios hold where seconds do not.
    ``time.process_time`` as the ``clock`` counts the processor's seconds instead: with one thread,
    what to read on a busy machine.

    Returns:
        ``name``, ``facts``, ``ratio`` and ``ours_s`` and ``plain_s`` (each with median, min, max).
    """
    ours()
    plain()
    seconds = [(_seconds(ours, clock), _seconds(plain, clock)) for _ in range(rounds)]
    return row(name, seconds, **facts)


def row(name: str, seconds: Sequence[tuple[float, float]], **facts: Any) -> dict[str, Any]:
    """What ``compare`` returns, of our seconds and the plain ones of each round."""
    return {
        "name": name,
        **facts,
        "rounds": len(seconds),
        "ratio": spread([b / a for a, b in seconds]),
        "ours_s": spread([a for a, _ in seconds]),
        "plain_s": spread([b for _, b in seconds]),
    }


def show(row: dict[str, Any]) -> None:
    """Print ``row`` as one line of JSON, with what the numbers depend on."""
    machine = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
    }
    print(json.dumps({**row, **machine}), flush=True)


def _seconds(call: Callable[[], object], clock: Clock) -> float:
    start = clock()
    call()
    return clock() - start


def spread(values: list[float]) -> dict[str, float]:
    """Median, min and max, of four digits each."""
    return {
        "median": float(f"{statistics.median(values):.4g}"),
        "min": float(f"{min(values):.4g}"),
        "max": float(f"{max(values):.4g}"),
    }
