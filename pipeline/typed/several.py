"""Several values of one option with commas between them, such as ``--backbone a,b``."""

from collections.abc import Callable, Iterable
from pathlib import Path

from core.errors import SettingError
from core.several import between_commas
from extract.settings import SUFFIXES
from pipeline.typed.by_make import option

WEIGHTS = "weights"
COMMA = "a comma of a path is typed twice"
_HELD = "\0"


def names(value: str) -> list[str]:
    """The backbones of ``value``, in their order.

    Raises:
        SettingError: nothing stands before or behind a comma.

    Example:
        >>> names("vgg19, resnet50")
        ['vgg19', 'resnet50']
    """
    found = between_commas(value)
    if len(found) > 1 and not all(found):
        raise SettingError(
            f"{option('backbone', value)}: a name is missing beside a comma; give one there"
        )
    return found


def paths(value: str) -> list[str]:
    """The weights of ``value``, in their order; where a file has just this name, it is one.

    Example:
        >>> paths("a.pth,DEFAULT"), paths("odd,,name.pth,b.pth")
        (['a.pth', 'DEFAULT'], ['odd,name.pth', 'b.pth'])
    """
    if "," not in value or Path(value).is_file():
        return [value]
    return [part.replace(_HELD, ",") for part in between_commas(value.replace(",,", _HELD))]


def with_commas(values: Iterable[str]) -> str:
    """What ``paths`` takes apart again.

    Example:
        >>> with_commas(["odd,name.pth", "b.pth"])
        'odd,,name.pth,b.pth'
    """
    return ",".join(value.replace(",", ",,") for value in values)


def files(name: str, value: str) -> list[Path]:
    """The paths that ``value`` names as an option ``name`` whose value is a path, or several."""
    each = paths(value) if name == WEIGHTS else [value]
    return [Path(one) for one in each if len(each) == 1 or _is_path(one)]


def with_files(name: str, value: str, changed: Callable[[Path], str]) -> str:
    """``value`` with each of its ``files`` as ``changed`` tells, and the rest as it is."""
    each = paths(value) if name == WEIGHTS else [value]
    if len(each) == 1:
        only = changed(Path(each[0]))
        return with_commas([only]) if name == WEIGHTS else only
    return with_commas(changed(Path(one)) if _is_path(one) else one for one in each)


def _is_path(weights: str) -> bool:
    return Path(weights).suffix in SUFFIXES
