"""Pictures that are somewhere else than they were: known again, or asked for in one line."""

import shlex
from pathlib import Path

from core.corpora import read_corpus
from core.errors import InputError, TencropError
from core.provenance import check_same_pictures
from core.records import Corpus
from core.store import FeatureCache
from core.work_folder import WORK
from pipeline.memory.remembered import Memory
from pipeline.memory.whereabouts import corpus_of
from pipeline.typed.by_make import as_typed, retyped
from train.identity import read_config
from train.seen import Seen

_WAYS = {
    "features": ("all PLACE --to features", "features"),
    "train": ("all PLACE --to train", "train"),
    "evaluate": ("all PLACE --to evaluate", "eval"),
    "corpus": ("corpus PLACE", "corpus"),
}
"""What to type with another place, as a command and as a target of make."""


def same_pictures(memory: Memory, work: Path, place: str, data_format: str) -> str:
    """What holds of what ``memory`` tells was made, if the corpus at ``place`` has its pictures.

    Their ids are compared, and files spread over all of it (see
    ``core.provenance.check_same_pictures``), then the labels and captions that the run has seen.
    What cannot be compared has other pictures.

    Returns:
        The end of a sentence that begins with where they were; empty for other pictures.
    """
    if not memory.caches or not Path(place).exists():
        return ""
    try:
        corpus = read_corpus(Path(place), data_format)
        caches = [FeatureCache(work / cache, check=False) for cache in memory.caches]
        for cache in caches:
            check_same_pictures(corpus, cache)
    except (TencropError, OSError):
        return ""
    if any(len(corpus.images) != len(cache.ids) for cache in caches):
        return ""
    changed = _changed(memory.made_run(work), corpus)
    if not changed:
        return "what was made of them holds"
    return (
        f"their features hold; the ids, labels or captions of {' and '.join(map(repr, changed))} "
        "have changed since the run was trained, so that training begins anew"
    )


def _changed(run: Path | None, corpus: Corpus) -> list[str]:
    """The splits that ``run`` has seen and that are others by now; none where that is not known."""
    try:
        seen = run and Seen.read(run, read_config(run)["identity"]["seen"])
    except (TencropError, OSError):
        return []
    return seen.changed(corpus) if seen else []


def finds_its_pictures(run: Path) -> bool:
    """Whether ``run`` may be asked as it is: it says where its pictures are, and they are there."""
    try:
        return bool(corpus_of(run, read_config(run)["given"]))
    except TencropError:
        return False


def require_there(place: str, to: str, work: Path) -> None:
    """Refuse to go on with pictures that are not where they were; ``to`` is the last stage, or
    ``corpus``.

    Raises:
        InputError: says what to type with the place where they are now.
    """
    if Path(place).exists():
        return
    words, target = _WAYS[to]
    way = as_typed(with_work(words, work), make=with_work(f"{target} DATA=PLACE", work))
    raise InputError(
        f"{shlex.quote(place)}, the DATA that was given before, is not there any more; if it has "
        f"moved, name the PLACE where it is now: {way}"
    )


def with_work(words: str, work: Path) -> str:
    """``words`` to type, and the work folder with them where it is not the usual one."""
    return words if str(work) == WORK else f"{words} {retyped({'work': [str(work)]})}"
