"""``compare``: whether the differences between runs are real."""

from pathlib import Path

import click

from core.files import json_bytes
from core.several import between_commas
from pipeline.said.progress import show
from pipeline.stages.compare import compare
from pipeline.stages.terms import CorpusAt, Question, Terms
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline compare work/runs/ONE work/runs/TWO\n"
    "  python -m pipeline compare A-seed0 A-seed1 A-seed2 B-seed0 B-seed1 B-seed2\n"
    "  python -m pipeline compare work/runs/ONE work/runs/TWO --split val --out work/compared\n"
    "  python -m pipeline compare work/runs/ONE work/average --json"
)


def _names(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    return list(dict.fromkeys(filter(None, between_commas(value))))


@click.command("compare", epilog=EPILOG)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=options.run)
@click.option(
    "--split",
    type=options.split,
    default="test",
    show_default=True,
    help="Which split is asked about; choose between settings on val, never on test.",
)
@click.option(
    "--data",
    type=options.pictures,
    default=None,
    help="Another corpus than the runs', or theirs where it is now.",
)
@options.data_format
@click.option(
    "--cache",
    "caches",
    type=options.cache,
    multiple=True,
    help="A feature cache of the pictures, where it has moved; each RUN takes those that it reads.",
)
@click.option("--protocol", default=None, help="What is asked, as of `evaluate`.")
@click.option(
    "--measures",
    default="",
    metavar="A,B",
    callback=_names,
    help="What is measured and tested, in the place of the protocol's usual.",
)
@options.set_measure("--set", "--set-measure")
@click.option(
    "--fold",
    metavar="IMAGES",
    type=click.IntRange(min=1),
    default=None,
    help="How many images a fold has, with --protocol folds.",
)
@click.option(
    "--positives",
    metavar="FILE",
    type=options.place,
    multiple=True,
    help="With --protocol extended: who is right, as of `evaluate`; as often as there are files.",
)
@click.option(
    "--least",
    metavar="SCORE",
    type=float,
    default=None,
    help="With --positives: from which score on a pair is right, as of `evaluate`.",
)
@click.option(
    "--likeness/--no-likeness",
    default=True,
    show_default=True,
    help="Look for pictures that look like one that was trained on, as of `evaluate`.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="Write comparison.json here, and the reports of RUNs on a read-only disk.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all numbers as JSON, not the page.")
@options.terms
def command(
    runs: tuple[Path, ...],
    split: str,
    data: Path | None,
    data_format: str,
    caches: tuple[Path, ...],
    protocol: str | None,
    measures: list[str],
    set_measure: tuple[str, ...],
    fold: int | None,
    positives: tuple[Path, ...],
    least: float | None,
    likeness: bool,
    out: Path | None,
    as_json: bool,
    terms: Terms,
) -> None:
    """Tell which differences between RUNs are real, and which are chance.

    Each RUN is asked as by `evaluate`, if its report does not answer; DIR of `evaluate ... --out
    DIR`, also of an average or of a matrix, is taken as it is. RUNs that differ in their seed alone
    are one row, mean ± deviation. Each two rows: the difference with its interval, p of a
    permutation test by pictures, Holm's correction, McNemar's test on hits, and the smallest
    difference that these pictures can show.
    """
    question = Question(
        split=split,
        protocol=protocol,
        measures=measures,
        out=out,
        fold=fold,
        set_measure=set_measure,
        positives=positives,
        least=least,
        likeness=likeness,
    )
    corpus = CorpusAt(data, data_format) if data else None
    done = compare(runs, question, terms=terms, data=corpus, caches=caches)
    show(json_bytes(done.told).decode().rstrip() if as_json else done.text)
