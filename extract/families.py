"""Which backbones there are, and in which family's file: told without the networks' libraries."""

from core import plugins
from core.errors import SettingError, choices

PACKAGE = "extract.backbones"


def names() -> list[str]:
    """The backbones that can be built, sorted."""
    return sorted(_files())


def family(name: str) -> str:
    """The file of ``extract/backbones`` that builds the backbone ``name``.

    Raises:
        SettingError: there is none; the nearest names are told.

    Example:
        >>> family("resnet50")
        'resnet'
    """
    files = _files()
    if name not in files:
        raise SettingError(f"unknown backbone {name!r}: {choices(name, sorted(files))}")
    return files[name]


def _files() -> dict[str, str]:
    """Backbone -> file; of two files that have one name the first in the alphabet."""
    found: dict[str, str] = {}
    for file in plugins.names(PACKAGE):
        for name in plugins.constant(PACKAGE, file, "NAMES"):
            found.setdefault(name, file)
    return found
