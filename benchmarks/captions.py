"""Captions to train on: Flickr30k's and Flickr8k's where they are, and drawn ones anywhere.

What captions share decides how fast they are trained on: real ones begin alike, those drawn without
grammar share little more than ``<start>`` (a lower bound).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.corpora import flickr_tokens, multi30k
from core.records import Caption, Corpus, Image

DATA = Path(os.environ.get("TENCROP_DATA", "../shared/data"))
PICTURES = 5800
"""Of Flickr30k a fifth, with as many words, each once or more, as all of it has four times."""


def corpora() -> Iterator[tuple[Corpus, int]]:
    """Each with pictures to train on and some to validate on, and how rare a known word may be."""
    yield drawn(), 1
    if (DATA / "flickr8k").is_dir():
        yield flickr_tokens.read(DATA / "flickr8k").split("train", "val"), 4
    if (DATA / "captions" / "flickr30k").is_dir():
        whole = multi30k.read(DATA / "captions" / "flickr30k").split("train", "val")
        val = np.array([image.split == "val" for image in whole.images])
        yield whole.select(val | (np.cumsum(~val) <= PICTURES)), 1


def drawn(words: int = 8500, pictures: int = 4000, each: int = 5) -> Corpus:
    """About 12 words a caption, each drawn by Zipf's law and none from the one before it."""
    draw = np.random.default_rng(0)
    odds, count = 1 / np.arange(1, words + 1), pictures * each
    lengths = draw.normal(12, 4, count).round().clip(4, 40).astype(int)
    drawn = draw.choice(words, lengths.sum(), p=odds / odds.sum())
    texts = (" ".join(f"w{n}" for n in part) for part in np.split(drawn, lengths.cumsum()[:-1]))
    ids = [f"{number:05}" for number in range(pictures)]
    captions = [
        (ids[number // each], Caption(f"{ids[number // each]}#{number % each}", text))
        for number, text in enumerate(texts)
    ]
    images = [Image(item, None, "train" if item > ids[9] else "val") for item in ids]
    return Corpus.build("drawn", images, captions)
