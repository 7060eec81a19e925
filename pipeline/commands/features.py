"""``features``: stage one."""

from pathlib import Path
from typing import Any

import click

from core.corpora import formats
from extract import families
from extract.settings import FREE, FeatureSettings
from pipeline.asked.captions_like import captions_of
from pipeline.asked.like import likes
from pipeline.memory.once import Once
from pipeline.said import effects
from pipeline.said.closing import after_features, after_texts
from pipeline.said.progress import say, show
from pipeline.stages.features import features_of_each
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.stages.texts import texts
from pipeline.typed import options
from pipeline.typed.click_settings import settings_options
from pipeline.typed.of_texts import of_texts
from pipeline.wanted import wanted

EXAMPLES = (
    "\b\nExamples:\n"
    "  python -m pipeline features my-pictures --backbone resnet152\n"
    "  python -m pipeline features flickr8k --backbone vgg19 --crops 1 --weights vgg19.pth\n"
    "  python -m pipeline features flickr8k --backbone vgg19,alexnet --weights v.pth,a.pth\n"
    "  python -m pipeline features other-pictures --like work/runs/NAME\n"
    "  python -m pipeline features flickr8k --text glove.py:encode"
)


EFFECTS = {
    "the numbers, so another cache": [
        *("path", "data_format", "text"),
        *(name for name in FeatureSettings.model_fields if name not in FREE),
        "like",
    ],
    effects.DIGITS: [*sorted(FREE - {"shard_size"}), "device"],
    effects.WHERE: ["work"],
    effects.SKIPPED: ["max_errors"],
    effects.NEITHER: ["shard_size", "need", "into"],
}


class FeaturesCommand(click.Command):
    """A command whose help lists the backbones and the formats that are there now."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the options change, the lists, then the examples."""
        effects.write(formatter, self, EFFECTS)
        with formatter.section("Backbones"):
            formatter.write_text(", ".join(families.names()))
            for file, fault in families.broken().items():
                formatter.write_text(f"{file} is broken: {fault}")
        with formatter.section("Formats"):
            formatter.write_dl(list(formats().items()))
        super().format_epilog(ctx, formatter)


@click.command("features", cls=FeaturesCommand, epilog=EXAMPLES)
@options.data_argument
@options.data_format
@settings_options(FeatureSettings)
@click.option(
    "--text",
    metavar="ENCODER",
    default=None,
    help="Cache the captions' vectors instead, by a frozen sentence encoder: "
    "sentence-transformers:NAME, or FILE.py:FUNCTION, a function from a list of texts to (N, D) "
    "float32. Beside it count --dtype, --shard-size and --batch-size (sentences a call).",
)
@click.option(
    "--like",
    metavar="RUN",
    type=options.run,
    default=None,
    help="Make the features as those that RUN was trained on; its options that make numbers are "
    "taken; beside it may be given --weights, for a file that has moved, and what changes no "
    "number.",
)
@click.option(
    "--need",
    type=options.split,
    multiple=True,
    metavar="SPLIT",
    help="A split that must hold a picture with a caption, or nothing is done; as often as needed.",
)
@click.option(
    "--into",
    metavar="RUN",
    type=options.place,
    default=None,
    help="Where these will be trained on: if RUN is there, and is of others, nothing is done.",
)
@options.terms
def command(
    path: Path,
    data_format: str,
    settings: FeatureSettings,
    text: str | None,
    like: Path | None,
    need: tuple[str, ...],
    into: Path | None,
    terms: Terms,
) -> None:
    """Run a frozen CNN over every picture of DATA, once, and cache what it computes.

    With --text no picture is read: a frozen sentence encoder's vector of each caption is cached.

    A cache is found by its key: the same command again reuses it, an interrupted one goes on, and
    anything that would change a number makes another cache. The last line printed is its directory.

    Of several backbones, --backbone a,b --weights x,y, one cache after another is made, with the
    weights at the same place, or with one name for all (DEFAULT, random); the last lines printed
    are their directories, in this order. A comma in the path of weights is typed twice. Like a run
    of several caches, those of all are made, that of the captions too, where it reads one and DATA
    has captions.
    """
    data, once = CorpusAt(path, data_format), Once(terms.work)
    if text is not None:
        chosen = of_texts(settings, like=like, into=into)
        done = texts(data, text, chosen, terms=terms, need=need)
        show(str(done))
        say(after_texts(done, path, data_format, terms.work))
        return
    share: dict[str, Any] = {"terms": terms, "need": need, "into": into, "once": once}
    made = likes(like, settings) if like else wanted(settings, {}).caches
    encoders = captions_of(like) if like and once.corpus(path, data_format).captions else []
    for encoder in encoders:
        encoder.require_code()
    caches, problem = features_of_each(data, made, **share)
    of_captions = [] if problem else [each.made(data, terms, once, need) for each in encoders]
    for cache in [*caches, *of_captions]:
        show(str(cache))
    if problem:
        raise problem
    say(after_features(caches, once.corpus(path, data_format), path, data_format, terms.work))
