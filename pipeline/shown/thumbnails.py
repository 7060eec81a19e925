"""Small pictures in a page: decoded as stage one decodes them, and within a budget of bytes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import InputError, TencropError
from core.pictures import MOST_FILE
from core.places import Place, read_place
from core.records import Image
from pipeline.shown.figure import data_uri
from pipeline.shown.markup import Html, tag

EDGE = 160
"""Pixels of the longer side."""
QUALITY = 72
BUDGET = 3 * 2**20
"""Bytes of all pictures of a page as they stand in it."""


class Unshown(Exception):
    """A picture that is not to be seen; the message is why."""


def thumbnail(place: Place, edge: int = EDGE) -> bytes:
    """The picture as JPEG, upright, its longer side at most ``edge`` pixels; none is enlarged.

    Raises:
        Unshown: it cannot be read, is no picture, or one that stage one would not read.
        MemoryError: memory is too short.
    """
    from PIL import Image as Pillow

    from extract.images import UnreadablePicture, decode

    try:
        picture = decode(read_place(place, most=MOST_FILE))
    except UnreadablePicture as error:
        raise Unshown(str(error)) from error
    except (OSError, TencropError) as error:
        raise Unshown(getattr(error, "strerror", None) or str(error)) from error
    picture.thumbnail((edge, edge), Pillow.Resampling.BICUBIC, reducing_gap=2.0)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


class Thumbnails:
    """The pictures of one page, each decoded once."""

    def __init__(self, *, edge: int = EDGE, budget: int = BUDGET):
        """Of so many pixels, as long as all together are no more than ``budget`` bytes."""
        self._edge, self._left = edge, budget
        self._made: dict[Place, str] = {}

    def of(self, image: Image, alt: str = "") -> Html:
        """The picture, or a box that says why it is not to be seen.

        Args:
            image: of a corpus.
            alt: what it is, where no text beside it tells; its id by default.
        """
        try:
            uri = self._uri(_place(image))
        except Unshown as error:
            return tag("span", f"not shown: {error}", class_="gone", title=image.id)
        return tag("img", src=uri, alt=alt or image.id, title=image.id, class_="thumb")

    def _uri(self, place: Place) -> str:
        if place in self._made:
            self._spend(len(self._made[place]))
            return self._made[place]
        if self._left <= 0:
            raise Unshown("this page has pictures enough")
        uri = data_uri(thumbnail(place, self._edge), "image/jpeg")
        self._spend(len(uri))
        self._made[place] = uri
        return uri

    def _spend(self, size: int) -> None:
        if size > self._left:
            self._left = 0
            raise Unshown("this page has pictures enough")
        self._left -= size


@contextmanager
def decoding() -> Iterator[None]:
    """Around thumbnails, in the main thread: what decoders remark is nobody's concern here."""
    from extract.images import quiet_decoder

    with quiet_decoder():
        yield


def _place(image: Image) -> Place:
    try:
        place = image.picture
    except InputError as error:
        raise Unshown("it is no picture, but a vector") from error
    if isinstance(place, Path) and not place.exists():
        raise Unshown("its file is not there")
    return place
