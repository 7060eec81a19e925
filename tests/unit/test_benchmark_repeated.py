"""A collection that is repeated has as many pictures as are asked for, each near its first."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.repeated import repeated
from core.records import Caption, Corpus, Image
from core.vectors import Vectors
from pipeline.searched.collection import Collection


@pytest.mark.parametrize("biased", [False, True])
def test_a_collection_again_and_again(biased: bool) -> None:
    images = [Image(name, Path(f"{name}.jpg"), "test") for name in "abc"]
    captions = [(name, Caption(f"{name}{n}", f"{name} {n}")) for name in "abc" for n in range(2)]
    value = np.random.default_rng(0).normal(size=(3, 64 + biased)).astype(np.float32)
    corpus = Corpus.build("few", images, captions)
    found = Collection(corpus, Vectors(np.array(list("abc")), value), None, "cosine", biased)
    many = repeated(found, 8)
    assert [image.place for image in many.corpus.images] == [images[n % 3].place for n in range(8)]
    assert many.images.id.tolist() == [image.id for image in many.corpus.images]
    assert [many.corpus.owner.tolist(), many.corpus.captions] == [
        corpus.owner.tolist(),
        corpus.captions,
    ]
    first = value[np.arange(8) % 3]
    apart = np.linalg.norm((many.images.value - first)[:, :64], axis=1)
    share = apart / np.linalg.norm(first[:, :64], axis=1)
    assert (share > 0.005).all()
    assert (share < 0.02).all()
    assert (many.images.value[:, 64:] == first[:, 64:]).all()
    assert len(repeated(found, 1).corpus.images) == 3
