"""Any mode of Pillow as RGB: nothing clipped, nothing transparent, one strip of rows at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

STRIP = 2**20  # pixels: what is in between is then small against the picture itself


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded picture to 8-bit RGB; one that is RGB already is given back itself.

    Transparent pixels lie over white. 16-bit grey is divided by 257, so that 65535 is white. The
    modes ``I`` and ``F`` have no agreed white: their least value becomes black, their greatest
    white. ``Image.convert`` would clip these three at 255.

    Beside ``image`` and the result no more than a few strips are in memory.

    Raises:
        ValueError: a mode that Pillow cannot convert, or pixels that are not finite.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    convert = _conversion(image)
    rgb = Image.new("RGB", image.size, None)
    for box in _strips(image):
        rgb.paste(convert(image.crop(box)), box)
    return rgb


def _conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """What makes RGB of each strip of ``image``."""
    if image.mode.startswith("I;16"):
        return lambda strip: _grey(np.asarray(strip) / 257.0)
    if image.mode in ("I", "F"):
        return _stretch(image)
    if image.has_transparency_data:
        return _over_white
    return lambda strip: strip.convert("RGB")


def _strips(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Boxes (left, upper, right, lower) that cover ``image``, of about ``STRIP`` pixels."""
    rows = max(1, STRIP // max(1, image.width))
    for top in range(0, image.height, rows):
        yield 0, top, image.width, min(top + rows, image.height)


def _over_white(strip: Image.Image) -> Image.Image:
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")


def _stretch(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """From the least and the greatest value of the whole ``image`` to black and white."""
    ends = [(v.min(), v.max()) for v in map(_values, map(image.crop, _strips(image)))]
    low, high = np.min([least for least, _ in ends]), np.max([most for _, most in ends])
    if not np.isfinite(high - low):
        raise ValueError("pixels that are not finite")
    scale = 255.0 / (high - low) if high > low else 0.0
    return lambda strip: _grey((_values(strip) - low) * scale)


def _values(strip: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(strip, dtype=np.float64)


def _grey(values: npt.NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")
