"""Which pictures that are asked about look like one that was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.hamming import nearest
from pipeline.leaks.copies import RADIUS
from pipeline.leaks.hashed import ABSENT, hashed
from pipeline.leaks.training import Pictures

NOT_ASKED = "--no-likeness"
UNKNOWN = "what was trained on is not known"
NONE_LEFT = "all of these pictures were trained on"
STORED = "stored vectors are no pictures"


@dataclass(frozen=True, slots=True)
class Alike:
    """What was found.

    ``pairs`` are (picture that is asked about, the nearest one that was trained on, in how many of
    64 bits their hashes differ). So many as ``asked`` were compared with ``trained``; ``unseen``
    counts, by the reason, the pictures of both that were not. ``why`` nothing was looked at, where
    that is so.
    """

    pairs: tuple[tuple[str, str, int], ...] = ()
    asked: int = 0
    trained: int = 0
    unseen: Mapping[str, int] = field(default_factory=dict)
    why: str = ""

    @staticmethod
    def of(asked: Pictures, trained: Pictures, work: Path) -> "Alike":
        """Compare each of ``asked`` with all of ``trained``, by hashes (see ``hashed``)."""
        found = hashed((asked, trained), work)
        ours, theirs = found.sides
        here, there = (np.array([*side.values()], dtype=np.uint64) for side in found.sides)
        rows, bits = nearest(here, there, RADIUS)
        names = list(theirs)
        near = zip(ours, rows.tolist(), bits.tolist(), strict=True)
        pairs = tuple((name, names[row], apart) for name, row, apart in near if row >= 0)
        return Alike(pairs, len(ours), len(theirs), found.unseen)

    def to_json(self) -> dict[str, Any]:
        """As JSON values; ``pictures`` is null where nothing was looked at."""
        return {
            "pictures": None if self.why else len(self.pairs),
            "bits": RADIUS,
            "compared": [self.asked, self.trained],
            "unseen": dict(sorted(self.unseen.items())),
            "why": self.why,
        }


def absent_then(told: Mapping[str, Any]) -> int:
    """Of what ``to_json`` gave, how many pictures were not looked at that may be put back."""
    return sum(told["unseen"].get(why, 0) for why in ABSENT)
