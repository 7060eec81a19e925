"""Which pictures look alike, whatever their bytes are: a hash of 64 bits a picture.

The DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions"
(thesis, Hagenberg 2010, section 3.2.1): the picture in grey at 32 x 32, its discrete cosine
transform, of this the 8 x 8 lowest frequencies without the first row and column, and of each of
these one bit: is it above their median? So a picture that was saved again, resized, brightened or
turned into grey has a hash that differs in few bits, and two pictures of other things differ in
about 32.
"""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from core.errors import InputError
from core.pictures import FORMATS, MOST_PIXELS
from core.upright import orientation_of, upright

SIDE, LOW = 32, 8
_DIRECT = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F")
"""The modes of Pillow whose values may be averaged as they are."""


def picture_hash(data: bytes, claim: Callable[[int], None] = lambda pixels: None) -> int:
    """The hash of a picture file: frame 0, upright by its EXIF orientation, over white.

    A JPEG is decoded no larger than is needed, about ten times as fast as whole.

    Args:
        data: the file's bytes.
        claim: called with the number of pixels that will be decoded, before they are.

    Returns:
        0 to 2^64 - 1.

    Raises:
        InputError: not a picture, damaged, or too large; the message is the reason.
        MemoryError: memory is too short.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InputError(f"more than {MOST_PIXELS:,} pixels")
            picture.draft(None, (2 * SIDE, 2 * SIDE))
            claim(picture.width * picture.height)
            picture.load()
            return grey_hash(_grey(picture))
    except UnidentifiedImageError:
        raise InputError(f"not a picture ({', '.join(FORMATS)} are read)") from None
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a damaged file can raise almost anything inside a decoder
        raise InputError(" ".join(str(error).split()) or type(error).__name__) from None


def grey_hash(grey: npt.NDArray[np.float64]) -> int:
    """The hash of grey values, (32, 32) finite numbers of any scale; 0 where all are equal.

    The first of the 64 bits, the highest, is that of the lowest frequency down and across; then
    across first. Values are rounded to a millionth of the largest, so that noise in the last digits
    decides nothing.
    """
    low = _BASIS @ (grey - grey.mean()) @ _BASIS.T
    largest = float(np.abs(low).max())
    if largest <= 1e-9 * float(np.abs(grey).max()):
        return 0
    rounded = np.round(low / largest, 6)
    bits = (rounded > np.median(rounded)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _basis() -> npt.NDArray[np.float64]:
    """(8, 32): the cosines of the frequencies 1 to 8 (DCT-II, without its common factor)."""
    places = np.arange(SIDE) + 0.5
    return np.cos(np.pi / SIDE * np.outer(np.arange(1, LOW + 1), places))


_BASIS = _basis()


def _grey(picture: Image.Image) -> npt.NDArray[np.float64]:
    """(32, 32): each value the mean of what it covers, so that no detail falls between."""
    small = upright(_small(picture), orientation_of(picture))
    values = np.asarray(small, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError("pixels that are not finite")
    return values


def _small(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray(np.asarray(picture).astype(np.float32))
    elif picture.mode not in _DIRECT or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    if small.mode in ("I", "F"):
        return small
    if small.has_transparency_data:
        small = small.convert("RGBA")
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    return small.convert("L")
