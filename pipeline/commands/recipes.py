"""``recipes`` and ``recipes show``: which there are, and what is in one."""

import click

from pipeline import recipe_files
from pipeline.parts import recipes
from pipeline.recipe_toml import to_toml
from pipeline.said.progress import say
from pipeline.said.progress import show as tell
from pipeline.typed.usage import Group
from train.recipe import resolve

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline recipes\n"
    "  python -m pipeline recipes show vse++ > mine.toml\n"
    "  python -m pipeline train work/features/NAME --data flickr8k --recipe mine.toml"
)


@click.group("recipes", cls=Group, invoke_without_command=True, epilog=EPILOG)
@click.pass_context
def command(context: click.Context) -> None:
    """List the recipes, each with its line; or show one whole."""
    if context.invoked_subcommand is None:
        there = recipes()
        wide = max((len(name) for name, _ in there), default=0)
        for name, about in there:
            tell(f"{name:{wide}}  {about}")
        say(f"next: `{context.command_path} show NAME` prints one whole, to save and change")


@command.command("show")
@click.argument("name", metavar="NAME")
def show(name: str) -> None:
    """Print the recipe NAME, or a .toml file, with every option, as a recipe to save and change.

    What the recipe leaves at its default is written out; behind each value stands what it is and
    what is accepted.
    """
    settings = resolve(recipe_files.read(name))
    tell(f"# {name}, with every option; save it and give it to --recipe FILE.toml\n")
    tell(to_toml(settings).rstrip("\n"))
