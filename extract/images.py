"""Pictures: one policy for decoding and for what cannot be decoded; resize and crop."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from core.errors import is_short_of_memory
from core.pictures import FORMATS, MOST_PIXELS
from core.upright import orientation_of, upright
from extract.modes import to_rgb
from extract.tiff import take_orientation
from extract.transform import Transform

MOST_RESIZED_PIXELS = 2**24  # of a very long and thin picture, once its short side is resized


class UnreadablePicture(Exception):
    """A picture that is skipped; the message is the reason."""


def decode(
    data: bytes | io.BytesIO, claim: Callable[[int], None] = lambda pixels: None
) -> Image.Image:
    """Decode a picture file to upright RGB: frame 0, EXIF orientation applied (see ``to_rgb``).

    No more than two whole pictures of 4 bytes a pixel are in memory at once, where the decoder
    itself holds no other.

    Args:
        data: the file's bytes; a stream is closed as soon as they are not needed any more.
        claim: called with the number of pixels before there is memory for them.

    Raises:
        UnreadablePicture: empty, not a picture, truncated, damaged, or above 89 megapixels.
        MemoryError: memory is too short.
    """
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    with _reasons():
        if not stream.getbuffer().nbytes:
            raise UnreadablePicture("empty file")
        turned = take_orientation(stream)
        image = Image.open(stream, formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        claim(image.width * image.height)
        image.load()
        orientation = turned or orientation_of(image)
        stream.close()
        whole = _only(image, to_rgb(image))
        # Not after a resize: it rounds between rows and columns, so that other bits would come out.
        return _only(whole, upright(whole, orientation))


def crops(image: Image.Image, transform: Transform, count: int) -> Tensor:
    """Resize, normalise and cut crops, as torchvision's CenterCrop, FiveCrop and TenCrop do.

    Two are the fifth and the tenth of ten.

    The whole resized picture is normalised once; its slices are the same numbers, bit for bit.

    Args:
        image: RGB.
        transform: of the weights; ``resize`` is at least ``crop``.
        count: 1 (centre), 2 (it and that of the mirrored picture), 5 (corners and centre) or 10
            (these, then those of the mirrored picture).

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
    return torch.stack(tuple(_CUT[count](whole, size)))


def _centre(whole: Tensor, size: list[int]) -> list[Tensor]:
    return [F.center_crop(whole, size)]


def _centre_and_mirror(whole: Tensor, size: list[int]) -> list[Tensor]:
    return [F.center_crop(each, size) for each in (whole, F.hflip(whole))]


_CUT = {1: _centre, 2: _centre_and_mirror, 5: F.five_crop, 10: F.ten_crop}


@contextmanager
def quiet_decoder() -> Iterator[None]:
    """Make a decompression bomb an error, and hold back Pillow's remarks on odd metadata.

    Enter it in the main thread, around the threads that decode: filters are the process's.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@contextmanager
def _reasons() -> Iterator[None]:
    """Whatever a decoder raises as the reason why a picture is skipped."""
    try:
        yield
    except (MemoryError, UnreadablePicture):
        raise
    except UnidentifiedImageError:
        raise UnreadablePicture(f"not a picture ({', '.join(FORMATS)} are read)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadablePicture(f"more than {MOST_PIXELS:,} pixels") from None
    except Exception as error:  # a damaged file can raise almost anything inside a decoder
        words = " ".join(str(error).split()) or type(error).__name__
        if is_short_of_memory(error):
            raise MemoryError(words) from None
        kind = "truncated" if "truncated" in words.lower() else "damaged"
        raise UnreadablePicture(f"{kind}: {words}") from None


def _only(before: Image.Image, after: Image.Image) -> Image.Image:
    """``after``, without the memory of what it was made from."""
    if after is not before:
        before.close()
    return after
