"""What a picture that cannot be used leaves out of each stage: of the pictures, of the captions."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from core.errors import TooManyFailures
from core.records import Corpus
from pipeline.refusals.ahead import TRAINED
from pipeline.refusals.failures import DONE, too_many

_Share = tuple[int, int]
USUAL = "test"
"""The split that is asked about where none is given."""


def too_many_lost(
    corpus: Corpus,
    lost: Collection[str],
    max_errors: float,
    what: str,
    *,
    need: Sequence[str] = (),
    way: str = DONE,
) -> TooManyFailures | None:
    """The error when ``lost`` is too much for stage one, or for a stage that is to follow it.

    The number that it offers suffices for all stages: a picture has several captions, and a split
    has few of both, so the same pictures are another share of each.

    Args:
        corpus: all pictures and captions.
        lost: the ids of the pictures that cannot be used.
        max_errors: how many percent may be left out.
        what: what is said of these pictures.
        need: the splits that the stages which follow need: those of a training, then the one that
            is asked about; none where no stage follows.
        way: the way out beside that of accepting them.
    """
    gone = np.array([image.id in lost for image in corpus.images], dtype=bool)
    asked = need[len(TRAINED) :]
    captions = {split: _captions(corpus, gone, split) for split in asked or (USUAL,)}
    every = (int(gone[corpus.owner].sum()), len(corpus.captions))
    pictures = (int(gone.sum()), len(gone))
    enough = max(map(_percent, (pictures, every, *captions.values())))
    problem = too_many(*pictures, max_errors, what, way, enough)
    later = {"captions": every} if need else {}
    later |= {f"captions of {split!r}": captions[split] for split in asked}
    for told, share in later.items():
        such = f"{told} are of pictures that cannot be used"
        problem = problem or too_many(*share, max_errors, such, way, enough)
    return problem


def _captions(corpus: Corpus, gone: npt.NDArray[np.bool_], split: str) -> _Share:
    inside = np.array([image.split == split for image in corpus.images], dtype=bool)
    return int((gone & inside)[corpus.owner].sum()), int(inside[corpus.owner].sum())


def _percent(share: _Share) -> float:
    """Of a share that is all there is no number suffices: another refusal tells of that."""
    count, total = share
    return 100.0 * count / total if count < total else 0.0
