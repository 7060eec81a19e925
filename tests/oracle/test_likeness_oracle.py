"""The hash on real photographs: copies are near, other photographs are far."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.hamming import distance, near_pairs
from core.likeness import picture_hash

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
PICTURES = DATA / "flickr8k" / "images"
MANY, RADIUS = 150, 4

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PICTURES.is_dir(), reason=f"{PICTURES} is not there: set TENCROP_DATA"),
]


@pytest.fixture(scope="module")
def photographs() -> list[bytes]:
    return [path.read_bytes() for path in sorted(PICTURES.glob("*.jpg"))[:MANY]]


@pytest.fixture(scope="module")
def hashes(photographs: list[bytes]) -> list[int]:
    return [picture_hash(data) for data in photographs]


def saved(image: Image.Image, quality: int = 90) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda image: saved(image, 40),
        lambda image: saved(image.resize((image.width // 2, image.height // 2))),
        lambda image: saved(image.convert("L")),
        lambda image: saved(ImageEnhance.Brightness(image).enhance(0.85)),
    ],
    ids=["quality", "half", "grey", "darker"],
)
def test_nearly_all_copies_are_near(
    photographs: list[bytes], hashes: list[int], change: Callable[[Image.Image], bytes]
) -> None:
    copies = [picture_hash(change(Image.open(io.BytesIO(data)))) for data in photographs]
    apart = [distance(a, b) for a, b in zip(hashes, copies, strict=True)]
    assert sum(bits <= RADIUS for bits in apart) >= 0.97 * MANY


def test_a_small_decoding_is_as_good_as_a_whole_one(
    photographs: list[bytes], hashes: list[int]
) -> None:
    for data, hash in zip(photographs, hashes, strict=True):
        stream = io.BytesIO()
        Image.open(io.BytesIO(data)).save(stream, "PNG")
        assert distance(picture_hash(stream.getvalue()), hash) <= RADIUS


def test_other_photographs_are_far(hashes: list[int]) -> None:
    assert near_pairs(np.array(hashes, dtype=np.uint64), 2 * RADIUS).tolist() == []
