"""Mean average precision by label, against the loop down every ranking.

The plain reference does what the public code of supervised cross-modal retrieval does: an argsort
of each row, and a loop in Python over all candidates. Its cosines are one product of matrices here,
where that code computes them pair by pair. Both must give the same mean. Times are CPU-seconds of
one thread.

    python -m benchmarks.labels [--full]
"""

import argparse
import time
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.timing import compare, show
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge

DIM, CLASSES = 1024, 10
"""Of DSCMR on the Wikipedia features."""


def sides(items: int, seed: int = 0) -> Embeddings:
    """Pairs around the centre of their class, near enough that a mean is far above chance."""
    draw = np.random.default_rng(seed)
    number = draw.integers(0, CLASSES, items)
    centre = draw.standard_normal((CLASSES, DIM)) / 8
    ids, label = np.arange(items).astype(str), number[:, None] == np.arange(CLASSES)
    values = (centre[number] + draw.standard_normal((items, DIM)) for _ in range(2))
    image, text = (Vectors(ids, value.astype(np.float32), label) for value in values)
    return Embeddings(image, text, protocol="labels")


def plain(given: Embeddings) -> float:
    """The mean of both ways, in percent, a query at a time."""
    assert given.caption is not None
    assert given.image.label is not None
    number = given.image.label.argmax(axis=1).tolist()
    image, text = (side.value.astype(np.float64) for side in (given.image, given.caption))
    image, text = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (image, text))
    means = []
    for asks, answers in ((image, text), (text, image)):
        total = 0.0
        for row, order in enumerate(np.argsort(-(asks @ answers.T), axis=1)):
            found, gained = 0, 0.0
            for place, candidate in enumerate(order.tolist(), start=1):
                if number[candidate] == number[row]:
                    found += 1
                    gained += found / place
            total += gained / found
        means.append(100 * total / len(asks))
    return sum(means) / 2


def ours(given: Embeddings) -> float:
    """The same two ways as ``evaluate`` asks them, R@1 and one value a query beside it."""
    return judge(given, {"within": False}).score


def measure(items: int, rounds: int) -> dict[str, Any]:
    """The row of one size.

    Raises:
        SystemExit: the two give another mean.
    """
    given = sides(items)
    told = ours(given), plain(given)
    if not np.isclose(*told, rtol=1e-9):
        raise SystemExit(f"{items} items: mAP {told[0]} differs from the plain reference {told[1]}")
    return compare(
        "labels",
        partial(ours, given),
        partial(plain, given),
        rounds=rounds,
        clock=time.process_time,
        images=items,
        captions=items,
        classes=CLASSES,
        map=round(told[0], 2),
    )


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10000 items too")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for items in (2173, 10_000)[: 2 if given.full else 1]:
        show(measure(items, 3))


if __name__ == "__main__":
    main()
