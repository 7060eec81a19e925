"""Whether torchrun, or what sets its variables, has started several of this process."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple, Never

from core.errors import SettingError
from core.plugins import names

TOGETHER = "train"
"""The one command that several processes do together."""
NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
LOCAL = ("LOCAL_RANK", "LOCAL_WORLD_SIZE")
PAUSE = 1.0
"""Seconds in which torchrun ends the other ranks where rank 0 has failed: it said the same."""


class Launch(NamedTuple):
    """Which of how many this process is, in all and on its machine, and where rank 0 is."""

    rank: int
    ranks: int
    local_rank: int
    local_ranks: int
    host: str


class RanksEnded(Exception):
    """Another rank has ended, which is said already."""


def launched() -> Launch | None:
    """What the variables say; None where this process is the only one.

    Raises:
        SettingError: some are missing, or are no numbers.
    """
    if "RANK" not in os.environ or os.environ.get("WORLD_SIZE", "1") == "1":
        return None
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        raise SettingError(
            f"RANK is set and {' and '.join(missing)} not; start with torchrun, which sets them, "
            "or unset RANK"
        )
    rank, count = _number("RANK"), _number("WORLD_SIZE")
    # Without these all are on one machine.
    local = [_number(name) if name in os.environ else usual
             for name, usual in zip(LOCAL, (rank, count), strict=True)]  # fmt: skip
    return Launch(rank, count, local[0], local[1], os.environ["MASTER_ADDR"])


def refuse_ranks(words: Sequence[str]) -> None:
    """Refuse several processes of a command that one does.

    Raises:
        SettingError: of rank 0; the others end without a word.
    """
    command = words[0] if words else ""
    if command == TOGETHER or command not in names("pipeline.commands"):
        return
    if launch := launched():
        if launch.rank:
            sys.exit(1)
        raise SettingError(
            f"`{command}` is done by one process, and RANK and WORLD_SIZE say that this is one of "
            f"{launch.ranks}; type `python -m pipeline {shlex.join(words)}` without them"
        )


def follows() -> bool:
    """Whether another process speaks for this one too."""
    return os.environ.get("WORLD_SIZE", "1") != "1" and os.environ.get("RANK", "0") != "0"


def speaker() -> str:
    """What begins an error of this process: of one that is not rank 0 its number, after a pause."""
    if not follows():
        return ""
    time.sleep(PAUSE)
    return f"rank {os.environ['RANK']}: "


def leave(status: int) -> Never:
    """End the process; at once where other ranks are gone that a library would wait for."""
    if _gone:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def note_gone() -> None:
    """Other ranks are gone, or this one leaves them: no answer of theirs is awaited."""
    _gone.append(True)


def hurry() -> None:
    """Let the process end without taking apart what it holds, which may last seconds."""
    _gone.append(True)


_gone: list[bool] = []


def _number(name: str) -> int:
    value = os.environ[name]
    if not value.isdecimal():
        raise SettingError(f"{name} = {value!r} is no number; start with torchrun, which sets it")
    return int(value)
