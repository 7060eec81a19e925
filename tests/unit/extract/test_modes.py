"""Conversion in strips against the obvious conversion of the whole picture, bit for bit."""

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from extract import modes
from extract.images import decode
from extract.modes import to_rgb

SIZES = [(1, 1), (1, 97), (97, 1), (61, 83), (64, 64)]


def whole(image):
    """Every pixel at once, each step over the whole picture."""
    if image.mode.startswith("I;16"):
        return grey(np.asarray(image) / 257.0)
    if image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        low, high = values.min(), values.max()
        return grey((values - low) * (255.0 / (high - low)) if high > low else values * 0)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def grey(values):
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")


def noise(size, channels, dtype=np.uint8):
    draw = np.random.default_rng(sum(size))
    count = size[0] * size[1] * channels
    values = np.frombuffer(draw.bytes(count * np.dtype(dtype).itemsize), dtype)
    return values.reshape(size[1], size[0], *([channels] if channels > 1 else []))


def palette(size, mode="RGB"):
    image = Image.fromarray(noise(size, 1)).copy()
    colours = np.random.default_rng(1).integers(0, 256, 256 * len(mode)).tolist()
    image.putpalette(colours, mode)
    return image


def keyed(image, transparency):
    image.info["transparency"] = transparency
    return image


MAKE = {
    "1": lambda size: Image.fromarray(noise(size, 1)).convert("1"),
    "L": lambda size: Image.fromarray(noise(size, 1)),
    "L, one value transparent": lambda size: keyed(Image.fromarray(noise(size, 1)), 9),
    "LA": lambda size: Image.fromarray(noise(size, 2), "LA"),
    "P": palette,
    "P, one colour transparent": lambda size: keyed(palette(size), 9),
    "P, alpha of each colour": lambda size: keyed(palette(size), bytes(range(256))),
    "P, RGBA palette": lambda size: palette(size, "RGBA"),
    "PA": lambda size: Image.fromarray(noise(size, 2), "LA").convert("PA"),
    "RGB": lambda size: Image.fromarray(noise(size, 3)),
    "RGB, one colour transparent": lambda size: keyed(
        Image.fromarray(noise(size, 3) // 128), (0, 1, 0)
    ),
    "RGBA": lambda size: Image.fromarray(noise(size, 4)),
    "RGBX": lambda size: Image.fromarray(noise(size, 4), "RGBX"),
    "RGBa": lambda size: Image.fromarray(noise(size, 4)).convert("RGBa"),
    "CMYK": lambda size: Image.fromarray(noise(size, 4), "CMYK"),
    "YCbCr": lambda size: Image.fromarray(noise(size, 3), "YCbCr"),
    "HSV": lambda size: Image.fromarray(noise(size, 3), "HSV"),
    "LAB": lambda size: Image.fromarray(noise(size, 3), "LAB"),
    "I;16": lambda size: Image.fromarray(noise(size, 1, np.uint16)),
    "I;16B": lambda size: Image.frombytes("I;16B", size, noise(size, 1, np.uint16).tobytes()),
    "I": lambda size: Image.fromarray(noise(size, 1, np.int32)),
    "I, one value": lambda size: Image.new("I", size, -70_000),
    "F": lambda size: Image.fromarray(noise(size, 1, np.int32).astype(np.float32) / 7),
    "F, one value": lambda size: Image.new("F", size, 0.25),
}


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated")
@pytest.mark.parametrize(("name", "size"), list(product(MAKE, SIZES)), ids=str)
def test_strips_are_the_whole_bit_for_bit(name, size, monkeypatch):
    expected = whole(MAKE[name](size))
    for pixels in (1, 200, 2**20):
        monkeypatch.setattr(modes, "STRIP", pixels)
        found = to_rgb(MAKE[name](size))
        assert (found.mode, found.size) == ("RGB", size)
        assert found.tobytes() == expected.tobytes()


def test_values_that_are_not_finite_are_refused_wherever_they_are(monkeypatch):
    monkeypatch.setattr(modes, "STRIP", 8)
    for row, bad in product((0, 3, 7), (np.nan, np.inf)):
        values = np.zeros((8, 8), np.float32)
        values[row, row] = bad
        with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="not finite"):
            to_rgb(Image.fromarray(values))


def test_no_more_than_a_strip_is_converted_at_once(monkeypatch):
    seen = []
    convert = Image.Image.convert

    def watched(self, *args, **kwargs):
        seen.append(self.width * self.height)
        return convert(self, *args, **kwargs)

    picture = Image.new("CMYK", (100, 90))
    monkeypatch.setattr(modes, "STRIP", 1000)
    monkeypatch.setattr(Image.Image, "convert", watched)
    to_rgb(picture)
    assert max(seen) == 1000
    assert sum(seen) == 9000


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_source_and_the_file_are_released(kind):
    stream, opened = io.BytesIO(), []
    Image.new("RGBA", (30, 20), (1, 2, 3, 4)).save(stream, kind)
    kept = Image.open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "open", lambda *a, **k: opened.append(kept(*a, **k)) or opened[0])
        assert decode(stream).size == (30, 20)
    assert stream.closed
    with pytest.raises(ValueError, match="closed image"):
        opened[0].getpixel((0, 0))
