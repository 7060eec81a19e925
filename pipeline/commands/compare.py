"""``compare``: whether the differences between runs are real."""

from pathlib import Path

import click

from core.files import json_bytes
from pipeline.said.progress import show
from pipeline.stages.compare import compare
from pipeline.stages.terms import Terms
from pipeline.typed import options
from pipeline.typed.asking import Asked, asked

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline compare work/runs/ONE work/runs/TWO\n"
    "  python -m pipeline compare A-seed0 A-seed1 A-seed2 B-seed0 B-seed1 B-seed2\n"
    "  python -m pipeline compare work/runs/ONE work/runs/TWO --split val --out work/compared\n"
    "  python -m pipeline compare work/runs/ONE work/average --json"
)


@click.command("compare", epilog=EPILOG)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=options.run)
@asked
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="Write comparison.json and report.html here, and the reports of RUNs on a read-only disk.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all numbers as JSON, not the page.")
@options.terms
def command(
    runs: tuple[Path, ...],
    out: Path | None,
    as_json: bool,
    asked: Asked,
    terms: Terms,
) -> None:
    """Tell which differences between RUNs are real, and which are chance.

    Each RUN is asked as by `evaluate`, if its report does not answer; DIR of `evaluate ... --out
    DIR`, also of an average or of a matrix, is taken as it is. RUNs that differ in their seed alone
    are one row, mean ± deviation. Each two rows: the difference with its interval, p of a
    permutation test by pictures, Holm's correction, McNemar's test on hits, and the smallest
    difference that these pictures can show.
    """
    question = asked.question(out=out)
    done = compare(runs, question, terms=terms, data=asked.corpus, caches=asked.caches)
    show(json_bytes(done.told).decode().rstrip() if as_json else done.text)
