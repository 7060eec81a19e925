"""Private files and folders of killed processes, tidied where several may write without a lock."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from core.files import TEMPORARY


def tidy(folder: Path) -> None:
    """Delete what ``core.files.replace_file`` and ``core.removal`` left whose process is gone.

    Liveness decides, not age: a file of a living process stays, however old, and so does one whose
    process's number another one has by now, until that one ends too. On a disk that several
    machines write, the other's file may go: its writer then fails in one line and writes again.
    Where nothing may be deleted, nothing is.
    """
    with suppress(OSError):
        for leftover in folder.glob(f"{TEMPORARY}*"):
            number = leftover.name.removeprefix(TEMPORARY).partition("-")[0]
            if not number.isdecimal() or _lives(int(number)):
                continue
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        return True
    return True
