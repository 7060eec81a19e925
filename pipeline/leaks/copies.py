"""Which pictures are the same file, and which look alike; within a split and across."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.hamming import distance, near_groups
from core.records import Image
from pipeline.leaks.looks import Look

RADIUS = 4
"""Bits of 64. docs/looking.md says what it finds in Flickr8k."""
_SIDE = {"train": "train", "restval": "train", "val": "val", "test": "test"}
"""Which pictures must not be alike: what is trained on, chosen by and asked about."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Pictures that are one, or nearly.

    ``members`` are two or more (id, split); each differs from its nearest in at most ``bits`` bits.
    """

    members: tuple[tuple[str, str], ...]
    bits: int

    @property
    def across(self) -> bool:
        """Whether two of the parts train, val and test have a member each."""
        return len(self.sides) > 1

    @property
    def sides(self) -> tuple[tuple[str, str], ...]:
        """The first member in each of the parts train, val and test that has any."""
        first: dict[str, tuple[str, str]] = {}
        for name, split in self.members:
            if split in _SIDE:
                first.setdefault(_SIDE[split], (name, split))
        return tuple(first.values())

    def to_json(self) -> dict[str, Any]:
        """As JSON values: ``members`` are lists of id and split."""
        members = [list(member) for member in self.members]
        return {"members": members, "across": self.across, "bits": self.bits}


def same_files(images: Sequence[Image], looks: Sequence[Look]) -> list[Copies]:
    """The pictures whose files have the same bytes."""
    by_digest = defaultdict(list)
    for image, look in zip(images, looks, strict=True):
        if look.sha256:
            by_digest[look.sha256].append((image.id, image.split))
    return [Copies(tuple(group), 0) for group in by_digest.values() if len(group) > 1]


def alike(images: Sequence[Image], looks: Sequence[Look], radius: int = RADIUS) -> list[Copies]:
    """The pictures of different files that look alike.

    Of several pictures of one file only the first in each of train, val and test is named.
    """
    rows, hashes = _distinct(images, looks)
    found = []
    for group in near_groups(np.array(hashes, dtype=np.uint64), radius):
        if len({looks[rows[place]].sha256 for place in group}) > 1:
            members = [(images[rows[place]].id, images[rows[place]].split) for place in group]
            found.append(Copies(tuple(members), _bits([hashes[place] for place in group])))
    return found


def _distinct(images: Sequence[Image], looks: Sequence[Look]) -> tuple[list[int], list[int]]:
    """The rows, and the hashes, of the first picture of each file in each part."""
    first: dict[tuple[str, str], tuple[int, int]] = {}
    for row, (image, look) in enumerate(zip(images, looks, strict=True)):
        if look.hash is not None:
            first.setdefault((look.sha256, _SIDE.get(image.split, "")), (row, look.hash))
    return [row for row, _ in first.values()], [hash for _, hash in first.values()]


def _bits(hashes: Sequence[int]) -> int:
    return max(
        min(distance(one, other) for j, other in enumerate(hashes) if i != j)
        for i, one in enumerate(hashes)
    )
