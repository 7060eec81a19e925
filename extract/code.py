"""The code that makes features of pictures, as digests: a cache notes them, and is held to them."""

from core.code import code
from extract.families import PACKAGE, family, names

PICTURES = "extract.images"
"""From the bytes of a picture to crops."""
FACES = ("extract.backbone", "extract.transform")


def code_of(backbone: str) -> dict[str, str]:
    """Module -> the digest of its code: of the backbone's family, and of the way to its crops.

    Of a backbone that is no file's, as Python may build one, the second alone.

    Raises:
        SettingError: a file is no Python.
    """
    own = [f"{PACKAGE}.{family(backbone)}"] if backbone in names() else []
    return code([*own, PICTURES], FACES)
