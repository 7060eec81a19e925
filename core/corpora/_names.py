"""Which picture a table means by a name that no picture has to the letter."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable

from core.pictures import is_picture
from core.wording import counted


def meant(names: Iterable[str], there: Collection[str]) -> dict[str, str]:
    r"""For each name that is not ``there`` the one picture that it can mean, if there is one.

    Upper and lower case, ``\`` for ``/``, what stands before ``images/`` and it, and how an accent
    is encoded make no difference; a name without the ending of a picture may leave it out.

    Example:
        >>> meant(["images/A.JPG", "b", "c.jpg"], ["a.jpg", "b.png"])
        {'images/A.JPG': 'a.jpg', 'b': 'b.png'}
    """
    odd = [name for name in dict.fromkeys(names) if name not in there]
    if not odd:
        return {}
    full, bare = defaultdict(list), defaultdict(list)
    for picture in there:
        full[_loose(picture)].append(picture)
        bare[_loose(picture).rpartition(".")[0]].append(picture)
    found = {}
    for name in odd:
        loose = _loose(name)
        fitting = full.get(loose) or ([] if is_picture(name) else bare.get(loose, []))
        if len(fitting) == 1:
            found[name] = fitting[0]
    return found


def told(found: dict[str, str]) -> list[str]:
    """A note that counts the names that were taken for others."""
    if not found:
        return []
    name, picture = next(iter(found.items()))
    many = counted(len(found), "name was", "names were")
    return [f"{many} taken for nearly the same, first {name!r} for {picture!r}"]


def _loose(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).casefold().replace("\\", "/")
    return f"/{plain}".rpartition("/images/")[2].removeprefix("/")
