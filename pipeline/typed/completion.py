"""What a shell may complete: the names that some options take, told without the networks."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from core.corpora import formats
from core.plugins import names
from core.records import ALL_SPLITS
from extract.families import names as backbones
from pipeline import recipe_files
from pipeline.parts import JUDGED

SUGGESTED: dict[str, Callable[[], Iterable[str]]] = {
    "backbone": backbones,
    "recipe": recipe_files.names,
    "data_format": lambda: ["auto", *formats()],
    "split": lambda: ALL_SPLITS,
    "device": lambda: ("auto", "cpu", "cuda", "mps"),
    "weights": lambda: ("DEFAULT", "random"),
    "measures": lambda: names(JUDGED["Measures"]),
    "protocol": lambda: names(JUDGED["Protocols"]),
}
"""What some options are known to take, by their names; they may take more."""


class Suggested(StringParamType):
    """Text, of which some values are known."""

    def __init__(self, values: Callable[[], Iterable[str]]):
        """Ask ``values`` when a shell asks."""
        self._values = values

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The known values that begin so; a file where none does."""
        found = [CompletionItem(name) for name in self._values() if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


def completable(command: click.Command) -> None:
    """Let the options of ``command`` tell a shell what they take."""
    for parameter in command.params:
        if isinstance(parameter.type, StringParamType) and parameter.name in SUGGESTED:
            parameter.type = Suggested(SUGGESTED[parameter.name])
