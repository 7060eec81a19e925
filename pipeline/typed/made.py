"""A cache or a run that somebody named, found and recognised; who asks need be no command."""

from pathlib import Path

from core.errors import InputError
from pipeline.said.progress import say
from pipeline.typed.by_name import by_name, nearest
from pipeline.typed.recognised import FOLDER, instead, what


def found(given: Path, work: Path, kind: str, made: str) -> Path:
    """The path; of a name alone, that in the work folder, which is said.

    Args:
        given: a path, or a name or the beginning of one.
        work: where a name is looked up.
        kind: ``CACHE`` or ``RUN`` of ``pipeline.typed.recognised``.
        made: what to type to make one.

    Raises:
        InputError: nothing is there, or something else than is wanted.
    """
    path, taken = by_name(given, work, kind)
    if taken:
        say(taken)
    return checked(path, work, kind, made)


def checked(path: Path, work: Path, kind: str, made: str) -> Path:
    """The path, if it is such a thing, as far as the names of files tell; see ``found``.

    Raises:
        InputError: it is none; says what is there, or is named alike there or in ``work``.
    """
    there, way = what(path), f"make {kind} with `{made}`"
    if not there:
        here = nearest(path, work, kind)
        raise InputError(f"{path} is not there; {f'{here}; or ' if here else ''}{way}")
    if there in (kind, FOLDER):
        return path
    if what(path.parent) == kind:
        raise InputError(f"{path} is a part of {kind}; give its folder, {path.parent}")
    raise InputError(f"{instead(path, kind)}; {way}")
