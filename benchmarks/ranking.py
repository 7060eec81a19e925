"""Exact ranks in one pass of blocks against one argsort a query.

The plain reference is the field's protocol: for every image sort all captions, for every caption
sort all images, on float64 scores in numpy. Both must give the same ranks.

    python -m benchmarks.ranking [--full]
"""

import argparse

import numpy as np
import numpy.typing as npt

from benchmarks.timing import compare, show
from core.embeddings import Embeddings
from evaluate.ranking import rank

PER_IMAGE = 5


def made_up(images: int, width: int, seed: int = 0) -> Embeddings:
    """Unit vectors: captions near their image, five an image, without ties."""
    draw = np.random.default_rng(seed)
    image = draw.standard_normal((images, width))
    owner = np.repeat(np.arange(images), PER_IMAGE)
    caption = image[owner] + 3 * draw.standard_normal((len(owner), width))
    image_vector, caption_vector = (
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        for vectors in (image, caption)
    )
    return Embeddings(
        image_id=np.array([f"image {i}" for i in range(images)]),
        image_vector=image_vector,
        caption_id=np.array([f"caption {c}" for c in range(len(owner))]),
        caption_vector=caption_vector,
        owner=owner,
    )


def plain_ranks(given: Embeddings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Ranks from 1, image to text and text to image: all scores at once, one argsort a query."""
    scores = given.image_vector.astype(float) @ given.caption_vector.astype(float).T
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
        ours, plain = rank(vectors), plain_ranks(vectors)
        same = np.array_equal(ours.i2t, plain[0]) and np.array_equal(ours.t2i, plain[1])
        if not same or ours.tied_queries:
            raise SystemExit(f"{images} images: the ranks differ from the plain reference")
        row = compare(
            "ranking",
            lambda vectors=vectors: rank(vectors),  # type: ignore[misc]
            lambda vectors=vectors: plain_ranks(vectors),  # type: ignore[misc]
            rounds=rounds,
            images=images,
            captions=len(vectors.caption_id),
            width=given.width,
            same_ranks=same,
        )
        show(row)


if __name__ == "__main__":
    main()
