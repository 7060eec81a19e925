"""``index``: what finds the nearest of many vectors without a look at each."""

from pathlib import Path

import click

from pipeline.indexed.kinds import KINDS
from pipeline.indexed.library import require_faiss
from pipeline.indexed.making import USUAL, Wanted
from pipeline.indexed.told import told
from pipeline.said.progress import say, show
from pipeline.searched.face import Find
from pipeline.stages.index import index, require_recall
from pipeline.typed import options
from pipeline.typed.searching import Where, searching
from pipeline.typed.where_words import line, search_words

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline index work/runs/NAME\n"
    "  python -m pipeline index work/runs/NAME --data other-pictures --kind ivfpq\n"
    "  python -m pipeline index work/runs/NAME --find captions --recall 0.99 --threads 1\n"
    '  python -m pipeline search work/runs/NAME "a red car" --index'
)


@click.command("index", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@options.find
@click.option(
    "--kind",
    type=click.Choice(["auto", *KINDS]),
    default="auto",
    show_default=True,
    help="flat: each vector, exact; hnsw: a graph, the fastest; ivf: cells, the smaller; ivfpq: "
    "cells and codes, the smallest; auto: flat below 10,000 vectors, else the fastest of the "
    "others that half of the free memory holds.",
)
@click.option(
    "--recall",
    type=click.FloatRange(0, 1, min_open=True),
    default=USUAL,
    show_default=True,
    help="How much of the ten nearest it shall find; with less, the exit code is 2.",
)
@click.option(
    "--effort",
    type=click.IntRange(1),
    default=None,
    help="Neighbours of hnsw (efSearch) or cells of ivf (nprobe) that a query looks at; the least "
    "that reaches --recall, unless given.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of what is drawn to learn from, and of the queries.",
)
@click.option(
    "--threads",
    type=click.IntRange(1),
    default=None,
    help="How many build it; all, unless given. The same number gives the same bits, but for hnsw "
    "of more than one.",
)
@searching
def command(
    run: Path,
    find: Find,
    kind: str,
    recall: float,
    effort: int | None,
    seed: int,
    threads: int | None,
    where: Where,
) -> None:
    """Build an index of FAISS for a run's vectors over a corpus, and say how much it finds.

    Exact search needs none up to about a million vectors (docs/scale.md). The index is written
    beside the vectors; its recall is measured against exact search with 1,000 queries: captions for
    pictures, pictures for captions, those that were not trained on first. `search --index` asks it,
    and compares what it finds exactly. The last line printed is the file that says what it is.
    """
    wanted = Wanted(find=find, kind=kind, recall=recall, effort=effort, seed=seed, threads=threads)
    require_faiss()
    from pipeline.searched.collect import collect
    from pipeline.searched.unmade import unheard

    collection = collect(run, **where._asdict())
    path, facts = index(run, collection, wanted, terms=where.terms)
    show(f"{told(facts)}\n{path}")
    require_recall(facts, recall)
    if facts["recall"]["value"] < USUAL:
        say(f"its recall is below {USUAL:g}, as was asked for: `search --index` says so each time")
    if unheard(run):
        return
    terms, data, caches, out = where
    words = search_words(run, find)
    say(f"next: {line(words, work=terms.work, data=data, caches=caches, out=out)}")
