"""Exact ranks in blocks against the field's loops: a product and an argsort a query, in float64.

The plain reference does what the public evaluation of VSE++ does: for every image it multiplies
with all captions and sorts them, for every image's five captions with all images. Both must give
the same ranks. Times are CPU-seconds, ours of one thread. Beside the ratio stand the share of one
product in float32 that is reached, and the memory that ranking takes beyond the vectors, measured
in a process of its own.

    python -m benchmarks.ranking [--full]
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.timing import compare, show
from core.predictions import Embeddings, Vectors
from evaluate.ranking import rank

PER_IMAGE = 5
WORTH_COMPARING = 3.0
MEGABYTE = 1e6
RESET = Path("/proc/self/clear_refs")
Float32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """Unit vectors (images, D) and (captions, D); five captions an image, in its order."""

    image: Float32
    caption: Float32

    def embeddings(self) -> Embeddings:
        """With ids."""
        sides = (("image", self.image), ("caption", self.caption))
        image, caption = (
            Vectors(np.array([f"{kind} {row}" for row in range(len(value))]), value)
            for kind, value in sides
        )
        return Embeddings(image, caption, np.repeat(np.arange(len(self.image)), PER_IMAGE))


def made_up(images: int, width: int, seed: int = 0) -> Made:
    """Captions near their image, five an image, without ties.

    The noise drowns most of what they share: a right pair scores two standard deviations above a
    wrong one. If every right answer came first, a rank of 1 everywhere would be equal to it too.
    """
    draw = np.random.default_rng(seed)
    image = draw.standard_normal((images, width))
    noise = draw.standard_normal((images * PER_IMAGE, width))
    caption = np.repeat(image, PER_IMAGE, axis=0) + width**0.5 / 2 * noise
    return Made(*(_unit(vectors) for vectors in (image, caption)))


def plain_ranks(given: Made) -> tuple[Ints, Ints]:
    """Ranks from 1, image to text and text to image: an image and its five captions at a time."""
    image, caption = given.image.astype(float), given.caption.astype(float)
    i2t, t2i = np.empty(len(image), np.int64), np.empty(len(caption), np.int64)
    for row, asking in enumerate(image):
        own = slice(PER_IMAGE * row, PER_IMAGE * (row + 1))
        order = np.argsort(caption @ asking)[::-1]
        i2t[row] = 1 + min(np.flatnonzero(order == c)[0] for c in range(own.start, own.stop))
        for number, scores in enumerate(caption[own] @ image.T, start=own.start):
            t2i[number] = 1 + np.flatnonzero(np.argsort(scores)[::-1] == row)[0]
    return i2t, t2i


def product(given: Made, rows: int = 512, columns: int = 8192) -> None:
    """All scores in float32, block by block, and nothing done with them."""
    image, caption = torch.from_numpy(given.image), torch.from_numpy(given.caption)
    for asking in image.split(rows):  # type: ignore[no-untyped-call]
        for answers in caption.split(columns):  # type: ignore[no-untyped-call]
            asking @ answers.T


def extra_megabytes(given: Made) -> float | None:
    """Peak memory of ranking beyond the vectors, in a process that does nothing else.

    None where the system keeps no peak that can be set back, as Linux does.
    """
    if not RESET.exists():
        return None
    with TemporaryDirectory() as folder:
        given.embeddings().save(Path(folder))
        words = [sys.executable, "-m", "benchmarks.ranking", "--memory-of", folder]
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return float(json.loads(told))


def _memory_of(folder: Path) -> None:
    """Print by how much the peak of this process rises when it ranks what is saved there."""
    embeddings = Embeddings.load(folder)
    rank(made_up(2, embeddings.image.value.shape[1]).embeddings())
    RESET.write_text("5", encoding="ascii")  # the peak is what is held now
    before = kilobytes("VmHWM")
    rank(embeddings)
    print(round((kilobytes("VmHWM") - before) * 1024 / MEGABYTE, 1))


def kilobytes(name: str) -> int:
    """A field of what Linux says of this process, such as its peak ``VmHWM``."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _unit(vectors: npt.NDArray[np.float64]) -> Float32:
    found: Float32 = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def _require_same(given: Made) -> list[float]:
    """The mean ranks both ways, if ours are those of the plain reference and worth comparing."""
    plain, ours = plain_ranks(given), rank(given.embeddings())
    same = all(map(np.array_equal, (ours.i2t.best, ours.t2i.best), plain))
    if not same or ours.tied_queries:
        raise SystemExit(f"{len(given.image)} images: the ranks differ from the plain reference")
    means = [float(ranks.mean()) for ranks in plain]
    if min(means) <= WORTH_COMPARING:
        raise SystemExit(f"{len(given.image)} images: mean ranks {means} prove nothing")
    return [round(mean, 1) for mean in means]


def measure(images: int, width: int, rounds: int) -> dict[str, Any]:
    """The row of one size."""
    given = made_up(images, width)
    embeddings, means = given.embeddings(), _require_same(given)
    limit = compare(
        "product",
        partial(rank, embeddings),
        partial(product, given),
        rounds=max(rounds, 5),
        clock=time.process_time,
    )
    row = compare(
        "ranking",
        partial(rank, embeddings),
        partial(plain_ranks, given),
        rounds=rounds,
        clock=time.process_time,
        images=images,
        captions=len(given.caption),
        width=width,
        same_ranks=True,
        mean_ranks=means,
    )
    of_product = {"of_one_product": limit["ratio"], "product_s": limit["plain_s"]}
    return {**row, **of_product, "extra_megabytes": extra_megabytes(given)}


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="5000 x 25000 too (minutes)")
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.memory_of:
        _memory_of(given.memory_of)
        return
    for images, rounds in ((1000, 5), (5000, 1))[: 2 if given.full else 1]:
        show(measure(images, given.width, rounds))


if __name__ == "__main__":
    main()
