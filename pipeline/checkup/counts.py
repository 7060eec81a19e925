"""A corpus in numbers: pictures, captions and labels, by split."""

from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from core.records import ALL_SPLITS, Corpus

MOST = 5


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """One split: its pictures, its captions, and how many pictures have none of these."""

    pictures: int
    captions: int
    bare: int


@dataclass(frozen=True, slots=True)
class Counts:
    """``splits`` are in their usual order; ``captions_a_picture`` counts pictures that have any.

    ``labelled`` pictures have labels, of which there are as many as ``labels``; ``most`` are the
    most frequent, with how many pictures have each.
    """

    splits: dict[str, SplitCounts]
    captions_a_picture: dict[str, float]
    labelled: int
    labels: int
    most: tuple[tuple[str, int], ...]

    @staticmethod
    def of(corpus: Corpus) -> "Counts":
        """The numbers of a corpus."""
        per_picture = np.bincount(corpus.owner, minlength=len(corpus.images)).tolist()
        told = [count for count in per_picture if count]
        spread = {"min": min(told), "median": median(told), "max": max(told)} if told else {}
        labels = Counter(label for image in corpus.images for label in image.labels)
        return Counts(
            _parts(corpus, per_picture),
            spread,
            sum(bool(image.labels) for image in corpus.images),
            len(labels),
            tuple(sorted(labels.items(), key=lambda item: (-item[1], item[0]))[:MOST]),
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "most": [list(each) for each in self.most]}


def _parts(corpus: Corpus, per_picture: list[int]) -> dict[str, SplitCounts]:
    rows: dict[str, list[int]] = {}
    for image, captions in zip(corpus.images, per_picture, strict=True):
        rows.setdefault(image.split, []).append(captions)
    usual = [split for split in ALL_SPLITS if split in rows]
    return {
        split: SplitCounts(len(rows[split]), sum(rows[split]), rows[split].count(0))
        for split in (*usual, *sorted(rows.keys() - set(usual)))
    }
