"""The types of arguments and options: odd values are refused in one line that says what to type."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.errors import InputError
from core.wording import one_line
from pipeline.typed.by_make import as_typed

Parameter = click.Parameter | None
Context = click.Context | None
WORK = "work"
"""The work folder, where none is given."""


class Place(click.Path):
    """A path, as ``pathlib.Path``; never an empty one, which would mean the current folder."""

    def __init__(self) -> None:
        """Of a file or a folder, there or not."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Any:
        """Refuse an empty value: in a script, a variable that is not set."""
        if not str(value):
            self.fail("it is empty; give a path (`.` is the current folder)", param, ctx)
        return super().convert(value, param, ctx)


class Folder(Place):
    """A place where things are kept; its name may stand on the last line of stdout."""

    def __init__(self, another: Callable[[], str]):
        """``another`` says what to type where it cannot be."""
        super().__init__()
        self._another = another

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Any:
        """Refuse a file in its place, and a name with a line break."""
        folder = Path(super().convert(value, param, ctx))
        way = f"choose {self._another()}"
        if one_line(str(folder)) != str(folder):
            self.fail(f"{str(folder)!r} breaks a line; {way}", param, ctx)
        there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if there.exists() and not there.is_dir():
            self.fail(f"{there} is a file, and a folder is needed; {way}", param, ctx)
        return folder


class Made(Place):
    """A cache or a run, by path or by name: what is plainly something else is refused.

    A damaged one tells by itself.

    The names of files are read when a value is typed, as it takes libraries that a help does not.
    """

    def __init__(self, kind: str, command: str, target: str):
        """Of a ``kind`` of ``pipeline.typed.recognised``, made by a command or make's target."""
        super().__init__()
        self._kind, self._command, self._target = kind, command, target

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Any:
        """The path; of a name alone, that in the work folder, which is said.

        Raises:
            InputError: nothing is there, or something else than is wanted.
        """
        from pipeline.said.progress import say
        from pipeline.typed.by_name import by_name

        work = Path((ctx and ctx.params.get("work")) or WORK)
        path, taken = by_name(Path(super().convert(value, param, ctx)), work, self._kind)
        if taken:
            say(taken)
        return self.checked(path, work)

    def checked(self, path: Path, work: Path) -> Path:
        """The path, if it is such a thing, as far as the names of files tell.

        Raises:
            InputError: it is none; says what is there, or is named alike there or in ``work``.
        """
        from pipeline.typed.by_name import nearest
        from pipeline.typed.recognised import FOLDER, instead, what

        made = as_typed(self._command, make=self._target)
        found, way = what(path), f"make {self._kind} with `{made}`"
        if not found:
            here = nearest(path, work, self._kind)
            raise InputError(f"{path} is not there; {f'{here}; or ' if here else ''}{way}")
        if found in (self._kind, FOLDER):
            return path
        if what(path.parent) == self._kind:
            raise InputError(f"{path} is a part of {self._kind}; give its folder, {path.parent}")
        raise InputError(f"{instead(path, self._kind)}; {way}")


class Pictures(Place):
    """Pictures to read: a cache, a run or a work folder is refused."""

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Any:
        """The path.

        Raises:
            InputError: it is a cache, a run or a work folder; what to type with it is said.
        """
        from pipeline.typed.recognised import CORPUS, instead, what_was_made

        path = Path(super().convert(value, param, ctx))
        if what_was_made(path):
            raise InputError(instead(path, CORPUS))
        return path


class Split(click.ParamType[str]):
    """A split by any of the names that it has in caption tables: ``dev`` is ``val``."""

    name = "split"

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """The split's own name.

        Raises:
            InputError: there is no such split; the nearest_made are named.
        """
        from core.splits import split_word

        del ctx
        return split_word(str(value), f"--{param.name}" if param else "split")
