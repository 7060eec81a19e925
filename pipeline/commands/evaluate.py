"""``evaluate``: stage three."""

from collections.abc import Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from core.errors import SettingError
from pipeline.asked.assigned import typed
from pipeline.parts import JUDGED, listed, of_measures
from pipeline.said import effects
from pipeline.said.closing import after_average, after_evaluate, after_matrices
from pipeline.said.progress import say, show
from pipeline.stages.average import average
from pipeline.stages.evaluate import evaluate
from pipeline.stages.matrices import from_similarity
from pipeline.stages.terms import Terms
from pipeline.typed import options
from pipeline.typed.asking import Asked, asked

EPILOG = "\n\n".join(
    [
        "\b\nExamples:\n"
        "  python -m pipeline evaluate work/runs/NAME\n"
        "  python -m pipeline evaluate work/runs/NAME --measures recall,average_precision\n"
        "  python -m pipeline evaluate work/runs/NAME --measures precision --set precision.k=1,50\n"
        "  python -m pipeline evaluate work/runs/NAME --data other-pictures\n"
        "  python -m pipeline evaluate work/runs/ONE work/runs/TWO --out work/both\n"
        "  python -m pipeline evaluate work/runs/NAME --similarity scores.h5\n"
        "  python -m pipeline evaluate --from-similarity scores.h5",
    ]
)


EFFECTS = {
    "the question, so another report": [
        *("runs", "split", "data", "data_format", "caches", "protocol", "measures", "ties"),
        *("fold", "positives", "least", "set_measure", "matrices"),
    ],
    effects.DIGITS: ["device"],
    effects.WHERE: ["out", "similarity", "work"],
    effects.SKIPPED: ["max_errors"],
    "what is said and shown beside the numbers": ["likeness", "page"],
}


OF_A_RUN = ("runs", "split", "data", "data_format", "caches", "device", "likeness", "similarity")
"""What a matrix of similarities has no use for."""


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
@click.argument("runs", metavar="RUN...", nargs=-1, type=options.run)
@asked
@click.option(
    "--ties",
    is_flag=True,
    help="Report, too, what is measured if ties are broken for the right answers, against them, or "
    "in every order alike; warn where they differ.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="Keep the report here and leave RUN as it is, on a read-only disk for example; a folder "
    "for each question. Several RUNs need one.",
)
@click.option(
    "--similarity",
    metavar="PATH",
    type=options.place,
    default=None,
    help="Write the similarity of every picture and caption, too, as HDF5 in float64, with the ids "
    "of both; of several RUNs their mean.",
)
@click.option(
    "--from-similarity",
    "matrices",
    metavar="PATH",
    type=options.place,
    multiple=True,
    help="Rank such a file, in the place of a RUN, or the matrix of another system "
    "(docs/format.md says what one holds); of several, also their mean.",
)
@options.terms
def command(
    runs: tuple[Path, ...],
    ties: bool,
    out: Path | None,
    similarity: Path | None,
    matrices: tuple[Path, ...],
    asked: Asked,
    terms: Terms,
) -> None:
    """Judge a trained RUN on a split: rank it, both ways, and print recall.

    Writes RUN/eval-SPLIT/report.json, embeddings.npz and queries.npz, and report.html to look at;
    where nothing has changed since, they answer. The model was chosen on `val`; pictures that it
    was trained on are refused.

    Of several RUNs the similarities are averaged, each by its own rule and joined by ids: one table
    of each and of all, and one report in --out. They must have been trained on one corpus.

    With --from-similarity no RUN is needed: a file of --similarity, or another system's, is ranked.
    """
    question = asked.question(ties=ties, out=out, similarity=similarity)
    _require_one_kind(click.get_current_context(), matrices)
    if matrices:
        answer = from_similarity(matrices, question, terms=terms)
        told = after_matrices(matrices, terms.work)
    elif len(runs) == 1:
        answer = evaluate(runs[0], question, terms=terms, data=asked.corpus, caches=asked.caches)
        told = after_evaluate(runs[0], terms.work)
    else:
        answer = average(runs, question, terms=terms, data=asked.corpus, caches=asked.caches)
        told = after_average(runs, terms.work)
    show(answer.text)
    say(told)


def _require_one_kind(context: click.Context, matrices: Sequence[Path]) -> None:
    """Refuse to ask nothing, and of a matrix what only a run can answer."""
    declared = {param.name: param for param in context.command.params}
    if not matrices:
        if not context.params["runs"]:
            raise click.MissingParameter(ctx=context, param=declared["runs"])
        return
    for name in OF_A_RUN:
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            flag = declared[name].get_error_hint(context).strip("'")
            raise SettingError(f"{flag} and --from-similarity do not go together; leave one out")
