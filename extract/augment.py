"""A picture varied for training: a random part of it, resized, perhaps mirrored."""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from extract.transform import Transform

LEAST_AREA, RATIO = 0.08, (3 / 4, 4 / 3)
TRIES = 10
COUNT = 4 * TRIES + 1
"""Random numbers a visit: the same count whatever the picture and however many tries it takes."""

Chances = npt.NDArray[np.float64]


def varied(
    image: Image.Image, transform: Transform, chances: Chances, least_area: float = LEAST_AREA
) -> Tensor:
    """A random resized crop, mirrored with the probability 1/2, and normalised.

    The augmentation of Szegedy et al. (2015), "Going deeper with convolutions", section 6, with the
    ranges of torchvision's ``RandomResizedCrop``: 8 % to 100 % of the area, a ratio of 3/4 to 4/3.

    Args:
        image: RGB.
        transform: ``resize`` is not used: the part becomes ``crop`` by ``crop``.
        chances: (COUNT,) float64, independent and uniform in [0, 1).
        least_area: share of the picture's area that a part has at least, above 0 and at most 1.

    Returns:
        (3, crop, crop) float32.
    """
    size = [transform.crop, transform.crop]
    mode = InterpolationMode(transform.interpolation)
    box = random_box(image.width, image.height, chances[:-1].reshape(TRIES, 4), least_area)
    part = F.resized_crop(image, *box, size, mode, antialias=True)
    upright = F.hflip(part) if chances[-1] < 0.5 else part
    pixels = F.to_tensor(upright)
    found: Tensor = F.normalize(pixels, list(transform.mean), list(transform.std))
    return found


def random_box(
    width: int, height: int, chances: Chances, least_area: float = LEAST_AREA
) -> tuple[int, int, int, int]:
    """Top, left, height and width of the first part that fits into the picture.

    The area is uniform, the logarithm of the ratio (width to height) too, then the place among
    those that fit. Where no try fits, the largest central part whose ratio is within ``RATIO``.

    Args:
        width: of the picture, at least 1.
        height: of the picture, at least 1.
        chances: (tries, 4) uniform in [0, 1): area, ratio, top, left.
        least_area: as in ``varied``.
    """
    area = width * height * (least_area + (1 - least_area) * chances[:, 0])
    least, most = math.log(RATIO[0]), math.log(RATIO[1])
    ratio = np.exp(least + (most - least) * chances[:, 1])
    wide, high = np.rint(np.sqrt(area * ratio)), np.rint(np.sqrt(area / ratio))
    fits = np.flatnonzero((wide >= 1) & (wide <= width) & (high >= 1) & (high <= height))
    if not len(fits):
        return _central(width, height)
    first = fits[0]
    w, h = int(wide[first]), int(high[first])
    top, left = chances[first, 2] * (height - h + 1), chances[first, 3] * (width - w + 1)
    return int(top), int(left), h, w


def _central(width: int, height: int) -> tuple[int, int, int, int]:
    w = max(1, min(width, round(height * RATIO[1])))
    h = max(1, min(height, round(width / RATIO[0])))
    return (height - h) // 2, (width - w) // 2, h, w
