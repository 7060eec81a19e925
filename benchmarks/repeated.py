"""A collection again and again, until it is as large as one wants to search."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from pipeline.searched.collection import Collection

ELSEWHERE = 0.01
"""How far a vector that is repeated lies from the first, as a share of its length."""


def repeated(found: Collection, count: int) -> Collection:
    """``found`` again and again, until it has ``count`` pictures, or as many as it has.

    The first of each has its captions, which nobody finds.
    """
    draw = np.random.default_rng(0)
    count = max(count, len(found.corpus.images))
    rows = np.arange(count) % len(found.corpus.images)
    value = found.images.value[rows]
    length = np.linalg.norm(value[:, : found.dim], axis=1, keepdims=True)
    noise = draw.standard_normal((count, found.dim), dtype=np.float32)
    value[:, : found.dim] += ELSEWHERE * length * noise / np.sqrt(np.float32(found.dim))
    ids = [f"{number:07d}" for number in range(count)]
    images = [replace(found.corpus.images[row], id=ids[n]) for n, row in enumerate(rows.tolist())]
    corpus = Corpus.build(found.corpus.name, images, _captions(found.corpus, images))
    return replace(found, corpus=corpus, images=Vectors(np.array(ids), value), captions=None)


def _captions(corpus: Corpus, images: list[Image]) -> Iterator[tuple[str, Caption]]:
    for caption, owner in zip(corpus.captions, corpus.owner.tolist(), strict=True):
        yield images[owner].id, caption
