"""A training step of DSCMR, against a plain port of the public code.

Both must have the same losses. Vectors are drawn: of VGG19's width with a sentence CNN's, as
published, and of the Wikipedia set's widths, where three quarters of our step are the products that
both sides have. Times are CPU-seconds of one thread, each side in a process of its own. Our command
line keeps what is freed (`pipeline/allocator.py`) and who runs the public code does not: `--kept`
gives the port that too, and what is left of the ratio is the step's.

    python -m benchmarks.labelled_step [--kept]
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
import torch

from benchmarks.apart import Side
from benchmarks.labelled_side import BATCH
from benchmarks.timing import row, show

APART = 1e-5
"""Losses of the first round may differ by this share; what rounding does grows with the steps."""
WIDTHS = {"published": (4096, 300), "wikipedia": (128, 10)}


def measure(
    name: str,
    items: int,
    *,
    steps: int,
    rounds: int,
    assignments: Sequence[str] = (),
    port: str = "port",
) -> dict[str, Any]:
    """The row of vectors of one width; a round before the first is not measured.

    ``port`` is a side of ``benchmarks.labelled_side``.

    Raises:
        SystemExit: the two have other losses.
    """
    facts = {"widths": list(WIDTHS[name]), "items": items, "steps": steps, "port": port}
    given = json.dumps({**facts, "assignments": list(assignments)})
    with (
        closing(Side("benchmarks.labelled_side", "ours", given)) as ours,
        closing(Side("benchmarks.labelled_side", port, given)) as public,
    ):
        told = [(ours.run(), public.run()) for _ in range(rounds + 1)]
    own, plain = (np.array(side["losses"]) for side in told[0])
    apart = float(np.abs(own / plain - 1).max())
    if not apart <= APART:
        raise SystemExit(f"{name}: losses differ by {apart:.2g}")
    seconds = [(one["cpu_s"], other["cpu_s"]) for one, other in told[1:]]
    found = row("labelled_step", seconds, **facts, batch=BATCH)
    return {**found, "first_loss": float(own[0]), "apart": apart}


def main() -> None:
    """Print one row a pair of widths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", action="store_true", help="the port keeps freed memory, too")
    port = "port-kept" if parser.parse_args().kept else "port"
    torch.set_num_threads(1)
    for name in WIDTHS:
        show(measure(name, 2173, steps=10, rounds=9, port=port))


if __name__ == "__main__":
    main()
