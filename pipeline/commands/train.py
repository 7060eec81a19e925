"""``train``: stage two."""

from pathlib import Path

import click
from click.core import ParameterSource

from pipeline.refusals.other_caches import by_all, other_caches
from pipeline.said.closing import after_train, after_tune
from pipeline.said.progress import say, show
from pipeline.said.train_help import TrainCommand
from pipeline.stages.follow import follow
from pipeline.stages.terms import CorpusAt, Lesson, Terms
from pipeline.stages.train import train
from pipeline.stages.tune import follow_tune, tune
from pipeline.together import together
from pipeline.typed import options
from pipeline.typed.words import words_of
from train.states import SAVE_EVERY

TUNES = "vse++ft"
TYPED = ParameterSource.COMMANDLINE
_ELSEWHERE = ("caches", "data")
"""What stands in another place there."""

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline train work/features/NAME --data flickr8k --set margin=0.1\n"
    "  python -m pipeline train work/features/ONE work/features/OTHER --data flickr8k\n"
    "  python -m pipeline train --from work/runs/NAME --data flickr8k --recipe vse++ft\n"
    "  python -m pipeline train --help --recipe vse++\n"
    "  torchrun --nproc-per-node=2 -m -- pipeline train work/features/NAME --data flickr8k"
)


def _typed() -> list[str]:
    """The options that `all` has too, as they were typed, but for the recipe."""
    context = click.get_current_context()
    values: dict[str, tuple[str, ...]] = {}
    for option in context.command.params:
        name = option.name or ""
        if name in (*_ELSEWHERE, "recipe") or context.get_parameter_source(name) is not TYPED:
            continue
        value = context.params[name]
        values[name] = tuple(map(str, value if option.multiple else (value,)))
    return words_of(context.command, values)


def _minutes(_context: click.Context, _option: click.Parameter, value: float) -> float:
    if not value >= 0:  # NaN too
        raise click.BadParameter(f"{value} is no time from 0 minutes on")
    return value


def _usual(base: Path | None) -> str:
    """The recipe where none is typed, and it is not that of caches."""
    source = click.get_current_context().get_parameter_source("recipe")
    return TUNES if base and source is ParameterSource.DEFAULT else ""


@click.command(
    "train", cls=TrainCommand, epilog=EPILOG, context_settings={"max_content_width": 100}
)
@click.argument("caches", metavar="[CACHE...]", type=options.cache, nargs=-1)
@click.option(
    "--from",
    "base",
    metavar="RUN",
    type=options.run,
    default=None,
    help="In the place of caches: tune the CNN too, on the pictures, beginning with this run.",
)
@click.option(
    "--data",
    required=True,
    type=options.pictures,
    help="The corpus that the caches were made from: its captions and splits are read.",
)
@options.data_format
@click.option(
    "--recipe",
    default="vse++w",
    show_default=True,
    help="Which settings; beside --help, whose values it shows.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="One setting over the recipe; as often as needed.",
)
@click.option(
    "--guard",
    "assignments",
    flag_value="guard=true",
    multiple=True,
    help="Short for --set guard=true: where all vectors are one, an epoch of every negative.",
)
@click.option(
    "--run",
    type=options.place,
    default=None,
    help="The run's directory; by default its name follows from everything that makes the run.",
)
@click.option("--seed", default=0, show_default=True, help="Of weights and of the order.")
@click.option(
    "--save-every",
    metavar="MINUTES",
    type=float,
    callback=_minutes,
    default=SAVE_EVERY / 60,
    show_default=True,
    help="Time between two states inside an epoch: what a kill can cost; Ctrl-C saves.",
)
@click.option(
    "--tensorboard",
    is_flag=True,
    help="Write the metrics as events too, in RUN/tensorboard, with TensorBoard (EXTRAS).",
)
@click.option(
    "--deterministic",
    is_flag=True,
    help="The same bits twice on a GPU too, or an error; on a CPU they are the same anyway.",
)
@click.option(
    "--compile",
    "compiles",
    is_flag=True,
    help="Let torch compile what is no recurrent network: a slow first step, then faster ones.",
)
@options.terms
def command(
    caches: tuple[Path, ...],
    base: Path | None,
    data: Path,
    data_format: str,
    recipe: str,
    assignments: tuple[str, ...],
    run: Path | None,
    seed: int,
    save_every: float,
    tensorboard: bool,
    deterministic: bool,
    compiles: bool,
    terms: Terms,
) -> None:
    """Train a recipe on the cached features in CACHE, and keep the best epoch by its validation.

    Several caches of one corpus are read together. Those of one backbone with the same weights are
    views of one source: mixed at a training visit (image.crop=mixture), averaged at test; a cache
    that kept the mean of ten crops is one view. All others stand side by side.

    With --from RUN, a finished run on one cache of pooled features, the CNN learns too: RUN's
    encoders, words and backbone go on from their weights, on pictures that are cropped and mirrored
    at random; recipe vse++ft, unless another is typed. The run then has backbone.safetensors,
    which `features --weights` takes, and `evaluate` extracts what it needs with it.

    The same command again reuses a finished run and goes on with an interrupted one, from inside an
    epoch too, with the same result to the bit. Started by torchrun, several processes train one
    run; batch_size stays that of all together. The last line printed is the run's directory, with
    model.safetensors, config.json, seen.json, metrics.jsonl, curves.png and, where the task reads
    words, vocab.json.
    """
    if bool(base) == bool(caches):
        raise click.UsageError(
            "give the caches to train on, or --from RUN, whose CNN learns on the pictures"
            f"{' then, without a cache' if base else ''}"
        )
    lesson = Lesson(
        recipe=_usual(base) or recipe,
        assignments=assignments,
        run=run,
        seed=seed,
        save_every=60 * save_every,
        tensorboard=tensorboard,
        deterministic=deterministic,
        compiles=compiles,
    )
    corpus = CorpusAt(data, data_format)
    with together(terms) as (ranks, own):
        if ranks and not ranks.leads:
            if base:
                follow_tune(base, corpus, lesson, terms=own, ranks=ranks)
            else:
                follow(caches, corpus, lesson, terms=own, ranks=ranks)
            return
        if base:
            done = tune(base, corpus, lesson, terms=own, ranks=ranks)
        else:
            for note in other_caches(recipe, caches, by_all(data, recipe, _typed())):
                say(note)
            done = train(caches, corpus, lesson, terms=own, ranks=ranks)
    show(str(done))
    say((after_tune if base else after_train)(done, terms.work))
