"""An index of a collection's vectors: the one that is there, or a new one, and what it finds."""

from pathlib import Path
from typing import Any

from core.errors import BelowRecall, InputError
from core.files import remove_temporaries
from core.lock import exclusive
from core.records import Corpus
from core.vectors import Vectors
from pipeline.indexed import kept
from pipeline.indexed.making import Wanted, make
from pipeline.memory.journal import journal
from pipeline.said.progress import say
from pipeline.searched.collection import Collection
from pipeline.searched.face import Find
from pipeline.searched.kept import digests
from pipeline.stages.terms import Terms
from train.identity import read_config
from train.seen import Seen


def index(
    run: Path, collection: Collection, wanted: Wanted, *, terms: Terms
) -> tuple[Path, dict[str, Any]]:
    """The file that says what the index is, and what it says; ``run`` is that of the collection.

    Raises:
        RunError: what the run was trained on is not known any more.
        InputError: no index can be built of these vectors, or FAISS is not installed.
        BusyError: another process writes there.
    """
    side = _side(collection, wanted.find)
    folder = collection.folder
    if folder is None:
        raise InputError("an index is kept beside the vectors; give a folder for both with --out")
    vectors = digests(folder)[wanted.find]
    told = kept.said(folder, wanted.find)
    asked = wanted.as_asked()
    if (
        told
        and (told["vectors"], told["asked"]) == (vectors, asked)
        and kept.is_whole(folder, told)
    ):
        say(f"{folder / told['file']} is there")
        return kept.record_of(folder, wanted.find), told
    known = _trained_on(run, collection.corpus)
    with journal(terms.work, "index", folder, device="cpu") as entry, exclusive(folder):
        remove_temporaries(folder)
        facts = {"find": wanted.find, "vectors": vectors, "asked": asked}
        told = make(folder, collection, side, wanted, facts, known)
        entry.what, entry.items, entry.bytes = folder / told["file"], len(side.id), told["bytes"]
    return kept.record_of(folder, wanted.find), told


def require_recall(told: dict[str, Any], least: float) -> None:
    """Refuse to be quiet of an index that finds less than ``least``.

    Raises:
        BelowRecall: it does; the message says what finds more.
    """
    found = told["recall"]["value"]
    if found < least:
        more = "a larger --effort, or none, or " if told["asked"]["effort"] else ""
        others = [f"--kind {kind}" for kind in ("ivf", "hnsw", "flat") if kind != told["kind"]]
        raise BelowRecall(
            f"the index finds {found:.3f} of what exact search finds, below {least:g}: `search` "
            f"uses it with --index alone, and is exact without; take {more}{' or '.join(others)}"
        )


def _trained_on(run: Path, corpus: Corpus) -> set[str]:
    """The ids of pictures that training pictures have, whatever their split is called."""
    seen = Seen.read(run, read_config(run)["identity"]["seen"])
    return set(seen.trained_on([(image.id, "") for image in corpus.images]))


def _side(collection: Collection, find: Find) -> Vectors:
    if collection.similarity != "inner":
        raise InputError(
            f"the run compares by {collection.similarity!r}, which no index of FAISS does; "
            "`search` without --index is exact"
        )
    side = collection.side(find)
    if side is None:
        raise InputError(f"{collection.corpus.name} has no captions; take --find pictures")
    return side
