"""The options by which runs are asked, alone or to be compared."""

from collections.abc import Callable, Mapping
from functools import reduce, wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from core.several import between_commas
from pipeline.stages.terms import CorpusAt, Question
from pipeline.typed import options

OF_QUESTION = (
    *("split", "protocol", "measures", "set_measure"),
    *("fold", "likeness", "page", "positives", "least"),
)


class Asked(NamedTuple):
    """What was typed: ``given`` are fields of a question; ``corpus`` another than the runs'."""

    given: Mapping[str, Any]
    corpus: CorpusAt | None
    caches: tuple[Path, ...]

    def question(self, **more: Any) -> Question:
        """With ``more`` of its fields."""
        return Question(**self.given, **more)


def _names(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    return list(dict.fromkeys(filter(None, between_commas(value))))


_OPTIONS = (
    click.option(
        "--split",
        type=options.split,
        default="test",
        show_default=True,
        help="Which split is asked about; choose between settings on val, never on test.",
    ),
    options.other,
    options.data_format,
    options.caches,
    click.option(
        "--protocol",
        default=None,
        help="What is asked and reported, in the place of what belongs to the run's task.",
    ),
    click.option(
        "--measures",
        default="",
        metavar="A,B",
        callback=_names,
        help="What is measured of the answers, in the place of the protocol's usual.",
    ),
    options.set_measure("--set", "--set-measure"),
    click.option(
        "--fold",
        metavar="IMAGES",
        type=click.IntRange(min=1),
        default=None,
        help="How many images a fold has, with --protocol folds: MSCOCO's 1,000, unless given.",
    ),
    click.option(
        "--likeness/--no-likeness",
        default=True,
        show_default=True,
        help="Look for pictures that look like one that was trained on. The hash of each is kept "
        "in WORK: it costs about a millisecond, once.",
    ),
    click.option(
        "--page/--no-page",
        default=True,
        show_default=True,
        help="Write report.html, too: the report as a page for a browser, with pictures.",
    ),
    click.option(
        "--positives",
        metavar="FILE",
        type=options.place,
        multiple=True,
        help="With --protocol extended: who is right, as a .json of ECCV Caption's or a .csv with "
        "the columns image and caption, such as CxC's; as often as there are files.",
    ),
    click.option(
        "--least",
        metavar="SCORE",
        type=float,
        default=None,
        help="With --positives: from which score on a pair of a .csv with scores is right; 3.0, "
        "unless given.",
    ),
)


def asked(command: Callable[..., None]) -> Callable[..., Any]:
    """Give a command the options of a question, as one object ``asked``."""

    @wraps(command)
    def gathered(
        *, data: Path | None, data_format: str, caches: tuple[Path, ...], **given: Any
    ) -> None:
        fields = {name: given.pop(name) for name in OF_QUESTION}
        corpus = CorpusAt(data, data_format) if data else None
        command(**given, asked=Asked(fields, corpus, caches))

    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), gathered)
