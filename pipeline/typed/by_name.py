"""A cache or a run by its name alone, as `list` prints it."""

from pathlib import Path

from core.errors import InputError
from core.wording import counted
from core.work_folder import FEATURES
from pipeline.inventory.states import folders
from pipeline.memory.whereabouts import RUNS
from pipeline.typed.recognised import CACHE, nearest_made


def by_name(given: Path, work: Path, kind: str) -> tuple[Path, str]:
    """What a path means: what is there, else what has that name in ``work``, or begins so.

    Args:
        given: as it was typed; only one without a folder is a name.
        work: the work folder.
        kind: ``RUN`` or ``CACHE`` of ``pipeline.typed.recognised``.

    Returns:
        Where it is (``given``, where nothing has that name), and a line that says which was taken,
        where another could be meant.

    Raises:
        InputError: several names begin so.
    """
    inside = _home(work, kind)
    named = inside / given
    if str(given) != given.name or given.name == "..":
        return given, ""
    if given.exists():
        other = named.exists() and not named.samefile(given)
        return given, f"{given} is taken as the path from here, not as {named}" if other else ""
    begun = [each for each in folders(inside) if each.name.startswith(given.name)]
    found = [each for each in begun if each == named] or begun
    if len(found) > 1:
        listed = ", ".join(map(str, found))
        raise InputError(
            f"{str(given)!r} begins {counted(len(found), 'name')}: {listed}; give more of one"
        )
    return (found[0], f"{given} is taken as {found[0]}") if found else (given, "")


def nearest(given: Path, work: Path, kind: str) -> str:
    """Which are beside ``given``, which is not there, or in ``work``; empty without any."""
    named = _home(work, kind) / given.name
    return nearest_made(given, kind) or (nearest_made(named, kind) if given.name else "")


def _home(work: Path, kind: str) -> Path:
    return work / (FEATURES if kind == CACHE else RUNS)
