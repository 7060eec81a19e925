"""Pictures as a source of pixels, for a network that stage two trains further."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.files import json_sha256
from core.pictures import MOST_FILE
from core.places import Place, place_sha256
from core.records import Image
from core.sources import Rows
from core.sources.source import refuse_no_rows
from extract.augment import COUNT, LEAST_AREA, Chances, varied
from extract.images import UnreadablePicture, crops, quiet_decoder
from extract.reading import read_picture
from extract.stated import DECODER, EXIF
from extract.transform import Transform

THREADS = 8

Item = TypeVar("Item")
Found = TypeVar("Found")


class _Picture(NamedTuple):
    place: Place
    sha256: str


class Pixels:
    """The normalised pixels of picture files, as a source; a training visit varies them.

    Without ``draw`` a picture gives the centre crop that stage one takes of it; with it, another
    part each time (``extract.augment.varied``).

    Attributes:
        encoder: the SHA-256 of ``made_by``.
        made_by: decoder, EXIF rule and transform.
        shape: (3, S, S), S the transform's crop.
        failures: id -> reason, for each picture that cannot be read.
    """

    def __init__(
        self,
        images: Iterable[Image],
        transform: Transform,
        *,
        progress: Callable[[int, int], None] | None = None,
        unreadable: Mapping[str, str] | None = None,
        least_area: float = LEAST_AREA,
    ):
        """Read and decode every picture once, so that training meets none that cannot be read.

        Args:
            images: of a corpus.
            transform: of the network's weights.
            progress: called with (pictures done, pictures in all).
            unreadable: what ``failures`` was of the same files: they are read, and not decoded.
            least_area: share of a picture that a training visit sees at least.
        """
        self._unreadable, self._least_area = unreadable, least_area
        self.shape: tuple[int, ...] = (3, transform.crop, transform.crop)
        self.made_by: Mapping[str, Any] = {
            "decoder": DECODER,
            "exif": EXIF,
            "transform": transform.facts(),
        }
        self.encoder = json_sha256(self.made_by)
        self.varies = True
        self.settings: Mapping[str, Any] | None = None
        self.code: Mapping[str, str] | None = None
        self.failures: dict[str, str] = {}
        self._transform = transform
        self._pictures: list[_Picture] = []
        self._row: dict[str, int] = {}
        wanted = list(images)
        for done, (image, found) in enumerate(
            zip(wanted, _in_threads(self._look, wanted), strict=True), start=1
        ):
            if isinstance(found, str):
                self.failures[image.id] = found
            else:
                self._row[image.id] = len(self._pictures)
                self._pictures.append(found)
            if progress:
                progress(done, len(wanted))

    def rows(self, ids: Iterable[str]) -> Rows:
        """The row of each id, (n,) int64; -1 where there is no picture, or none to be read."""
        return np.array([self._row.get(image_id, -1) for image_id in ids], dtype=np.int64)

    def read(self, rows: Rows, draw: np.random.Generator | None = None) -> npt.NDArray[np.float32]:
        """The pixels of ``rows`` (n,): (n, 3, S, S) float32, normalised as the weights ask for.

        Each row takes the same count of numbers from ``draw``, in order, whatever the picture: the
        same state gives the same bytes, in one call or in several. Call it from one thread.

        Raises:
            CacheError: a row is no picture.
            InputError: a file has changed, or is no longer there.
        """
        refuse_no_rows("the pixels", rows, len(self._pictures))
        chances = [None] * len(rows) if draw is None else list(draw.random((len(rows), COUNT)))
        values = np.empty((len(rows), *self.shape), dtype=np.float32)
        visits = [(self._pictures[row], chance) for row, chance in zip(rows, chances, strict=True)]
        for place, found in enumerate(_in_threads(self._visit, visits)):
            values[place] = found
        return values

    def digests(self, rows: Rows) -> list[str]:
        """The SHA-256 of each picture file, as it was when this source was made.

        Raises:
            CacheError: a row is no picture.
        """
        refuse_no_rows("the pixels", rows, len(self._pictures))
        return [self._pictures[row].sha256 for row in rows]

    def _look(self, image: Image) -> _Picture | str:
        """The picture, or why it cannot be read."""
        try:
            sha256 = place_sha256(image.picture, most=MOST_FILE)
        except OSError:  # the reason is found when the picture is read
            sha256 = ""
        if self._unreadable is not None:
            return self._unreadable.get(image.id) or _Picture(image.picture, sha256)
        try:
            with read_picture(image.picture, sha256) as picture:
                crops(picture, self._transform, 1)
        except UnreadablePicture as failure:
            return str(failure)
        return _Picture(image.picture, sha256)

    def _visit(self, visit: tuple[_Picture, Chances | None]) -> Tensor:
        """(3, S, S) float32: the centre crop, or what these random numbers make."""
        picture, chance = visit
        with read_picture(picture.place, picture.sha256) as image:
            if chance is None:
                return crops(image, self._transform, 1)[0]
            return varied(image, self._transform, chance, self._least_area)


def _in_threads(work: Callable[[Item], Found], items: Sequence[Item]) -> Iterator[Found]:
    """``work`` of each item, in order."""
    threads = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))
    with quiet_decoder(), threads as pool:
        yield from pool.map(work, items)
