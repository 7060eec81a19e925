"""Bootstrap intervals as products of counts and sums, against the obvious loop over resamples.

The plain reference draws pictures, gathers all that they ask, and computes each number of it with
numpy. Both must give the same ends, of the same draws. Times are CPU-seconds of one thread.

    python -m benchmarks.intervals [--full]
"""

import argparse
import time
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.timing import compare, show
from evaluate.hits import Hits
from evaluate.metrics import mean_rank, median_rank, recall
from evaluate.queries import Queries
from evaluate.statistics.bootstrap import RESAMPLES, intervals
from evaluate.statistics.draws import drawn

PER_IMAGE = 5
TYPICAL = 8
"""The mean rank: high enough that no number is the same in every resample."""


def asked(images: int, seed: int = 0) -> list[Queries]:
    """One query an image, and five that each of them is the answer of."""
    draw = np.random.default_rng(seed)
    image = np.array([f"i{number}" for number in range(images)])
    owner = np.repeat(image, PER_IMAGE)
    caption = np.array([f"c{number}" for number in range(len(owner))])
    ways = (("i2t", image, image), ("t2i", caption, owner))
    return [Queries(way, ids, own, _values(draw, len(ids), images)) for way, ids, own in ways]


def _values(draw: np.random.Generator, queries: int, images: int) -> dict[str, Any]:
    """Five values a query, as ``evaluate`` has them."""
    ranks = np.minimum(draw.geometric(1 / TYPICAL, queries), images)
    hits = Hits.of([[rank] for rank in ranks.tolist()], images)
    options = recall.Options(k=(1, 5, 10))
    others = median_rank.measure(hits, options) | mean_rank.measure(hits, options)
    return recall.measure(hits, options) | others


def plain(queries: list[Queries], resamples: int) -> list[tuple[float, float]]:
    """The ends of each number, a resample at a time."""
    pictures = np.unique(np.concatenate([each.picture for each in queries]))
    own = [[np.flatnonzero(each.picture == one) for one in pictures] for each in queries]
    found = []
    for counts in np.concatenate(list(drawn(len(pictures), resamples))):
        lot = np.repeat(np.arange(len(pictures)), counts)
        row = []
        for each, rows in zip(queries, own, strict=True):
            chosen = np.concatenate([rows[picture] for picture in lot])
            for name, values in each.values.items():
                special = median_rank.SUMMARY.get(name, np.mean)
                row.append(float(special(values[chosen])))
        found.append(row)
    rising = np.sort(np.array(found), axis=0)
    at = -(-resamples // 40) - 1, -(-39 * resamples // 40) - 1
    return list(zip(rising[at[0]].tolist(), rising[at[1]].tolist(), strict=True))


def ours(queries: list[Queries], resamples: int) -> list[tuple[float, float]]:
    """The same, as ``evaluate`` does it."""
    told = intervals(queries, resamples=resamples).ways.values()
    return [(each.low, each.high) for way in told for each in way.values()]


def measure(images: int, resamples: int, rounds: int) -> dict[str, Any]:
    """The row of one size; beside the ratio the seconds of all resamples that ``evaluate`` draws.

    Raises:
        SystemExit: the two give other ends.
    """
    queries = asked(images)
    if not np.allclose(ours(queries, resamples), plain(queries, resamples), rtol=1e-9):
        raise SystemExit(f"{images} images: the intervals differ from the plain reference")
    row = compare(
        "intervals",
        partial(ours, queries, resamples),
        partial(plain, queries, resamples),
        rounds=rounds,
        clock=time.process_time,
        images=images,
        captions=images * PER_IMAGE,
        resamples=resamples,
    )
    start = time.process_time()
    intervals(queries)
    return {**row, f"seconds_of_{RESAMPLES}": round(time.process_time() - start, 2)}


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="5000 x 25000 too")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for images in (1000, 5000)[: 2 if given.full else 1]:
        show(measure(images, 200, 3))


if __name__ == "__main__":
    main()
