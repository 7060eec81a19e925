"""Where the pictures lie that a table names, where the folders that are usual do not have them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from core.corpora._places import first_folder
from core.corpora._survey import survey


def home(
    names: Collection[str], usual: Sequence[Path], roots: Iterable[Path]
) -> tuple[Path, list[str]]:
    """The folder of the pictures ``names``, and a note where it is not a usual one.

    The first of ``usual`` that exists, where it has one of the pictures or no other folder has.
    Else the one folder below ``roots`` that has some; of several none is chosen, and the note says
    where they lie.

    Args:
        names: paths with ``/``, relative to the folder that is looked for.
        usual: where they should be, the first that exists counts; ``images/`` is one of them.
        roots: looked through one after another, until one of them has a picture.
    """
    folder = first_folder(*usual)
    if any((folder / name).exists() for name in names):
        return folder, []
    found = next(filter(None, (homes(names, root) for root in roots)), [])
    if len(found) == 1:
        return found[0], [f"the pictures are those in {found[0]}"]
    if found:
        told = " and ".join(map(str, found[:3]))
        images = next(each for each in usual if each.name == "images")
        return folder, [f"pictures of these names lie in {told}: put those that count in {images}"]
    return folder, []


def homes(names: Collection[str], root: Path) -> list[Path]:
    """The folders below ``root``, and it, in which pictures of these names lie: most of them first.

    Example: for ``x/a.jpg`` it is the folder that holds ``x``.
    """
    wanted, found = frozenset(names), Counter[str]()
    for picture in survey(root).pictures:
        parts = picture.split("/")
        for depth in range(len(parts)):
            if "/".join(parts[depth:]) in wanted:
                found["/".join(parts[:depth])] += 1
    return [root / folder for folder in sorted(found, key=lambda each: (-found[each], each))]
