"""Which files are pictures, how they are called, and how large they may be."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""What is decoded, in Pillow's words."""
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
"""The endings of their names, in lower case."""
MOST_PIXELS = 1024**3 // 12
"""Pillow's own limit for a picture that is no decompression bomb."""
MOST_FILE = 12 * MOST_PIXELS
"""Bytes: 1 GiB. No picture that is decoded fills more, unless it has other frames behind it."""


def is_picture(name: str) -> bool:
    """Whether a file's name has the ending of a picture.

    Example:
        >>> is_picture("holiday/A.JPG"), is_picture("a.txt")
        (True, False)
    """
    return name.lower().endswith(ENDINGS)
