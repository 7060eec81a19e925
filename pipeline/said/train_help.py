"""The help of ``train``: the parts and the recipes that are there, and every key of ``--set``."""

import json
import textwrap
from collections.abc import Iterable
from typing import Any

import click

from pipeline import recipe_files
from pipeline.parts import JUDGED, caches, kinds, listed, others, recipes, sections
from pipeline.said import effects
from pipeline.said.explain import MISSING, Row
from train.recipe import resolve

NAME_COLUMN = 18
KEY_COLUMN = 36
LONGEST = 48
EFFECTS = {
    "the numbers, so another run": [
        *("caches", "base", "data", "data_format", "recipe", "assignments", "seed")
    ],
    effects.DIGITS: ["device", "deterministic", "compiles"],
    effects.WHERE: ["run", "work"],
    effects.SKIPPED: ["max_errors"],
    effects.NEITHER: ["save_every", "tensorboard"],
}
KEYS = (
    "As little of a key as tells it apart will do: --set margin=0.1. A section stands for its name "
    "(--set text=NAME); the part that it puts there begins with its own defaults. "
    "`recipes show NAME` prints a recipe as a file."
)


class TrainCommand(click.Command):
    """A command with the options ``--recipe`` and ``--set``, whose help tells what they accept.

    The values that it shows are those of the recipe and the assignments that stand beside
    ``--help``, on either side of it.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep what was typed: ``--help`` is answered before later options are looked at."""
        ctx.meta[__name__], _, _ = self.make_parser(ctx).parse_args(list(args))
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the options change, the examples, the recipes, the parts and the keys."""
        effects.write(formatter, self, EFFECTS)
        super().format_epilog(ctx, formatter)
        typed = ctx.meta.get(__name__, {})
        usual = next(p.default for p in self.params if p.name == "recipe")
        chosen, changes = typed.get("recipe", usual), typed.get("assignments", [])
        _table(formatter, "Recipes (--recipe NAME, or the path of a .toml file)", recipes())
        for kind in kinds():
            _table(formatter, f"{kind.title} (--set {kind.section}=NAME)", listed(kind.package))
        for title, package in JUDGED.items():
            _table(formatter, f"{title} (of stage three)", listed(package))
        _keys(formatter, chosen, changes)


def _keys(formatter: click.HelpFormatter, chosen: str, changes: list[str]) -> None:
    recipe = resolve(recipe_files.read(chosen), changes)
    wanted = [(each.path, _given(each.rows)) for each in caches(recipe)]
    _table(formatter, f"Caches that {chosen} wants (`all` and make make them)", wanted)
    values = " ".join([chosen, *(f"--set {change}" for change in changes)])
    with formatter.section(f"Keys of --set (--set KEY=VALUE), with the values of {values}"):
        formatter.write_text(KEYS)
        for section in sections(recipe):
            formatter.write_paragraph()
            _rows(formatter, section.rows)
    for section in others(recipe):
        with formatter.section(f"With {section.path}"):
            formatter.write_text(section.about)
            formatter.write_paragraph()
            _rows(formatter, section.rows)


def _rows(formatter: click.HelpFormatter, rows: Iterable[Row]) -> None:
    told = [(_assigned(row), f"{row.accepted}; {row.description}") for row in rows]
    _aligned(formatter, told, KEY_COLUMN)


def _given(rows: Iterable[Row]) -> str:
    """The options that a section gives, as they are typed."""
    told = [f"{row.key.rpartition('.')[2]} {row.value}" for row in rows if row.value is not None]
    return ", ".join(told) or "every backbone that is asked for, as stage one makes it"


def _assigned(row: Row) -> str:
    if row.value is MISSING:
        return f"{row.key} (to be given)"
    value = json.dumps(row.value, ensure_ascii=False)
    return f"{row.key} = {textwrap.shorten(value, LONGEST, placeholder=' ...')}"


def _table(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    with formatter.section(title):
        _aligned(formatter, rows, NAME_COLUMN)


def _aligned(formatter: click.HelpFormatter, rows: list[Any], column: int) -> None:
    """Write rows whose second column begins at the same place in every table of the page."""
    if rows:
        formatter.write_dl([(f"{left:{column}}", right) for left, right in rows], col_max=column)
