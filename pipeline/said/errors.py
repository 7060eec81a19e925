"""What an error says to a person, in one line that ends with the way out."""

import errno
from pathlib import Path

from core.errors import TencropError, is_short_of_memory
from core.files import IrregularFile
from pipeline.said.ways import completed
from pipeline.typed.by_make import option

FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the quota is used up"}
AGAIN = "run the same command again: what is done is kept"


def told(error: BaseException) -> str:
    """The line for ``error``; only what nobody foresaw is called unexpected."""
    if isinstance(error, TencropError):
        return completed(error)
    if is_short_of_memory(error):
        smaller = option("batch-size", "N", "BATCH")
        return (
            f"the memory does not suffice ({_first_line(error)}): `features` takes less with a "
            f"smaller {smaller}, `train` with a smaller --set batch_size=N or embed_dim=N; or end "
            f"other programs; {AGAIN}"
        )
    if isinstance(error, OSError):
        return _of_the_system(error)
    return f"unexpected {type(error).__name__}: {_first_line(error)}; see the trace with --debug"


def _of_the_system(error: OSError) -> str:
    if error.errno in FULL:
        place = f" in {_folder(error.filename)}" if error.filename else ""
        free = f"free some{place}, or choose another disk with {option('work', 'FOLDER')}"
        return f"{FULL[error.errno]} ({error}): {free}; {AGAIN}"
    if odd := _odd_place(error):
        return f"{odd}; move it elsewhere and {AGAIN}"
    if error.filename is None:
        return f"{error} (of which file is not known; --debug shows where); mend that and {AGAIN}"
    return f"{error}; mend that and {AGAIN}"


def _odd_place(error: OSError) -> str:
    """What is there in the place of a file, or of a folder; empty where that is not the fault.

    Of a name that is to be written the system tells the second one, the first is a private file.
    """
    name = getattr(error, "filename2", None) or error.filename
    if error.errno == errno.EISDIR and name:
        return f"{name} is a folder, where a file must be"
    if isinstance(error, IrregularFile) and error.errno == errno.EINVAL:
        what = "a folder" if Path(str(name)).is_dir() else "no file of bytes"
        return f"{name} is {what}, where a file must be"
    if isinstance(error, NotADirectoryError | FileExistsError) and name:
        there = next((p for p in (Path(str(name)), *Path(str(name)).parents) if p.exists()), None)
        return f"{there} is a file, where a folder must be" if there and there.is_file() else ""
    return ""


def _folder(name: object) -> Path:
    path = Path(str(name))
    return path if path.is_dir() else path.parent


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    # Torch says first where in its sources it was.
    return text.splitlines()[0].rpartition("DefaultCPUAllocator: ")[2]
