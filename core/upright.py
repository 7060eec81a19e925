"""Turning a picture as its EXIF orientation says (CIPA DC-008, tag 0x0112, values 1 to 8)."""

from PIL import ExifTags, Image

_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def orientation_of(picture: Image.Image) -> int:
    """What the picture's metadata say; 1, upright, where they say nothing or are damaged."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged metadata make no picture unreadable
        return 1


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture, turned; itself where it stands upright or the orientation is none of EXIF's."""
    turn = _TURN.get(orientation)
    return picture if turn is None else picture.transpose(turn)
