"""Which backbones there are, and in which family's file: told without the networks' libraries."""

from core import plugins
from core.errors import SettingError, choices

PACKAGE = "extract.backbones"


def names() -> list[str]:
    """The backbones that can be built, sorted; those of a file that cannot be read are missing."""
    return sorted(_read()[0])


def broken() -> dict[str, str]:
    """File of ``extract/backbones`` -> why its names cannot be read, and what to do."""
    return _read()[1]


def family(name: str) -> str:
    """The file of ``extract/backbones`` that builds the backbone ``name``.

    Raises:
        SettingError: there is none; the nearest names are told, and which files cannot be read.

    Example:
        >>> family("resnet50")
        'resnet'
    """
    files, faults = _read()
    if name in files:
        return files[name]
    told = f"unknown backbone {name!r}: {choices(name, sorted(files))}"
    unread = next(iter(faults.values()), "")
    raise SettingError(f"{told}; and a file cannot be read: {unread}" if unread else told)


def _read() -> tuple[dict[str, str], dict[str, str]]:
    """Backbone -> file, of two that have one name the first in the alphabet; file -> its fault."""
    found: dict[str, str] = {}
    faults: dict[str, str] = {}
    for file in plugins.names(PACKAGE):
        try:
            for name in _names(file):
                found.setdefault(name, file)
        except SettingError as fault:
            faults[file] = str(fault)
    return found, faults


def _names(file: str) -> list[str]:
    told = plugins.constant(PACKAGE, file, "NAMES")
    if not isinstance(told, tuple | list) or not all(isinstance(name, str) for name in told):
        raise SettingError(f'{PACKAGE}.{file}: NAMES = {told!r}; write NAMES = ("...",)')
    return list(told)
