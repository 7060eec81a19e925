"""Indexes of FAISS against exact search: how much they find, and what they take, as JSON rows.

The vectors are drawn in clusters (their middles, and noise of the same length: those of one cluster
have a cosine of about 0.5), of unit length, and mapped from a file, as those of a collection are;
queries are drawn alike, and are none of them. What a query looks at is what the command ``index``
chooses. A query is asked alone, and what the index finds is compared exactly, as ``search --index``
does; ``ratio`` is exact / index of the medians. Seconds are the processor's: with one thread, what
to read on a busy machine. ``megabytes`` are those of the file of an index, which is in memory as a
whole; of exact search those of the vectors, which are mapped.

    OMP_NUM_THREADS=1 python -m benchmarks.indexes FOLDER [--vectors 100000] [--width 256]
"""

import argparse
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import show
from core.matrices import open_matrix
from core.several import between_commas
from core.vectors import Vectors
from evaluate.nearest import Nearest
from pipeline.indexed.asked import QUERIES, Asked, Rows
from pipeline.indexed.candidates import Candidates
from pipeline.indexed.kinds import plan
from pipeline.indexed.library import build
from pipeline.indexed.making import USUAL
from pipeline.indexed.measured import AT, measure, truth
from pipeline.indexed.unit import Numbers, Unit

EACH, TIMED, AT_ONCE = 200, 200, 10_000
"""Vectors of a cluster, queries that are timed, and vectors that are drawn at once."""


def drawn(many: int, width: int, clusters: int, seed: int) -> Numbers:
    """Unit vectors (many, width) in clusters, whose middles are the same for each seed."""
    middles = np.random.default_rng(0).standard_normal((clusters, width), dtype=np.float32)
    draw = np.random.default_rng([1, seed])
    found = middles[draw.integers(clusters, size=many)]
    found += draw.standard_normal((many, width), dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def written(folder: Path, many: int, width: int) -> Path:
    """The vectors, some at a time; those that are there stay."""
    path = folder / f"clustered-{many}-{width}.npy"
    if not path.exists():
        file = np.lib.format.open_memmap(path, "w+", np.float32, (many, width))
        for start in range(0, many, AT_ONCE):
            part = file[start : start + AT_ONCE]
            part[:] = drawn(len(part), width, many // EACH, start)
    return path


def paces(call: Callable[[Numbers], object], queries: Numbers) -> tuple[float, float]:
    """Milliseconds of a query: p50, p95; the first is not counted."""
    seconds = list[float]()
    for row in range(min(TIMED, len(queries))):
        start = time.process_time()
        call(queries[row : row + 1])
        seconds.append(time.process_time() - start)
    half, most = 1000 * np.percentile(seconds[1:], [50, 95])
    return float(half), float(most)


def measured(
    kind: str, nearest: Nearest, asked: Asked, true: list[Rows], threads: int | None
) -> dict[str, Any]:
    """The row of a kind, but for its ratio."""
    values = nearest.side.value
    start = time.process_time()
    unit = Unit.of(values)
    chosen = plan(kind, len(values), unit.needed)
    index = build(values, chosen, unit, seed=0, threads=threads)
    seconds, file = time.process_time() - start, BytesIO()
    index.write(file)
    found = measure(index, chosen, asked, true, USUAL, None)
    ready = Candidates(index, len(values), found.effort, found.candidates)
    half, most = paces(lambda one: nearest.to(one, AT, ready.among(one, AT)), asked.queries)
    return {
        "kind": kind,
        "build_s": round(seconds, 1),
        "megabytes": round(file.tell() / 1e6, 1),
        "effort": found.effort,
        "candidates": found.candidates,
        "recall": round(found.recall, 4),
        "p50_ms": round(half, 3),
        "p95_ms": round(most, 3),
    }


def main() -> None:
    """Print one row of exact search, and one a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for the vectors, which stay")
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--kinds", default="hnsw,ivf,ivfpq")
    parser.add_argument("--threads", type=int, default=None, help="that build")
    given = parser.parse_args()
    many, width = given.vectors, given.width
    values = open_matrix(written(given.folder, many, width))
    ids = np.array([f"v{row}" for row in range(many)])
    nearest = Nearest(Vectors(ids, values), "inner", "image")
    queries = drawn(QUERIES, width, many // EACH, -1 % 2**32)
    asked = Asked(queries, np.full(QUERIES, -1), QUERIES)
    sizes = {"name": "indexes", "vectors": many, "width": width}
    half, most = paces(lambda one: nearest.to(one, AT), queries)
    paced = {"p50_ms": round(half, 3), "p95_ms": round(most, 3)}
    show(
        {
            **sizes,
            "kind": "exact",
            "recall": 1.0,
            "megabytes": round(values.nbytes / 1e6, 1),
            **paced,
        }
    )
    true = truth(nearest, asked)
    for kind in between_commas(given.kinds):
        row = measured(kind, nearest, asked, true, given.threads)
        show({**sizes, **row, "ratio": round(half / row["p50_ms"], 1)})


if __name__ == "__main__":
    main()
