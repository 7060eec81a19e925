"""A picture that somebody hands in, decoded as stage one decodes."""

import io
import os
from pathlib import Path

from PIL import Image

from core.errors import InputError
from core.files import read_regular
from core.pictures import MOST_FILE, MOST_PIXELS
from core.upright import orientation_of, upright
from extract.images import UnreadablePicture, decode, quiet_decoder
from extract.memory import said_when_short
from extract.modes import to_rgb

Picture = str | os.PathLike[str] | bytes | Image.Image
"""The path of a file, the bytes of one, or a picture of Pillow's that is opened already."""
WAY_OUT = "give another picture, or save it again as JPEG or PNG"


def opened(picture: Picture, name: str) -> Image.Image:
    """Upright RGB by the decoder of stage one and with its limits (``extract.images.decode``).

    A picture of Pillow's is turned as its metadata say, too, and left as it is.

    Raises:
        InputError: it is no picture, damaged, or too large; its ``name`` and why.
        OSError: there is no such file, or it cannot be read; with its name.
    """
    try:
        with said_when_short(name, "close other programs, or give a smaller one"), quiet_decoder():
            if isinstance(picture, Image.Image):
                return _as_decoded(picture)
            if not isinstance(picture, bytes):
                picture = read_regular(Path(picture), most=MOST_FILE)
            return decode(io.BytesIO(picture))
    except UnreadablePicture as reason:
        raise InputError(f"{name} cannot be read as a picture: {reason}; {WAY_OUT}") from None


def _as_decoded(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > MOST_PIXELS:
        raise UnreadablePicture(f"more than {MOST_PIXELS:,} pixels")
    if not picture.width * picture.height:
        raise UnreadablePicture("it has no pixels")
    picture.load()
    return upright(to_rgb(picture), orientation_of(picture))
