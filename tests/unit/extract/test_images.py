"""Decoding: modes, orientations, bad files; crops are torchvision's, bit for bit."""

import io
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision import transforms as T

from extract.images import UnreadablePicture, crops, decode, quiet_decoder
from extract.modes import to_rgb
from extract.transform import IMAGENET, Transform

RAMP = np.linspace(0, 255, 64)[None] * np.linspace(0.3, 1, 48)[:, None]


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(width, height, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def plain_crops(image, transform, count):
    """The obvious torchvision pipeline: every crop is cut from the picture, then normalised."""
    finish = T.Compose([T.ToTensor(), T.Normalize(transform.mean, transform.std)])
    cut = {1: T.CenterCrop, 5: T.FiveCrop, 10: T.TenCrop}[count](transform.crop)
    found = cut(T.Resize(transform.resize)(image))
    return torch.stack([finish(crop) for crop in ([found] if count == 1 else found)])


SIZES = [
    (500, 375),  # becomes 341 x 256: half of 117 is rounded to even, a flip does not mirror it
    (375, 500),
    (341, 256),
    (256, 256),
    (224, 224),
    (1, 1),
    (2, 3),
    (700, 33),
    (20, 999),
    (1000, 257),
]


@pytest.mark.parametrize("count", [1, 5, 10])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_crops_are_torchvisions(size, count):
    image = noise(*size)
    found = crops(image, IMAGENET, count)
    assert found.shape == (count, 3, 224, 224)
    assert found.dtype == torch.float32
    assert torch.equal(found, plain_crops(image, IMAGENET, count))


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    resize=st.integers(24, 40),
    crop=st.integers(1, 24),
    count=st.sampled_from([1, 5, 10]),
)
def test_crops_are_torchvisions_for_any_size(width, height, resize, crop, count):
    transform = Transform(resize, crop, "bilinear", IMAGENET.mean, IMAGENET.std)
    image = noise(width, height, seed=width)
    assert torch.equal(crops(image, transform, count), plain_crops(image, transform, count))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_two_crops_are_the_fifth_and_the_tenth_of_ten(size):
    image = noise(*size)
    assert torch.equal(crops(image, IMAGENET, 2), plain_crops(image, IMAGENET, 10)[[4, 9]])


def test_a_very_long_and_thin_picture_is_refused_before_it_fills_the_memory():
    with pytest.raises(UnreadablePicture, match="too long and thin: 3000 x 1"):
        crops(Image.new("RGB", (3000, 1)), IMAGENET, 1)


def modes():
    grey = Image.fromarray(np.rint(RAMP).astype(np.uint8))
    rgb = Image.merge("RGB", [grey] * 3)
    opaque = Image.new("L", grey.size, 255)
    wide = (RAMP * 257).astype(np.uint16)
    frames = {"save_all": True, "append_images": [Image.new("RGB", grey.size, "white")]}
    yield "1", encoded(grey.convert("1"))
    yield "L", encoded(grey)
    yield "LA", encoded(Image.merge("LA", [grey, opaque]))
    yield "P", encoded(rgb.quantize(256))
    yield "P transparency", encoded(rgb.quantize(255), transparency=254)
    yield "RGB", encoded(rgb)
    yield "RGBA", encoded(Image.merge("RGBA", [grey, grey, grey, opaque]))
    yield "CMYK", encoded(rgb.convert("CMYK"), "JPEG", quality=95)
    yield "YCbCr", encoded(rgb.convert("YCbCr"), "JPEG", quality=95)
    yield "LAB", encoded(rgb.convert("LAB"), "TIFF")
    yield "I;16 png", encoded(Image.fromarray(wide))
    yield "I;16B tiff", encoded(Image.frombytes("I;16B", grey.size, wide.astype(">u2")), "TIFF")
    yield "I", encoded(Image.fromarray(wide.astype(np.int32) * 3 - 100_000), "TIFF")
    yield "F", encoded(Image.fromarray((RAMP / 1e3 - 7).astype(np.float32)), "TIFF")
    yield "gif", encoded(rgb, "GIF", **frames)
    yield "webp", encoded(rgb, "WEBP", **frames)
    yield "bmp", encoded(rgb, "BMP")


@pytest.mark.parametrize(("mode", "data"), list(modes()), ids=[mode for mode, _ in modes()])
def test_every_mode_keeps_its_luminance(mode, data):
    found = decode(data)
    assert found.mode == "RGB"
    assert found.size == (64, 48)
    luminance = np.asarray(found.convert("L"), dtype=float)
    if mode == "1":  # dithered: compare means over blocks of 8 x 8
        pooled = [v.reshape(6, 8, 8, 8).mean((1, 3)) for v in (luminance, RAMP)]
        assert np.corrcoef(*[v.ravel() for v in pooled])[0, 1] > 0.99
    else:
        assert np.corrcoef(luminance.ravel(), RAMP.ravel())[0, 1] > 0.99
        assert luminance.max() > 200  # neither clipped to black nor dimmed


def test_16_bit_grey_is_scaled_and_not_clipped():
    values = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    assert np.asarray(to_rgb(Image.fromarray(values)))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_transparent_pixels_lie_over_white():
    half = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    half.paste((255, 0, 0, 255), (0, 0, 2, 4))
    found = np.asarray(decode(encoded(half)))
    assert found[0, 0].tolist() == [255, 0, 0]
    assert found[0, 3].tolist() == [255, 255, 255]
    keyed = encoded(Image.new("RGB", (4, 4), (1, 2, 3)), transparency=(1, 2, 3))
    assert np.asarray(decode(keyed)).min() == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_shows_the_same_picture(orientation, kind):
    upright = Image.new("RGB", (48, 32))
    upright.paste((255, 0, 0), (0, 0, 24, 16))
    upright.paste((0, 255, 0), (24, 0, 48, 16))
    upright.paste((0, 0, 255), (0, 16, 24, 32))
    # how a camera stores it: the inverse of the turn that the tag asks of a viewer
    stored = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    picture = upright
    for turn in stored:
        picture = picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}
    found = decode(encoded(picture, kind, exif=exif, **options.get(kind, {})))
    assert found.size == upright.size
    difference = np.asarray(found, dtype=int) - np.asarray(upright, dtype=int)
    assert np.abs(difference).max() <= 12


def test_damaged_metadata_does_not_make_a_picture_unreadable():
    data = encoded(noise(32, 32), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    with quiet_decoder():
        assert decode(data).size == (32, 32)


JPEG = encoded(noise(64, 48), "JPEG")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"<!DOCTYPE html><html>404</html>", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a picture"),
        (JPEG[:3], "not a picture"),
        (JPEG[: len(JPEG) // 2], "truncated"),
        (JPEG[:-100], "truncated"),
        (encoded(noise(64, 48))[:2000], "truncated"),
        (encoded(noise(64, 48), "WEBP")[:300], "damaged"),
        (encoded(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF"), "damaged"),
        (encoded(Image.new("1", (10_000, 9_000))), "more than 89,478,485 pixels"),
        (encoded(Image.new("1", (14_000, 14_000))), "more than 89,478,485 pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_file_has_a_reason_of_one_line(data, reason):
    with pytest.raises(UnreadablePicture, match=reason) as failure:
        decode(data)
    assert "\n" not in str(failure.value)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(JPEG) - 1), st.integers(1, 255))
def test_a_flipped_byte_gives_a_picture_or_a_reason(position, change):
    data = bytearray(JPEG)
    data[position] ^= change
    with quiet_decoder(), suppress(UnreadablePicture):
        assert decode(bytes(data)).mode == "RGB"
