"""The exact search of one query against the field's: a product and an argsort of all scores.

Both must find the same rows. Times are by the clock, with as many threads as there are cores, for
that is what somebody waits. The vectors are drawn, of unit length, and mapped from a file, as those
of a collection are; queries are near one of them. Beside the ratio stand p50 and p95 of single
queries, and the share of the product alone that is reached.

    python -m benchmarks.search [--full]
"""

import argparse
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.timing import compare, show
from core.matrices import open_matrix
from core.vectors import Vectors
from evaluate.nearest import Nearest

SIZES = (100_000, 1_000_000)
K, NOISE, QUERIES, AT_ONCE = 10, 0.03, 100, 10_000
Float32 = npt.NDArray[np.float32]


def written(file: Path, many: int, width: int) -> Path:
    """Unit vectors (many, width) float32, as ``file``."""
    draw = np.random.default_rng(0)
    header = {"descr": "<f4", "fortran_order": False, "shape": (many, width)}
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, many, AT_ONCE):
            rows = draw.standard_normal((min(AT_ONCE, many - start), width), dtype=np.float32)
            stream.write((rows / np.linalg.norm(rows, axis=1, keepdims=True)).tobytes())
    return file


def queries(values: Float32, many: int = QUERIES) -> Float32:
    """(many, width): each near one of the rows of ``values`` (N, width)."""
    rows = np.linspace(0, len(values) - 1, many).astype(np.int64)
    noise = np.random.default_rng(1).standard_normal((many, values.shape[1]), dtype=np.float32)
    return values[rows] + np.float32(NOISE) * noise


def plain(values: Float32, query: Float32, k: int = K) -> list[int]:
    """The rows of the first k, of all scores sorted."""
    found: list[int] = np.argsort(-(values @ query))[:k].tolist()
    return found


def measure(file: Path, rounds: int) -> dict[str, Any]:
    """The row of one size.

    Raises:
        SystemExit: the two find other rows.
    """
    values = open_matrix(file)
    ids = np.array([f"v{row}" for row in range(len(values))])
    start = time.perf_counter()
    nearest, asked = Nearest(Vectors(ids, values), "inner", "image"), queries(values)
    opened = time.perf_counter() - start
    seconds = list[float]()
    for number, query in enumerate(asked):
        start = time.perf_counter()
        (found,) = nearest.to(query[None], K)
        seconds.append(time.perf_counter() - start)
        if number < rounds and found.row.tolist() != plain(values, query):
            raise SystemExit(f"{len(values)} vectors: query {number} finds others than the argsort")
    ours = partial(nearest.to, asked[:1], K)
    row = compare(
        "search",
        ours,
        partial(plain, values, asked[0]),
        rounds=rounds,
        vectors=len(values),
        width=values.shape[1],
        k=K,
        same_rows=True,
    )
    product = compare("product", ours, partial(np.matmul, values, asked[0]), rounds=rounds)
    half, most = (round(1000 * float(at), 1) for at in np.percentile(seconds, [50, 95]))
    told = {"p50_ms": half, "p95_ms": most, "queries": len(seconds), "opened_s": round(opened, 2)}
    return {**row, "of_one_product": product["ratio"], **told}


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000,000 too (4 GB on the disk)")
    parser.add_argument("--width", type=int, default=1024)
    given = parser.parse_args()
    for many, rounds in zip(SIZES[: 2 if given.full else 1], (20, 5), strict=False):
        with TemporaryDirectory() as folder:
            show(measure(written(Path(folder) / "v.npy", many, given.width), rounds))


if __name__ == "__main__":
    main()
