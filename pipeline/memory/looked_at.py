"""What `corpus` looks at: what was given last, as far as nothing else is given."""

from collections.abc import Collection
from pathlib import Path

from core.errors import InputError
from pipeline.memory.going_on import DATA, Options, said
from pipeline.memory.moved import require_there
from pipeline.memory.remembered import Damaged, Values, absolute, read
from pipeline.scenes import drawn
from pipeline.typed.by_make import as_typed


def look_again(typed: Values, *, work: Path, names: Collection[str]) -> tuple[Options, list[str]]:
    """Join to what was typed what is remembered of the same pictures; nothing is written.

    Args:
        typed: the options that were given; an empty value is the default again.
        work: where it is remembered.
        names: the options that the command has.

    Returns:
        The options, and what to say first.

    Raises:
        InputError: DATA is empty, or not given and not remembered, or not there any more.
    """
    if DATA in typed and not any(typed[DATA]):
        raise InputError(f"DATA is empty; name a folder: {_example()}")
    try:
        known = _remembered(work)
    except Damaged as error:
        if DATA in typed:
            return dict(typed), [f"{error}: nothing is gone on with"]
        raise Damaged(f"{error}; name the pictures: {_example()}") from None
    if DATA in typed and not _same(typed, known):
        return dict(typed), []
    if DATA not in known:
        raise InputError(
            f"no DATA is given, and none is remembered in {work}; name a folder: {_example()}"
        )
    taken = {name: known[name] for name in names if name in known and name not in typed}
    if DATA in taken:
        require_there(taken[DATA][-1], "corpus", work)
    return {**taken, **typed}, [said(taken, work)] if taken else []


def _remembered(work: Path) -> Options:
    """The options that were given last, those of the generated scenes with them."""
    memory = read(work)
    known = memory.options() if memory else {}
    scenes = drawn.place(work)
    if memory is None or DATA in known or not scenes.exists():
        return known
    suited: Options = {name: (value,) for name, value in drawn.suited(known).items()}
    return {DATA: (str(scenes),), **suited, **known}


def _same(typed: Values, known: Values) -> bool:
    return DATA in known and absolute(typed[DATA][-1]) == absolute(known[DATA][-1])


def _example() -> str:
    return as_typed("corpus photos", make="corpus DATA=photos")
