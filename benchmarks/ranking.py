"""Exact ranks in one pass of blocks against one argsort a query.

The plain reference is the field's protocol: for every image sort all captions, for every caption
sort all images, on float64 scores in numpy. Both must give the same ranks.

    python -m benchmarks.ranking [--full]
"""

import argparse
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.timing import compare, show
from core.predictions import Embeddings, Vectors
from evaluate.ranking import rank

PER_IMAGE = 5
WORTH_COMPARING = 3.0
Float32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """Unit vectors (images, D) and (captions, D), and the image of each caption."""

    image: Float32
    caption: Float32
    owner: Ints

    def embeddings(self) -> Embeddings:
        """With ids."""
        sides = (("image", self.image), ("caption", self.caption))
        image, caption = (
            Vectors(np.array([f"{kind} {row}" for row in range(len(value))]), value)
            for kind, value in sides
        )
        return Embeddings(image, caption, self.owner)


def made_up(images: int, width: int, seed: int = 0) -> Made:
    """Captions near their image, five an image, without ties.

    The noise drowns most of what they share: a right pair scores two standard deviations above a
    wrong one. If every right answer came first, a rank of 1 everywhere would be equal to it too.
    """
    draw = np.random.default_rng(seed)
    image = draw.standard_normal((images, width))
    owner = np.repeat(np.arange(images), PER_IMAGE)
    noise = draw.standard_normal((len(owner), width))
    caption = image[owner] + width**0.5 / 2 * noise
    image_vector, caption_vector = (
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        for vectors in (image, caption)
    )
    return Made(image_vector, caption_vector, owner)


def plain_ranks(given: Made) -> tuple[Ints, Ints]:
    """Ranks from 1, image to text and text to image: all scores at once, one argsort a query."""
    scores = given.image.astype(float) @ given.caption.astype(float).T
    i2t = np.empty(len(scores), dtype=np.int64)
    for row, line in enumerate(scores):
        i2t[row] = 1 + np.flatnonzero(given.owner[np.argsort(-line)] == row)[0]
    t2i = np.empty(len(given.owner), dtype=np.int64)
    for column, line in enumerate(scores.T):
        t2i[column] = 1 + np.flatnonzero(np.argsort(-line) == given.owner[column])[0]
    return i2t, t2i


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="5000 x 25000 too (minutes)")
    parser.add_argument("--width", type=int, default=1024)
    given = parser.parse_args()
    for images, rounds in ((1000, 5), (5000, 3))[: 2 if given.full else 1]:
        vectors = made_up(images, given.width)
        embeddings, plain = vectors.embeddings(), plain_ranks(vectors)
        ours = rank(embeddings)
        same = all(map(np.array_equal, (ours.i2t.best, ours.t2i.best), plain))
        if not same or ours.tied_queries:
            raise SystemExit(f"{images} images: the ranks differ from the plain reference")
        means = [float(ranks.mean()) for ranks in plain]
        if min(means) <= WORTH_COMPARING:
            raise SystemExit(f"{images} images: mean ranks {means} are too good to prove anything")
        row = compare(
            "ranking",
            partial(rank, embeddings),
            partial(plain_ranks, vectors),
            rounds=rounds,
            images=images,
            captions=len(vectors.caption),
            width=given.width,
            same_ranks=same,
            mean_ranks=[round(mean, 1) for mean in means],
        )
        show(row)


if __name__ == "__main__":
    main()
