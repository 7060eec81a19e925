"""The vectors of a corpus by a run, some at a time, with a bar."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.records import Corpus
from core.sources import Source, of_captions
from core.vectors import Vectors
from pipeline.said.progress import bar

if TYPE_CHECKING:
    from train.trained import Trained

AT_ONCE = 2048
"""Pictures, or captions, that are encoded together: their features are read at once."""
Values = npt.NDArray[np.float32]


def with_features(whole: Corpus, sources: Mapping[str, Source]) -> Corpus:
    """The pictures of ``whole`` that every source of pictures has, and their captions."""
    ids = [image.id for image in whole.images]
    pictures = [source for source in sources.values() if not of_captions(source.made_by)]
    lacks = [source.rows(ids) < 0 for source in pictures]
    return whole.select(~np.any(lacks, axis=0))


@dataclass(frozen=True, slots=True)
class Computed:
    """What ``trained`` makes of ``part``, all of whose pictures have features in ``sources``."""

    trained: "Trained"
    part: Corpus
    sources: Mapping[str, Source]

    @property
    def ids(self) -> dict[str, npt.NDArray[np.str_]]:
        """The ids of the rows of each side that is there."""
        images = [image.id for image in self.part.images]
        captions = [caption.id for caption in self.part.captions]
        told = {"image": images, **({"caption": captions} if captions else {})}
        return {side: np.array(ids, dtype=np.str_) for side, ids in told.items()}

    def blocks(self) -> dict[str, Iterator[Values]]:
        """The rows of each side that is there, (some, D) float32 at a time.

        Of a run with a gallery's bias they are (some, D + 1): the last number is the bias.
        """
        found = {"image": self._blocks("picture", len(self.part.images), self._pictures)}
        if self.part.captions:
            found["caption"] = self._blocks("caption", len(self.part.captions), self._captions)
        return found

    def _blocks(self, unit: str, many: int, of: Callable[[int, int], Values]) -> Iterator[Values]:
        with bar(f"vectors of {self.part.name}", many, unit) as reach:
            for start in range(0, many, AT_ONCE):
                reach(start, many)
                yield of(start, min(start + AT_ONCE, many))
            reach(many, many)

    def _pictures(self, start: int, end: int) -> Values:
        keep = np.zeros(len(self.part.images), dtype=np.bool_)
        keep[start:end] = True
        found = self.trained.images(self.part.select(keep), self.sources)
        return _with_bias(found, self.trained.bias("image", found))

    def _captions(self, start: int, end: int) -> Values:
        some = self.part.captions[start:end]
        found = self.trained.captions(some, self.sources, self.part.splitter)
        return _with_bias(found, self.trained.bias("caption", found))


def _with_bias(found: Vectors, bias: Values | None) -> Values:
    value: Values = found.value
    return value if bias is None else np.concatenate([value, bias[:, None]], axis=1)
