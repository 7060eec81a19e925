"""Where an answer is kept, and whether the one that is there still answers."""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import json_sha256, plain_name
from core.sealed import read_sealed
from evaluate.kept import REPORT, is_ours, read_whole
from pipeline.asked.assigned import as_name
from pipeline.stages.terms import Question

LONGEST = 200
"""Bytes of a folder's name; most file systems take 255."""
QUESTION = ("run", "recipe", "seed", "cache", "encoders", "corpus", "asked")
"""The fields of a report that say what was asked; the others, how far the run and by what."""
TOLD = {"table", "line", "notes", "leaks"}
"""The fields that every report has beside the facts."""
_WORDS = {
    **dict.fromkeys(
        ("epoch", "epochs", "epochs_done", "finished", "model", "gallery"), "state of the run"
    ),
    **dict.fromkeys(("version", "commit", "code"), "version of this program"),
    **dict.fromkeys(("cache", "shards"), "cache"),
    **dict.fromkeys(("trained_on", "chosen_on", "named_alike", "other_than_at_training"), "corpus"),
    "asked": "protocol or measures",
    "encoders": "encoder",
    "threads": "number of threads",
    "torch": "version of torch",
}
"""What a field is to a person, where that is not its name."""
ELSEWHERE = "name another folder with --out DIR"
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)


def folder_name(question: Question, split: str, other: str = "") -> str:
    """``eval-SPLIT`` for the usual question; what is not usual stands behind it.

    So that no question takes the place of another: a protocol's name has no ``-``. What would be
    too long for a file system is a digest.

    Args:
        question: whose parts are named.
        split: that is asked about, empty where nobody knows.
        other: a name for pictures that are not the run's own.

    Raises:
        OSError: a file of right answers cannot be read.

    Example:
        >>> folder_name(Question(measures=["recall", "mean_rank"]), "test")
        'eval-test-measures-recall+mean_rank'
    """
    positives = question.digests()
    told = [
        "eval",
        split,
        question.protocol,
        f"measures-{'+'.join(question.measures)}" if question.measures else "",
        "by-ties" if question.ties else "",
        f"of-{question.fold}" if question.fold else "",
        f"by-{json_sha256(positives)[:8]}" if positives else "",
        f"from-{question.least}" if question.least is not None else "",
        as_name(question.set_options),
        other,
    ]
    name = plain_name("-".join(filter(None, told)))
    if len(name.encode()) <= LONGEST:
        return name
    return plain_name("-".join(filter(None, ["eval", split, json_sha256(told)[:16]])))


def still_answers(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The report in ``folder`` if it is whole and says all that would be said now; else None.

    ``facts`` are what is known before anything is measured. A program whose own files are not known
    is not known to be the same.
    """
    report = read_whole(folder) if facts["code"] else None
    same = report and not differing(report, facts)
    return report if report and same and report.keys() >= TOLD else None


def replaced(folder: Path, facts: Mapping[str, Any]) -> str:
    """What the whole report in ``folder`` was of that is another now; empty where there is none.

    Example: ``state of the run and another number of threads``.
    """
    there = read_whole(folder)
    return in_words(differing(there, facts)) if there else ""


def differing(
    report: Mapping[str, Any], facts: Mapping[str, Any], among: Sequence[str] = ()
) -> list[str]:
    """The fields of ``facts``, or those named, of which ``report`` says another thing.

    A corpus is what its ids and captions are: its name is that of a folder, which may move.
    """
    return [key for key in among or facts if _told(report, key) != _told(facts, key)]


def _told(report: Mapping[str, Any], key: str) -> object:
    told = report.get(key)
    return told.get("sha256") if key == "corpus" and isinstance(told, Mapping) else told


def in_words(fields: Sequence[str]) -> str:
    """Fields of a report as a person calls them, to follow ``another``."""
    return " and another ".join(dict.fromkeys(_WORDS.get(name, name) for name in fields))


def refuse_another(folder: Path, facts: Mapping[str, Any]) -> None:
    """Refuse to write over the answer to another question, or over what is no report.

    Raises:
        RunError: there is one; what was asked there is named.
    """
    file = folder / REPORT
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is no folder; choose another --out")
    try:
        there = read_sealed(file) if file.exists() else {}
        others = differing(there, facts, QUESTION) if there else []
        ours = not there or "asked" in there
    except ValueError:
        others, ours = [], is_ours(file)
    if not ours:
        raise RunError(f"{file} is no report of `evaluate`; choose another --out")
    if others:
        listed = in_words(others)
        raise RunError(f"{file} answers another question (another {listed}); choose another --out")


def require_writable(folder: Path, elsewhere: str = ELSEWHERE) -> None:
    """Refuse a folder that cannot be written before hours of work are put into what goes there.

    Raises:
        RunError: it, or what is there of the path to it, cannot be written.
    """
    if not is_writable(folder):
        raise _unwritable(folder, "no writing there", elsewhere)


def is_writable(folder: Path) -> bool:
    """Whether ``folder``, or what is there of the path to it, can be written."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)


@contextmanager
def writing(path: Path, elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Say how what is written is kept ``elsewhere`` where ``path`` cannot be written.

    Raises:
        RunError: the disk is read-only, or another user's.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _REFUSED:
            raise _unwritable(path, str(error.strerror), elsewhere) from error
        raise


def _unwritable(path: Path, why: str, elsewhere: str) -> RunError:
    return RunError(f"{path} cannot be written ({why}); {elsewhere}")
