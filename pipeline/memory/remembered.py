"""What was given to make caches and runs, kept in WORK so that the next command goes on with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.sealed import read_sealed, write_sealed
from pipeline.memory.linked import as_known
from pipeline.said.progress import say
from pipeline.typed.several import files, with_files

NAME = "remembered.json"
FORMAT = "tencrop-remembered/1"

Values = Mapping[str, tuple[str, ...]]
"""Options by name, each as it was typed; `path` is DATA, several values are those of ``--set``."""


class Damaged(InputError):
    """What is remembered cannot be read."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The options that were given, and what was made with them last.

    ``places`` holds, for a value that is a path, where that is wherever one stands; for several,
    each of them. ``caches`` and ``run`` are relative to WORK where they are below it, so that it
    may move.
    """

    given: Values = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    caches: tuple[str, ...] = ()
    run: str = ""

    def options(self) -> dict[str, tuple[str, ...]]:
        """The options as one may type them here: a path as then where that is the same place.

        So it is also where nothing is any more at the place, and something here: all has moved.
        """
        return {name: self._here(name, values) for name, values in self.given.items()}

    def _here(self, name: str, values: tuple[str, ...]) -> tuple[str, ...]:
        place = self.places.get(name)
        if place is None or _place(name, values[-1]) == place:
            return values
        before, now = (map(Path.exists, files(name, value)) for value in (place, values[-1]))
        moved = not any(before) and all(now)
        return values if moved else (place,)

    def with_made(self, work: Path, caches: Sequence[Path], run: Path | None) -> "Memory":
        """After a stage: of other caches than before, the run that was made is no longer it."""
        there = tuple(_below(work, cache) for cache in caches)
        kept = self.run if there == self.caches else ""
        return replace(self, caches=there, run=_below(work, run) if run else kept)

    def made_run(self, work: Path) -> Path | None:
        """The run that was made last with these options; None where there is none."""
        return work / self.run if self.run else None


def absolute(path: str) -> str:
    """Where ``path`` is from here, as it is remembered."""
    return str(as_known(Path(path)))


def remember(given: Values, places: Collection[str], made: Memory) -> Memory:
    """``given``, of which those named in ``places`` are paths, and what ``made`` says was made."""
    there = {name: _place(name, given[name][-1]) for name in places if name in given}
    return Memory(dict(given), there, made.caches, made.run)


def read(work: Path, known: Collection[str] | None = None) -> Memory | None:
    """What is remembered in ``work``; None where nothing is.

    Args:
        work: where.
        known: all options that there are, if it matters.

    Raises:
        Damaged: it is there, and cannot be read.
    """
    file = work / NAME
    try:
        memory = _checked(read_sealed(file))
        unknown = [name for name in memory.given if known is not None and name not in known]
        if unknown:
            raise ValueError(f"this version knows no option {unknown[0]!r}")
        return memory
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        raise Damaged(f"{file} cannot be read ({why})") from None


def write(work: Path, memory: Memory) -> None:
    """Keep ``memory``; where that cannot be, it is said and nothing more."""
    content = {
        "format": FORMAT,
        "given": [[name, list(values)] for name, values in memory.given.items()],
        "places": dict(memory.places),
        "caches": list(memory.caches),
        "run": memory.run,
    }
    try:
        write_sealed(work / NAME, content)
    except OSError as error:
        say(f"{work / NAME} was not written ({error.strerror}): what was given is not remembered")


def note(work: Path, memory: Memory) -> None:
    """Keep ``memory`` where the same options are still what is remembered.

    Another command that began later may have been given others: those were typed last.
    """
    try:
        there = read(work)
    except Damaged:
        return
    if there and there.given == memory.given and there.places == memory.places:
        write(work, memory)


def forget(work: Path) -> bool:
    """Forget all that is remembered in ``work``, also where it is damaged; whether there was any.

    Raises:
        OSError: it is there and cannot be removed.
    """
    try:
        (work / NAME).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _checked(content: dict[str, Any]) -> Memory:
    if content["format"] != FORMAT:
        raise ValueError(f"its format is {content['format']!r}, not {FORMAT!r}")
    given = {str(name): tuple(map(str, values)) for name, values in content["given"]}
    if not all(given.values()):
        raise ValueError("an option has no value")
    places = {str(name): str(place) for name, place in content["places"].items() if name in given}
    return Memory(given, places, _caches(content), str(content["run"]))


def _caches(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Of an earlier version one, or none."""
    if "caches" in content:
        return tuple(map(str, content["caches"]))
    return tuple(filter(None, [str(content["cache"])]))


def _place(name: str, value: str) -> str:
    """Where the path, or each path, of an option is from here, as it may be typed."""
    return with_files(name, value, lambda file: absolute(str(file)))


def _below(work: Path, path: Path) -> str:
    whole, root = path.resolve(), work.resolve()
    return str(whole.relative_to(root) if whole.is_relative_to(root) else whole)
