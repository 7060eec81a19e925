"""A run's vectors over a corpus, written for other programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.files import json_sha256, plain_name
from pipeline.exported import kept
from pipeline.exported.about import about
from pipeline.exported.rows import sides
from pipeline.memory.journal import journal
from pipeline.said.progress import say
from pipeline.searched.collection import Collection
from pipeline.searched.kept import digests
from pipeline.stages.terms import Terms
from train.identity import read_run
from train.seen import captions_by_split

FOLDER = "exports"
"""Where exports are below a work folder, unless another place is given."""


def export(
    run: Path,
    collection: Collection,
    splits: Sequence[str],
    name: str,
    out: Path | None,
    *,
    terms: Terms,
) -> tuple[Path, dict[str, Any]]:
    """The folder of the export, and what it says; one that is there is found.

    Args:
        run: whose vectors these are.
        collection: of it.
        splits: that are exported; all, where none is named.
        name: of the format.
        out: the folder; in the work folder, unless given.
        terms: where the work folder is.

    Raises:
        InputError: a split without pictures; or ``out`` holds something else.
        BusyError: another process writes anew what is damaged in the work folder.
        OSError: it cannot be written.
    """
    chosen = sides(collection, splits)
    facts = {
        "run": run.resolve().name,
        **_made_of(run, collection),
        "splits": sorted(splits),
        "as": name,
        **about(collection, chosen),
    }
    folder = out or terms.work / FOLDER / _called(facts)
    if kept.is_there(folder, facts, own=out is None):
        say(f"{folder} is there")
        return folder, facts
    with journal(terms.work, "export", run, device="cpu") as entry:
        told = kept.write(folder, chosen, facts)
        entry.what, entry.items = folder, sum(told["rows"].values())
        entry.bytes = sum((folder / each).stat().st_size for each in told["files"])
    return folder, told


def _made_of(run: Path, collection: Collection) -> dict[str, Any]:
    """What the vectors follow from, and the digests of those that are kept."""
    folder, corpus = collection.folder, collection.corpus
    return {
        "model": read_run(run)[1].model_sha256,
        "corpus": {"name": corpus.name, "sha256": json_sha256(captions_by_split(corpus))},
        "vectors": digests(folder) if folder else None,
    }


def _called(facts: dict[str, Any]) -> str:
    """Readable, and unique by what the export follows from."""
    of = json_sha256([facts[name] for name in kept.SAME])[:8]
    told = [facts["run"][:100], facts["corpus"]["name"][:50], *facts["splits"], facts["as"], of]
    return plain_name("-".join(told))
