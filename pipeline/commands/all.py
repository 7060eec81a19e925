"""``all``: the stages one after another, going on with what was given before."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from core.wording import one_line
from extract.settings import FeatureSettings
from pipeline import recipe_files
from pipeline.commands.evaluate import command as evaluating
from pipeline.commands.train import command as training
from pipeline.memory import remembered
from pipeline.memory.going_on import Course, go_on
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.refusals.ahead import require_splits
from pipeline.said.closing import after_all, after_evaluate
from pipeline.said.progress import say, show
from pipeline.scenes import drawn
from pipeline.stages.all import TO, Asked, Made, answer, chain
from pipeline.stages.terms import CorpusAt, Lesson, Question, Terms
from pipeline.typed import options
from pipeline.typed.by_make import ENVIRONMENT, retyped, variable
from pipeline.typed.click_settings import settings_options
from pipeline.typed.words import chosen, defaults_of, options_of, places_in, words_of
from pipeline.wanted import wanted

EXAMPLES = (
    "\b\nExamples:\n"
    "  python -m pipeline all --to features photos --backbone vgg19\n"
    "  python -m pipeline all --to train --set margin=0.1\n"
    "  python -m pipeline all\n"
    "  python -m pipeline forget"
)
OF_TRAIN = (
    "recipe",
    "assignments",
    "run",
    "seed",
    "save_every",
    "tensorboard",
    "deterministic",
    "compiles",
)
SHARED = ("max_errors", "device", "work")
OF_EVALUATE = (
    *("split", "protocol", "measures", "out", "fold", "positives", "least", "likeness"),
    "page",
)
QUESTION = (*OF_EVALUATE, "set_measure")  # whose --set is that of the recipe here
NOT_REMEMBERED = frozenset({*QUESTION, "work", "to", "tensorboard", "deterministic", "compiles"})
COURSE = f"{__name__}.course"
"""Where the context keeps what is to be done, which the options alone do not tell."""


def _rank(parameter: click.Parameter) -> int:
    groups = (OF_TRAIN, QUESTION, SHARED)
    return next((rank for rank, names in enumerate(groups) if parameter.name in names), -1)


class AllCommand(click.Command):
    """A command whose options go on with those that were given before."""

    def __init__(self, name: str, *, params: list[click.Parameter], **kwargs: Any):
        """List the options by stage, as they are said and shown; what all stages share is last."""
        super().__init__(name, params=sorted(params, key=_rank), **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options, join what is remembered to them, and check all of it."""
        typed, rest = options_of(self, ctx, args)
        asks_help = self.get_help_option(ctx)
        if ctx.resilient_parsing or (asks_help and asks_help.name in typed):
            return super().parse_args(ctx, args)
        usual = defaults_of(self, ctx)
        course = go_on(
            typed,
            to=(*typed.get("to", ()), usual["to"])[0],
            work=Path(typed.get("work", ("",))[-1] or usual["work"]),
            questions=NOT_REMEMBERED,
            usual=usual,
        )
        ctx.meta[COURSE] = course
        return super().parse_args(ctx, words_of(self, course.values, rest))


@click.command(
    "all",
    cls=AllCommand,
    epilog=EXAMPLES,
    params=[*chosen(training, OF_TRAIN), *chosen(evaluating, OF_EVALUATE)],
)
@click.argument("path", metavar="[DATA]", required=False, type=options.pictures)
@click.option(
    "--to", type=click.Choice(TO), default=TO[-1], show_default=True, help="The last stage."
)
@options.data_format
@options.set_measure("--set-measure")
@settings_options(FeatureSettings)
@options.terms
def command(
    path: Path | None,
    to: str,
    settings: FeatureSettings,
    terms: Terms,
    **given: Any,
) -> None:
    """Cache the features of DATA, train on them, and judge the run: as far as --to says.

    What is there already is found. What is given is remembered in WORK, and the next time it need
    not be given again; another DATA or `forget` forgets it. Without DATA, the first time, the
    generated scenes are drawn and taken. A --run that is named alone is asked as it is. The names
    that options take are listed by `features --help`, `train --help` and `evaluate --help`.

    Several backbones are several caches, as `features` makes them (--backbone a,b --weights x,y),
    and one run is trained on them. A recipe may want caches of its own: without --backbone these
    are made, with --weights in the order of its backbones; what is typed goes before what it says.

    Vectors of captions, which some recipes read (adapters), are not made here: `features DATA
    --text ENCODER` makes them, and `train CACHE TEXTCACHE --data DATA` is given both caches.
    """
    context = click.get_current_context()
    course: Course = context.meta[COURSE]
    for line in [*_from_environment(course), *course.lines]:
        say(one_line(line))
    work, caches = terms.work, () if course.judged else _caches(settings, given["recipe"])
    given["save_every"] *= 60  # minutes are typed
    asked = Asked(
        to=to,
        data=CorpusAt(path or drawn.place(work), given["data_format"]),
        caches=caches,
        lesson=Lesson(**{name: given[name] for name in OF_TRAIN}),
        question=Question(**{name: given[name] for name in QUESTION}),
        terms=terms,
    )
    once = Once(work)
    if course.judged:
        options.run.checked(course.judged, work)
    if not (course.judged or course.draws):  # who typed it wrongly does not wait for torch
        require_splits(once.corpus(asked.data.path, asked.data.data_format), asked.needed)
    machine(terms.device, once.known)  # before what needs torch (see there), and to refuse another
    if course.judged:
        show(answer(asked, course.judged, once).text)
        say(after_evaluate(course.judged, work))
        return
    if {"recipe", "assignments"} & course.kept.keys():
        outline_of(given["recipe"], given["assignments"], once.known)  # or refuse what is none
    memory = remembered.remember(course.kept, places_in(context.command, course.kept), course.made)
    done = chain(
        asked,
        once,
        pictures=lambda: drawn.draw(work) if course.draws else None,
        checked=lambda: remembered.write(work, memory),
        made=lambda done: remembered.note(work, memory.with_made(work, done.caches, done.run)),
    )
    made = [str(done.run)] if done.run else map(str, done.caches)
    show(done.answer.text if done.answer else "\n".join(made))
    if done.problem:
        raise done.problem
    say(_next(asked, done))


def _caches(settings: FeatureSettings, recipe: str) -> Sequence[FeatureSettings]:
    """What stage one is to make; where a recipe's word does not count, that is said."""
    found = wanted(settings, recipe_files.features(recipe), recipe)
    for note in found.notes:
        say(note)
    return found.caches


def _next(asked: Asked, done: Made) -> str:
    if done.answer and done.run:
        return after_evaluate(done.run, asked.terms.work)
    return after_all(asked.to, done.caches, done.corpus, asked.terms.work)


def _from_environment(course: Course) -> list[str]:
    names = os.environ.get(ENVIRONMENT, "").split()
    there = {name: values for name, values in course.values.items() if variable(name) in names}
    return [f"from the environment: {retyped(there)}"] if there else []
