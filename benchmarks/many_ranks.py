"""Exact ranks of 100,000 pictures and 500,000 captions whose vectors are mapped from a disk.

The vectors are written as two ``.npy`` files and mapped, so that no copy of them is in memory. All
that happens once (lengths, right pairs, tosses) is done for all, the blocks of scores for the first
of the pictures, with all captions each; the whole is that much more of the same. Seconds are
CPU-seconds of one thread. ``own_megabytes`` is the largest memory of the process's own while it
ranks, beyond what it had before: pages of the mapped files, which the system takes back when it
wants, are not among it.

    python -m benchmarks.many_ranks FOLDER [--images 100000] [--part 2048]
"""

import argparse
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.ranking import MEGABYTE, PER_IMAGE, kilobytes, made_up
from benchmarks.timing import show
from core.matrices import open_matrix
from core.predictions import Embeddings, Vectors
from evaluate import ranking
from evaluate.scores.face import Scores
from evaluate.scores.named import scores_of
from evaluate.tile import CAPTION_BLOCK, IMAGE_BLOCK, ROWS, Tile, tiles

AT_ONCE = 1000
OWN = "RssAnon"


def written(folder: Path, images: int, width: int) -> tuple[Path, Path]:
    """Vectors like those of ``benchmarks.ranking``, some at a time; those that are there stay."""
    sizes = {"image": images, "caption": PER_IMAGE * images}
    image, caption = (folder / f"{kind}-{many}-{width}.npy" for kind, many in sizes.items())
    if not (image.exists() and caption.exists()):
        files = [
            np.lib.format.open_memmap(path, "w+", np.float32, (many, width))
            for path, many in zip((image, caption), sizes.values(), strict=True)
        ]
        for start in range(0, images, AT_ONCE):
            made = made_up(min(AT_ONCE, images - start), width, seed=start)
            files[0][start : start + AT_ONCE] = made.image
            files[1][PER_IMAGE * start : PER_IMAGE * (start + AT_ONCE)] = made.caption
    return image, caption


def mapped(image: Path, caption: Path) -> Embeddings:
    """With ids; nothing of the vectors is copied."""
    sides = [
        Vectors(np.array([f"{kind} {row}" for row in range(len(value))]), value)
        for kind, value in (("image", open_matrix(image)), ("caption", open_matrix(caption)))
    ]
    owner = np.repeat(np.arange(len(sides[0].id)), PER_IMAGE)
    return Embeddings(sides[0], sides[1], owner)


class Watched:
    """The first blocks of scores, and what the process held and took when each was asked for."""

    def __init__(self, part: int) -> None:
        """Of so many images, in whole blocks."""
        self.images = -(-part // IMAGE_BLOCK) * IMAGE_BLOCK
        self.kilobytes, self.began, self.ended = 0, 0.0, 0.0

    def __call__(self, scores: Scores) -> Iterator[Tile]:
        """As ``evaluate.tile.tiles``."""
        captions = len(scores.sides.caption_id)
        self.began = time.process_time()
        many = -(-captions // CAPTION_BLOCK) * (self.images // ROWS)
        for tile in islice(tiles(scores), many):
            yield tile
            self.kilobytes = max(self.kilobytes, kilobytes(OWN))
        self.ended = time.process_time()


def product(embeddings: Embeddings, images: int) -> float:
    """Seconds of one product in float32 of the first ``images`` with all captions, in blocks."""
    assert embeddings.caption is not None
    left, found = np.array(embeddings.image.value[:images]), 0.0
    for start in range(0, len(embeddings.caption.id), 8192):
        right = np.array(embeddings.caption.value[start : start + 8192])
        began = time.process_time()
        torch.from_numpy(left) @ torch.from_numpy(right).T
        found += time.process_time() - began
    return found


def measure(folder: Path, images: int, width: int, part: int) -> dict[str, Any]:
    """The row of one size."""
    embeddings = mapped(*written(folder, images, width))
    watched = Watched(min(part, images))
    before, began = kilobytes(OWN), time.process_time()
    with patch.object(ranking, "tiles", watched):
        ranking.rank_by(scores_of(embeddings))
    ended = time.process_time()
    blocks = watched.ended - watched.began
    once = (watched.began - began) + (ended - watched.ended)
    whole = once + blocks * images / watched.images
    return {
        "name": "many_ranks",
        "images": images,
        "captions": PER_IMAGE * images,
        "width": width,
        "part": watched.images,
        "once_s": round(once, 1),
        "part_s": round(blocks, 1),
        "whole_s": round(whole),
        "whole_of_one_product": round(
            product(embeddings, watched.images) * images / watched.images / whole, 2
        ),
        "own_megabytes": round((watched.kilobytes - before) * 1024 / MEGABYTE, 1),
    }


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for the vectors (2.5 GB), which stay")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--part", type=int, default=2048)
    given = parser.parse_args()
    torch.set_num_threads(1)
    show(measure(given.folder, given.images, given.width, given.part))


if __name__ == "__main__":
    main()
