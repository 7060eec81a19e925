"""``search``: pictures by a sentence, and what is nearest to a picture."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from core.wording import one_line
from pipeline.said.progress import say, show
from pipeline.searched.asks import answered, asks
from pipeline.searched.face import Find
from pipeline.searched.listed import listed
from pipeline.typed import options
from pipeline.typed.searching import Where, searching

EPILOG = (
    "\b\nExamples:\n"
    '  python -m pipeline search work/runs/NAME "two dogs in the snow"\n'
    '  python -m pipeline search work/runs/NAME "a red car" -k 3 --data other-pictures --json\n'
    "  python -m pipeline search work/runs/NAME --image holiday.jpg --html found.html\n"
    "  python -m pipeline search work/runs/NAME --image holiday.jpg --find captions\n"
    "  python -m pipeline search work/runs/NAME --texts sentences.txt --time"
)


@click.command("search", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@click.argument("sentences", metavar="[SENTENCE]...", nargs=-1)
@click.option(
    "--image",
    "pictures",
    metavar="PATH",
    type=options.place,
    multiple=True,
    help="Ask with this picture, which the corpus need not hold; as often as there are some.",
)
@click.option(
    "--texts",
    metavar="FILE",
    type=options.place,
    default=None,
    help="Ask with each line of this file; `-` is stdin.",
)
@click.option(
    "-k",
    "most",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many are found, or as many as there are.",
)
@options.find
@options.splits
@click.option("--json", "as_json", is_flag=True, help="A line of JSON a query, for programs.")
@click.option(
    "--html",
    metavar="PATH",
    type=options.place,
    default=None,
    help="Write a page with the pictures that were found, too; only such a page is replaced.",
)
@click.option("--time", "times", is_flag=True, help="Say how long a search takes here: p50, p95.")
@options.by_index
@searching
def command(
    run: Path,
    sentences: Sequence[str],
    pictures: Sequence[Path],
    texts: Path | None,
    most: int,
    find: Find,
    splits: Sequence[str],
    as_json: bool,
    html: Path | None,
    times: bool,
    by_index: bool,
    where: Where,
) -> None:
    """Find pictures by a sentence, or what is nearest to a picture.

    All pictures of the corpus that have features are searched, of every split, also those that were
    trained on. Their vectors are computed once and kept in RUN/vectors; the search is exact, but
    with --index. Words that the run does not know are named; each is taken for its one unknown
    word, as evaluate takes those of captions.
    """
    asked = asks(sentences, texts, pictures)
    if html:
        from pipeline.searched.page_file import refuse_others, write_page

        refuse_others(html)
    from pipeline.memory.once import Once
    from pipeline.searched.start import searcher
    from pipeline.searched.unmade import refuse_unheard

    once = Once(where.terms.work)
    once.opened(run)
    if all(ask.path is None for ask in asked):
        refuse_unheard(run)  # before the vectors of a corpus are computed
    ready = searcher(run, index=find if by_index else None, once=once, **where._asdict())
    answers = answered(asked, ready, most, find=find, splits=splits)
    for _, found in answers.found:
        told = json.dumps(found.to_json(), ensure_ascii=False) if as_json else listed(found)
        show(told)
    if html and answers.found:
        from pipeline.searched.page import page

        size = ready.size(find, splits)
        write_page(html, page(run, ready.corpus, answers.found, size))
        say(f"written: {one_line(str(html))}")
    if times and answers.found:
        from pipeline.searched.timed import timed

        say(timed(ready, answers.found[0][0], most, find=find, splits=splits))
    if answers.problem:
        raise answers.problem
