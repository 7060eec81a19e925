"""``corpus``: what a folder of pictures is, before anything is computed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import click

from core.errors import InputError
from core.wording import one_line
from extract import families
from extract.settings import FeatureSettings
from pipeline.checkup.check import check, recognise
from pipeline.checkup.page import lines
from pipeline.checkup.report import recognition
from pipeline.device import resolve
from pipeline.memory.looked_at import look_again
from pipeline.said.progress import say, show
from pipeline.typed import options
from pipeline.typed.several import names
from pipeline.typed.words import defaults_of, options_of, words_of

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline corpus my-pictures\n"
    "  python -m pipeline corpus flickr8k --backbone mobilenet_v2 --crops 1\n"
    "  python -m pipeline corpus flickr8k --json > flickr8k.json"
)
_USUAL = FeatureSettings.model_fields


class CorpusCommand(click.Command):
    """A command that looks at what was given last, where nothing is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options, and join what is remembered of the same pictures to them."""
        typed, rest = options_of(self, ctx, args)
        asks_help = self.get_help_option(ctx)
        if ctx.resilient_parsing or (asks_help and asks_help.name in typed):
            return super().parse_args(ctx, args)
        usual = defaults_of(self, ctx)
        work = Path(typed.get("work", ("",))[-1] or usual["work"])
        values, lines = look_again(typed, work=work, names=usual)
        for line in lines:
            say(one_line(line))
        return super().parse_args(ctx, words_of(self, values, rest))


@click.command("corpus", cls=CorpusCommand, epilog=EPILOG)
@options.data_argument
@options.data_format
@click.option(
    "--backbone",
    default=_USUAL["backbone"].default,
    show_default=True,
    help="Which CNN's time is estimated; of several, a,b, each one's.",
)
@click.option(
    "--crops",
    type=click.Choice(get_args(_USUAL["crops"].annotation)),
    default=_USUAL["crops"].default,
    show_default=True,
    help="Of how many crops.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@options.max_errors
@options.device
@options.work
def command(
    path: Path,
    data_format: str,
    backbone: str,
    crops: int,
    as_json: bool,
    max_errors: float,
    device: str,
    work: Path,
) -> None:
    """Look at DATA before anything is computed: what it is, and what to mend.

    Counts by split, missing and broken files, odd names, pictures that are one or look alike, words
    that training never sees, and how long `features` will take, from a short trial. Nothing is
    extracted; hashes are kept in WORK. Exit code 1 where no training could begin: the last line
    says what is lacking. Without DATA, what `all` was given last is looked at.
    """
    backbones = names(backbone)
    for each in backbones:
        families.family(each)
    if device != "auto":  # what was typed wrong is said before minutes of hashing
        resolve(device)
    settings = [
        FeatureSettings.model_validate({"backbone": each, "crops": crops, "weights": "random"})
        for each in backbones
    ]
    found = recognise(path, data_format)
    try:
        report = check(
            found, data_format, settings, max_errors=max_errors, device=device, work=work
        )
    except InputError as error:
        if as_json:
            _json({**recognition(found), "lacking": str(error)})
        raise
    if as_json:
        _json(report.to_json())
    else:
        for line in lines(report):
            show(line)
    if report.lacking:
        raise InputError(report.lacking)


def _json(facts: Mapping[str, Any]) -> None:
    show(json.dumps(facts, indent=1, ensure_ascii=False))
