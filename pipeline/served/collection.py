"""What of a searcher is served: which pictures may be seen, and what is said of one."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from core.matrices import Row
from core.places import Place, file_of
from core.records import SPLITS, Image
from pipeline.searched.face import Searcher
from pipeline.served.refused import Refused

SOME = 10
"""So many pictures are shown of a collection that nothing was asked of."""


@dataclass(frozen=True)
class ServedCorpus:
    """A corpus that is searched.

    ``root`` is its folder, also once it is gone, which nobody is told; ``splits`` are those that
    may be seen, all where there are none.
    """

    name: str
    searcher: Searcher
    root: Path
    splits: tuple[str, ...] = ()

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The pictures of each split that may be seen: train, val, test, then others by name."""
        found = Counter(image.split for image in self.searcher.corpus.images)
        order = [*SPLITS, *sorted(found.keys() - SPLITS)]
        return {split: found[split] for split in order if found[split] and self._seen(split)}

    @cached_property
    def captions(self) -> int:
        """How many captions the pictures have that may be seen."""
        corpus = self.searcher.corpus
        seen = np.array([self._seen(image.split) for image in corpus.images], dtype=bool)
        return int(seen[corpus.owner].sum())

    @cached_property
    def some(self) -> list[int]:
        """Rows of a few pictures that may be seen, from the first to the last of them."""
        seen = [row for row, i in enumerate(self.searcher.corpus.images) if self._seen(i.split)]
        few = min(SOME, len(seen))
        return [seen[(2 * place + 1) * len(seen) // (2 * few)] for place in range(few)]

    def among(self, split: str) -> tuple[str, ...]:
        """The splits that are searched where ``split`` is asked for; all where it is empty.

        Raises:
            Refused: 400: there is no such split.
        """
        if split and split not in self.sizes:
            there = ", ".join(self.sizes)
            raise Refused(400, f"there is no split {split!r}; choose one of {there}, or none")
        return (split,) if split else self.splits

    def image(self, row: int) -> Image:
        """The picture of a row.

        Raises:
            Refused: 404: there is none, or it may not be seen.
        """
        images = self.searcher.corpus.images
        if not (0 <= row < len(images) and self._seen(images[row].split)):
            raise Refused(404, f"there is no picture {row}; search for those that there are")
        return images[row]

    def captions_of(self, row: int) -> list[str]:
        """The captions of a picture, in their order."""
        return [caption.text for caption in self.searcher.corpus.captions_of(row)]

    def path_of(self, row: int) -> str:
        """Where a picture is inside the corpus, for a person; empty where it is none."""
        place = self.searcher.corpus.images[row].place
        return "" if place is None or isinstance(place, Row) else inside(place, self.root)

    def _seen(self, split: str) -> bool:
        return not self.splits or split in self.splits


def inside(place: Place, root: Path) -> str:
    """A place as it is called below ``root``; of one that is elsewhere its last name alone."""
    file = file_of(place)
    for path, folder in ((file, root), (file.resolve(), root.resolve())):
        if path.is_relative_to(folder):
            return str(place).replace(str(file), str(path.relative_to(folder)), 1)
    return str(place).replace(str(file), file.name, 1)
