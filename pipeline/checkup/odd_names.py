"""Names of pictures that make trouble on another system, in a table, or for a person."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OddNames:
    """Ids by what is odd.

    ``control``: with a line break or another character that moves the cursor; ``spaces``: a folder
    or the name begins or ends with a space; ``case``: groups that differ only in capitals, which
    are one file on many a disk; ``unicode``: groups that differ only in how their accents are
    written (NFC or NFD), which look the same.
    """

    control: tuple[str, ...]
    spaces: tuple[str, ...]
    case: tuple[tuple[str, ...], ...]
    unicode: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(ids: Sequence[str]) -> "OddNames":
        """Those among ``ids``, which are unique."""
        composed = _alike(ids, lambda name: unicodedata.normalize("NFC", name))
        folded = _alike(ids, lambda name: unicodedata.normalize("NFC", name).casefold())
        return OddNames(
            tuple(name for name in ids if _has_control(name)),
            tuple(name for name in ids if _has_end_space(name)),
            tuple(group for group in folded if group not in composed),
            tuple(composed),
        )


def _has_control(name: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name)


def _has_end_space(name: str) -> bool:
    """Also before the ending: ``a .jpg`` is typed as ``a.jpg``."""
    folders, _, last = name.rpartition("/")
    parts = [*folders.split("/"), last, last.rpartition(".")[0]]
    return any(part != part.strip() for part in parts)


def _alike(ids: Iterable[str], form: Callable[[str], str]) -> list[tuple[str, ...]]:
    groups = defaultdict(list)
    for name in ids:
        groups[form(name)].append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]
