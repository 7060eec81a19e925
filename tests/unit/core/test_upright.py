"""Turning by EXIF's orientation, against Pillow's own way."""

import io
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from core.upright import orientation_of, upright

PIXELS = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def saved(orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "PNG", exif=exif)
    return Image.open(stream)


@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_is_turned_as_pillow_turns_it(orientation: int) -> None:
    picture = saved(orientation)
    assert orientation_of(picture) == orientation
    turned = upright(picture, orientation)
    theirs = ImageOps.exif_transpose(saved(orientation))
    assert (turned is picture) == (orientation in (0, 1, 9))
    assert np.array_equal(np.asarray(turned), np.asarray(theirs))


def test_without_metadata_or_with_damaged_ones_it_stands_upright(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = Image.fromarray(PIXELS)
    assert orientation_of(picture) == 1

    def damaged(self: Image.Image) -> Image.Exif:
        raise struct.error("unpack requires a buffer of 2 bytes")

    monkeypatch.setattr(Image.Image, "getexif", damaged)
    assert orientation_of(picture) == 1
