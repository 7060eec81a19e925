"""The journal: what each command cost, a line of JSON each, in WORK/journal.jsonl."""

import errno
import fcntl
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from core.errors import TencropError
from core.lock import LOCK
from core.version import VERSION
from core.work_folder import JOURNAL
from pipeline.said.progress import say
from pipeline.stages.terms import Terms

NAME = JOURNAL
CLOCK_NS = 20_000_000
"""The times of files come from a clock that ticks: a file may seem older than it is by so much."""
TRIES, PAUSE = 100, 0.01  # seconds
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Entry:
    """What a command did: ``what`` it made (or was given), how many items, and how many bytes."""

    what: Path
    items: int = 0
    bytes: int = 0
    worked: bool = True

    def made(self, folder: Path, items: int, since_ns: int) -> None:
        """The command made or found ``folder``; it has worked if a file there was written since."""
        files = [file for file in folder.iterdir() if file.is_file() and file.name != LOCK]
        facts = [file.stat() for file in files]
        self.what, self.items = folder, items
        self.bytes = sum(fact.st_size for fact in facts)
        self.worked = any(fact.st_mtime_ns >= since_ns - CLOCK_NS for fact in facts)


def journaled(
    stage: str, result: Callable[[Any], tuple[Path, int]]
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Note each call of a stage that does work in the journal of the work folder of its ``terms``.

    Args:
        stage: its name.
        result: from what the stage returns to the folder that it made or found, and its items.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def noted(*args: P.args, **kwargs: P.kwargs) -> T:
            terms, began = kwargs["terms"], time.time_ns()
            assert isinstance(terms, Terms)
            what = Path(_told(args[0]))
            with journal(terms.work, stage, what, device=terms.device) as entry:
                done = function(*args, **kwargs)
                try:
                    entry.made(*result(done), began)
                except (OSError, TencropError) as error:
                    say(f"not in the journal: {error}")
                    entry.worked = False
            return done

        return noted

    return decorate


def _told(given: object) -> str:
    """What a stage was given: a path, or several of them."""
    return ", ".join(map(str, given)) if isinstance(given, list | tuple) else str(given)


@contextmanager
def journal(work: Path, stage: str, what: Path, *, device: str) -> Iterator[Entry]:
    """Append a line to ``work/journal.jsonl`` when the block ends, by an error too.

    Nothing where ``work`` is no folder, or where the block says that it had nothing to do. A
    journal that cannot be written is said, and ends nothing.
    """
    began, clock, entry = datetime.now(UTC), time.monotonic(), Entry(what)
    outcome = "interrupted"
    try:
        yield entry
        outcome = "done"
    except Exception as error:
        outcome = f"error: {str(error).partition(chr(10))[0]}"
        raise
    finally:
        if entry.worked and work.is_dir():
            _append(
                work / NAME,
                {
                    "when": began.isoformat(timespec="seconds"),
                    "stage": stage,
                    "what": str(entry.what),
                    "seconds": round(time.monotonic() - clock, 3),
                    "bytes": entry.bytes,
                    "items": entry.items,
                    **_computed_with(device),
                    "version": VERSION,
                    "outcome": outcome,
                },
            )


def _computed_with(device: str) -> dict[str, str | int]:
    """``device`` and ``threads``; what ended before torch was there has computed with none."""
    if "torch" not in sys.modules:
        return {"device": device, "threads": 0}
    import torch

    from pipeline.device import resolve

    known = str(resolve(device)) if device == "auto" else device
    return {"device": known, "threads": torch.get_num_threads()}


def _append(file: Path, facts: dict[str, str | int | float]) -> None:
    """One line in one write, so that commands at the same time cannot mix theirs."""
    line = json.dumps(facts, ensure_ascii=False).encode() + b"\n"
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(file, flags, 0o666)
        try:
            _hold(handle)
            size = _size(handle)
            # A full disk may have cut the line before: this one shall not be lost with it.
            whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
            os.write(handle, line if whole else b"\n" + line)
        finally:
            os.close(handle)
    except OSError as error:
        say(f"{file} was not written ({error.strerror}): this command is not in the journal")


def _hold(handle: int) -> None:
    """Keep others away: in the midst of another's write the line before seems to be cut."""
    for _ in range(TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(PAUSE)
    raise OSError(errno.EWOULDBLOCK, "another command holds it")


def _size(handle: int) -> int:
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(0, "is not a regular file")
    return facts.st_size
