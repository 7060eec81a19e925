"""Pictures: one policy for decoding and for what cannot be decoded; resize and crop."""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import PIL
import torch
from PIL import ExifTags, Image, UnidentifiedImageError
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from core.errors import InputError
from extract.modes import to_rgb

DECODER = f"pillow {PIL.__version__}"
EXIF = "orientation applied"
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
MOST_PIXELS = 1024**3 // 12  # Pillow's own limit for a picture that is no decompression bomb
MOST_RESIZED_PIXELS = 2**24  # of a very long and thin picture, once its short side is resized

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnreadablePicture(Exception):
    """A picture that is skipped; the message is the reason."""


@dataclass(frozen=True)
class Transform:
    """From a picture to crops: shorter side to ``resize``, crops of ``crop``, then normalise."""

    resize: int
    crop: int
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def facts(self) -> dict[str, Any]:
        """As JSON values, equal to those that a JSON file gives back."""
        return {**asdict(self), "mean": list(self.mean), "std": list(self.std)}


IMAGENET = Transform(256, 224, "bilinear", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def read_picture(path: Path, sha256: str) -> Image.Image:
    """Read and decode the file whose digest was taken before; see ``decode``.

    Args:
        path: the file.
        sha256: its digest, empty where there was no file to read.

    Raises:
        UnreadablePicture: there is no such file, or it cannot be decoded.
        InputError: the file's bytes are no longer those of the digest.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadablePicture("missing file") from None
    except OSError as error:
        raise UnreadablePicture(f"cannot be opened: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(f"{path} changed while it was being read; run the same command again")
    return decode(data)


def decode(data: bytes) -> Image.Image:
    """Decode a picture file to upright RGB: frame 0, EXIF orientation applied (see ``to_rgb``).

    Raises:
        UnreadablePicture: empty, not a picture, truncated, damaged, or above 89 megapixels.
    """
    if not data:
        raise UnreadablePicture("empty file")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        image.load()
        return _upright(to_rgb(image), _orientation(image))
    except UnidentifiedImageError:
        raise UnreadablePicture(f"not a picture ({', '.join(FORMATS)} are read)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadablePicture(f"more than {MOST_PIXELS:,} pixels") from None
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can raise almost anything inside a decoder
        words = " ".join(str(error).split()) or type(error).__name__
        kind = "truncated" if "truncated" in words.lower() else "damaged"
        raise UnreadablePicture(f"{kind}: {words}") from None


def crops(image: Image.Image, transform: Transform, count: int) -> Tensor:
    """Resize, normalise and cut crops, as torchvision's CenterCrop, FiveCrop and TenCrop do.

    The whole resized picture is normalised once; its slices are the same numbers, bit for bit.

    Args:
        image: RGB.
        transform: of the weights; ``resize`` is at least ``crop``.
        count: 1 (centre), 5 (corners and centre) or 10 (these, then their mirrors).

    Returns:
        (count, 3, crop, crop) float32.

    Raises:
        UnreadablePicture: too long and thin to be resized in memory.
    """
    short, long = sorted(image.size)
    if transform.resize**2 * long > MOST_RESIZED_PIXELS * short:
        raise UnreadablePicture(f"too long and thin: {image.width} x {image.height}")
    mode = InterpolationMode(transform.interpolation)
    resized = F.resize(image, [transform.resize], mode, antialias=True)
    whole = F.normalize(F.to_tensor(resized), list(transform.mean), list(transform.std))
    size = [transform.crop, transform.crop]
    cut = {1: lambda *args: [F.center_crop(*args)], 5: F.five_crop, 10: F.ten_crop}[count]
    return torch.stack(tuple(cut(whole, size)))


@contextmanager
def quiet_decoder() -> Iterator[None]:
    """Make a decompression bomb an error, and hold back Pillow's remarks on odd metadata.

    Enter it in the main thread, around the threads that decode: filters are the process's.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged metadata does not make a picture unreadable
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURN.get(orientation)
    return image if turn is None else image.transpose(turn)
