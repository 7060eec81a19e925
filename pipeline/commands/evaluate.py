"""``evaluate``: stage three."""

from pathlib import Path

import click

from core.several import between_commas
from pipeline.asked.assigned import typed
from pipeline.parts import JUDGED, listed, of_measures
from pipeline.said import effects
from pipeline.said.closing import after_average, after_evaluate
from pipeline.said.progress import say, show
from pipeline.stages.average import average
from pipeline.stages.evaluate import evaluate
from pipeline.stages.terms import CorpusAt, Question, Terms
from pipeline.typed import options

EPILOG = "\n\n".join(
    [
        "\b\nExamples:\n"
        "  python -m pipeline evaluate work/runs/NAME\n"
        "  python -m pipeline evaluate work/runs/NAME --measures recall,average_precision\n"
        "  python -m pipeline evaluate work/runs/NAME --measures precision --set precision.k=1,50\n"
        "  python -m pipeline evaluate work/runs/NAME --data other-pictures\n"
        "  python -m pipeline evaluate work/runs/ONE work/runs/TWO --out work/both",
    ]
)


EFFECTS = {
    "the question, so another report": [
        *("runs", "split", "data", "data_format", "caches", "protocol", "measures", "ties"),
        "fold",
        "set_measure",
    ],
    effects.DIGITS: ["device"],
    effects.WHERE: ["out", "work"],
    effects.SKIPPED: ["max_errors"],
    "what is said beside the numbers": ["likeness"],
}


def _names(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    return list(dict.fromkeys(filter(None, between_commas(value))))


class EvaluateCommand(click.Command):
    """A command whose help lists the protocols and measures that are there, and their options."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the options change, the examples, then the lists."""
        effects.write(formatter, self, EFFECTS)
        super().format_epilog(ctx, formatter)
        for title, package in JUDGED.items():
            with formatter.section(title):
                formatter.write_dl(listed(package))
        with formatter.section("Options of measures (--set MEASURE.OPTION=VALUE)"):
            formatter.write_dl(
                [
                    (f"{row.key}={typed(row.value)}", f"{row.accepted}; {row.description}")
                    for row in of_measures()
                ]
            )


@click.command("evaluate", cls=EvaluateCommand, epilog=EPILOG)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=options.run)
@click.option(
    "--split",
    type=options.split,
    default="test",
    show_default=True,
    help="Which split is asked about.",
)
@click.option(
    "--data",
    type=options.pictures,
    default=None,
    help="Another corpus than the run's, or the run's where it is now. Pictures that are in no "
    "cache are extracted first, as the run's own were.",
)
@options.data_format
@click.option(
    "--cache",
    "caches",
    type=options.cache,
    multiple=True,
    help="The feature cache of the pictures, where it has moved; as often as a RUN reads caches.",
)
@click.option(
    "--protocol",
    default=None,
    help="What is asked and reported, in the place of what belongs to the run's task.",
)
@click.option(
    "--measures",
    default="",
    metavar="A,B",
    callback=_names,
    help="What is measured of the answers, in the place of the protocol's usual.",
)
@options.set_measure("--set", "--set-measure")
@click.option(
    "--ties",
    is_flag=True,
    help="Report, too, what is measured if ties are broken for the right answers, against them, or "
    "in every order alike; warn where they differ.",
)
@click.option(
    "--fold",
    metavar="IMAGES",
    type=click.IntRange(min=1),
    default=None,
    help="How many images a fold has, with --protocol folds: MSCOCO's 1,000, unless given.",
)
@click.option(
    "--likeness/--no-likeness",
    default=True,
    show_default=True,
    help="Look for pictures that look like one that was trained on. The hash of each is kept in "
    "WORK: it costs about a millisecond, once.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="Keep the report here and leave RUN as it is, on a read-only disk for example; a folder "
    "for each question. Several RUNs need one.",
)
@options.terms
def command(
    runs: tuple[Path, ...],
    split: str,
    data: Path | None,
    data_format: str,
    caches: tuple[Path, ...],
    protocol: str | None,
    measures: list[str],
    ties: bool,
    fold: int | None,
    set_measure: tuple[str, ...],
    likeness: bool,
    out: Path | None,
    terms: Terms,
) -> None:
    """Judge a trained RUN on a split: rank it, both ways, and print recall.

    Writes RUN/eval-SPLIT/report.json, embeddings.npz and queries.npz; where nothing has changed
    since, they answer. The model was chosen on `val`; pictures that it was trained on are refused.

    Of several RUNs the similarities are averaged, each by its own rule and joined by ids: one table
    of each and of all, and one report in --out. They must have been trained on one corpus.
    """
    question = Question(
        split=split,
        protocol=protocol,
        measures=measures,
        out=out,
        ties=ties,
        fold=fold,
        set_measure=set_measure,
        likeness=likeness,
    )
    corpus = CorpusAt(data, data_format) if data else None
    if len(runs) == 1:
        answer = evaluate(runs[0], question, terms=terms, data=corpus, caches=caches)
        told = after_evaluate(runs[0], terms.work)
    else:
        answer = average(runs, question, terms=terms, data=corpus, caches=caches)
        told = after_average(runs, terms.work)
    show(answer.text)
    say(told)
