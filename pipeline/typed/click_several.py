"""An option of several words: its type on the command line."""

from typing import Any

import click
from click.shell_completion import CompletionItem

from core.several import Several, between_commas


class Words(click.ParamType[str]):
    """Words of a list with commas between, in the one form of ``core.several``."""

    name = "words"

    def __init__(self, several: Several):
        """``several`` knows the words."""
        self._several = several

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The words, and that there may be more than one: ``[grid|pooled][,...]``."""
        del param, ctx
        return f"[{'|'.join(self._several.words)}][,...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The words in their one form."""
        try:
            return self._several(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words that begin as the last one does, and are not there yet."""
        del ctx, param
        before, comma, last = incomplete.rpartition(",")
        there = between_commas(before)
        known = [word for word in self._several.words if word not in there]
        return [CompletionItem(before + comma + word) for word in known if word.startswith(last)]
