"""What was typed wrongly, in one line that says what to type."""

import shlex
from pathlib import Path

import click
from click.exceptions import MissingParameter

from core.errors import choices
from pipeline.typed.called import as_called, called


def refused(error: click.ClickException) -> str:
    """The line for what click refuses: its own words, an example, and where to read on."""
    context = getattr(error, "ctx", None)
    line = error.format_message().rstrip(".")
    if context is None:
        return line
    example = _example(context) if isinstance(error, MissingParameter) else ""
    such = f"; such as `{example}`" if example else ""
    return f"{line}{such}; see `{context.command_path} --help`"


def no_command(name: str, known: list[str]) -> str:
    """The line for a command that there is not; what a path of that name would be given to."""
    if name == "help":
        return f"no command 'help'; type `{called()} --help`, or `{called()} COMMAND --help`"
    path = Path(name)
    if path.exists():
        # To recognise a path takes libraries that no other mistake needs.
        from pipeline.typed.recognised import instead

        return f"no command {name!r}: {instead(path)}"
    near = choices(name, known)
    if "did you mean" in near or not _like_a_path(name):
        return f"no command {name!r}: {near}"
    return f"no command {name!r}, and nothing is there of this name: {near}"


class Group(click.Group):
    """Commands of one kind of thing; what is none of them is perhaps the thing."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command, or the one that is meant."""
        name = args[0]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        near = choices(name, self.commands)
        usual = "show" if "show" in self.commands else "info"
        if "did you mean" not in near and (usual == "show" or Path(name).exists()):
            near += f"; perhaps `{ctx.command_path} {usual} {shlex.quote(name)}`"
        raise click.UsageError(f"no command {name!r} of `{ctx.command_path}`: {near}", ctx)


def _like_a_path(name: str) -> bool:
    return any(sign in name for sign in "/.-_ ")


def _example(context: click.Context) -> str:
    """The first example of a command, in its own help or in that of its group."""
    commands = [context.command, *([context.parent.command] if context.parent else [])]
    told = [line.strip() for each in commands for line in (each.epilog or "").splitlines()]
    lines = [as_called(line) for line in told]
    return next((line for line in lines if line.startswith(f"{context.command_path} ")), "")
