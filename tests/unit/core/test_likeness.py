"""Pictures that look alike: the hash against its formula, and what it must not see."""

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageEnhance, ImageFilter

from core.errors import InputError
from core.hamming import distance
from core.likeness import grey_hash, picture_hash


def picture(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Smooth colours with some structure, as a photograph has."""
    noise = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def slow_hash(grey: np.ndarray) -> int:
    """Zauner's steps one by one, in float64: DCT-II by its sum, the median, the bits."""
    values = grey.astype(np.float64)
    coefficients = [
        sum(
            values[y, x]
            * math.cos(math.pi / 32 * (y + 0.5) * down)
            * math.cos(math.pi / 32 * (x + 0.5) * across)
            for y in range(32)
            for x in range(32)
        )
        for down in range(1, 9)
        for across in range(1, 9)
    ]
    middle = float(np.median(coefficients))
    return int("".join("1" if value > middle else "0" for value in coefficients), 2)


@pytest.mark.parametrize("seed", range(4))
def test_the_hash_is_that_of_the_formula(seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (32, 32)).astype(np.float64)
    assert grey_hash(grey) == slow_hash(grey)
    small = picture(seed, (32, 32)).convert("L")
    assert picture_hash(saved(small)) == slow_hash(np.asarray(small))


def test_scale_and_offset_change_nothing() -> None:
    grey = np.random.default_rng(0).random((32, 32))
    assert grey_hash(grey) == grey_hash(grey * 3.7) == grey_hash(grey + 1e3)
    assert grey_hash(-grey) == grey_hash(grey) ^ (2**64 - 1)


@pytest.mark.parametrize("value", [0.0, 0.1, 255.0])
def test_one_colour_is_0(value: float) -> None:
    assert grey_hash(np.full((32, 32), value)) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda image: saved(image, "JPEG", quality=90),
        lambda image: saved(image, "JPEG", quality=30),
        lambda image: saved(image, "WEBP", quality=70),
        lambda image: saved(image.resize((160, 120), Image.Resampling.LANCZOS)),
        lambda image: saved(image.resize((1280, 960), Image.Resampling.BICUBIC), "JPEG"),
        lambda image: saved(image.convert("L")),
        lambda image: saved(image.quantize(200)),
        lambda image: saved(ImageEnhance.Brightness(image).enhance(0.8)),
        lambda image: saved(image.filter(ImageFilter.GaussianBlur(1))),
    ],
)
def test_what_a_person_takes_for_the_same_is_near(change: Callable[[Image.Image], bytes]) -> None:
    for seed in range(5):
        image = picture(seed)
        assert distance(picture_hash(saved(image)), picture_hash(change(image))) <= 4


def test_other_pictures_are_far() -> None:
    hashes = [picture_hash(saved(picture(seed))) for seed in range(40)]
    apart = [distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(apart) > 12
    assert 28 < float(np.mean(apart)) < 36


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_taken_upright(format: str, orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = picture(3)
    lying = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    found = picture_hash(saved(lying, format, exif=exif))
    assert distance(found, picture_hash(saved(upright))) <= 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I", "F", "I;16"])
def test_every_mode_has_one(mode: str) -> None:
    image = picture(1)
    if mode in ("I;16", "I", "F"):
        grey = np.asarray(image.convert("L"))
        kinds = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
        made = Image.fromarray(grey.astype(kinds[mode]) * 200)
    else:
        made = image.convert(mode)
    assert made.mode == mode
    most = 16 if mode == "1" else 6
    assert distance(picture_hash(saved(made, "TIFF")), picture_hash(saved(image))) <= most


def test_transparent_parts_lie_over_white() -> None:
    image = picture(2).convert("RGBA")
    mask = Image.new("L", image.size, 255)
    mask.paste(0, (0, 0, 160, 240))
    image.putalpha(mask)
    white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    assert distance(picture_hash(saved(image)), picture_hash(saved(white))) <= 2


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (saved(picture(0), "JPEG")[:2000], "truncated"),
        (saved(picture(0))[:3000], "truncated"),
        (saved(Image.fromarray(np.full((9, 9), np.nan, np.float32)), "TIFF"), "not finite"),
    ],
)
def test_what_cannot_be_read_has_a_reason(data: bytes, word: str) -> None:
    with pytest.raises(InputError, match=word):
        picture_hash(data)


def test_pixels_are_claimed_before_they_are_decoded() -> None:
    claimed: list[int] = []
    picture_hash(saved(picture(0)), claimed.append)
    picture_hash(saved(picture(0, (3200, 2400)), "JPEG"), claimed.append)
    assert claimed[0] == 320 * 240
    assert claimed[1] < 3200 * 2400 / 30
    with pytest.raises(MemoryError):
        picture_hash(saved(picture(0)), _short)


def _short(pixels: int) -> None:
    raise MemoryError
