"""What was given to make caches and runs, kept in WORK so that the next command goes on with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.sealed import read_sealed, write_sealed
from pipeline.memory.linked import as_known
from pipeline.said.progress import say

NAME = "remembered.json"
FORMAT = "tencrop-remembered/1"

Values = Mapping[str, tuple[str, ...]]
"""Options by name, each as it was typed; `path` is DATA, several values are those of ``--set``."""


class Damaged(InputError):
    """What is remembered cannot be read."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The options that were given, and what was made with them last.

    ``places`` holds, for a value that is a path, where that is wherever one stands. ``cache`` and
    ``run`` are relative to WORK where they are below it, so that it may move.
    """

    given: Values = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    cache: str = ""
    run: str = ""

    def options(self) -> dict[str, tuple[str, ...]]:
        """The options as one may type them here: a path as then where that is the same place.

        So it is also where nothing is any more at the place, and something here: all has moved.
        """
        return {name: self._here(name, values) for name, values in self.given.items()}

    def _here(self, name: str, values: tuple[str, ...]) -> tuple[str, ...]:
        place = self.places.get(name)
        if place is None or absolute(values[-1]) == place:
            return values
        moved = not Path(place).exists() and Path(values[-1]).exists()
        return values if moved else (place,)

    def with_made(self, work: Path, cache: Path, run: Path | None) -> "Memory":
        """After a stage: of another cache than before, the run that was made is no longer it."""
        there = _below(work, cache)
        kept = self.run if there == self.cache else ""
        return replace(self, cache=there, run=_below(work, run) if run else kept)

    def made_run(self, work: Path) -> Path | None:
        """The run that was made last with these options; None where there is none."""
        return work / self.run if self.run else None


def absolute(path: str) -> str:
    """Where ``path`` is from here, as it is remembered."""
    return str(as_known(Path(path)))


def remember(given: Values, places: Collection[str], made: Memory) -> Memory:
    """``given``, of which those named in ``places`` are paths, and what ``made`` says was made."""
    there = {name: absolute(given[name][-1]) for name in places if name in given}
    return Memory(dict(given), there, made.cache, made.run)


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
        "cache": memory.cache,
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
    return Memory(given, places, str(content["cache"]), str(content["run"]))


def _below(work: Path, path: Path) -> str:
    whole, root = path.resolve(), work.resolve()
    return str(whole.relative_to(root) if whole.is_relative_to(root) else whole)
