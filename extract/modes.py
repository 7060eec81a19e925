"""Any mode of Pillow as RGB: nothing clipped, nothing transparent."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded picture to 8-bit RGB.

    Transparent pixels lie over white. 16-bit grey is divided by 257, so that 65535 is white. The
    modes ``I`` and ``F`` have no agreed white: their least value becomes black, their greatest
    white. ``Image.convert`` would clip these three at 255.

    Raises:
        ValueError: a mode that Pillow cannot convert, or pixels that are not finite.
    """
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image) / 257.0)
    if image.mode in ("I", "F"):
        return _grey(_stretch(np.asarray(image, dtype=np.float64)))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _stretch(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    low, high = values.min(), values.max()
    if not np.isfinite(high - low):
        raise ValueError("pixels that are not finite")
    return (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)


def _grey(values: npt.NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")
