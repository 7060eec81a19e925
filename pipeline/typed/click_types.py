"""The types of arguments and options: odd values are refused in one line that says what to type."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.errors import InputError
from core.wording import one_line
from core.work_folder import WORK
from pipeline.typed.by_make import as_typed

Parameter = click.Parameter | None
Context = click.Context | None


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
        work = Path((ctx and ctx.params.get("work")) or WORK)
        path = Path(super().convert(value, param, ctx))
        from pipeline.typed.made import found

        return found(path, work, self._kind, as_typed(self._command, make=self._target))

    def checked(self, path: Path, work: Path) -> Path:
        """The path, if it is such a thing (``pipeline.typed.made.checked``)."""
        from pipeline.typed.made import checked

        return checked(path, work, self._kind, as_typed(self._command, make=self._target))


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
        return split_word(str(value), param.opts[0] if param else "split")
