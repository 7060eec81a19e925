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
from pipeline.parts import JUDGED, of_measures

SUGGESTED: dict[str, Callable[[], Iterable[str]]] = {
    "backbone": backbones,
    "recipe": recipe_files.names,
    "data_format": lambda: ["auto", *formats()],
    "split": lambda: ALL_SPLITS,
    "device": lambda: ("auto", "cpu", "cuda", "mps"),
    "weights": lambda: ("DEFAULT", "random"),
    "measures": lambda: names(JUDGED["Measures"]),
    "protocol": lambda: names(JUDGED["Protocols"]),
    "set_measure": lambda: [f"{row.key}=" for row in of_measures()],
}
"""What some options are known to take, by their names; they may take more."""
LISTS = ("backbone", "weights", "measures")
"""Those of them that take several, with commas between them."""


class Suggested(StringParamType):
    """Text, of which some values are known."""

    def __init__(self, values: Callable[[], Iterable[str]], *, several: bool = False):
        """Ask ``values`` when a shell asks; of ``several`` the last one is completed."""
        self._values, self._several = values, several

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The known values that begin so; a file where none does."""
        before, comma, begun = incomplete.rpartition(",") if self._several else ("", "", incomplete)
        found = [
            CompletionItem(f"{before}{comma}{name}")
            for name in self._values()
            if name.startswith(begun)
        ]
        return found or [CompletionItem(incomplete, type="file")]


def completable(command: click.Command) -> None:
    """Let the options of ``command`` tell a shell what they take."""
    for parameter in command.params:
        if isinstance(parameter.type, StringParamType) and parameter.name in SUGGESTED:
            known, several = SUGGESTED[parameter.name], parameter.name in LISTS
            parameter.type = Suggested(known, several=several)
