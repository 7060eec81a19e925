"""The tree of errors. Each message is one line for a person and ends with the way out."""

import difflib
import errno
from collections.abc import Iterable


class TencropError(Exception):
    """Something that the user can mend; the command line prints it as one line.

    Attributes:
        mend: what would mend it, a word of ``pipeline/said/ways.py``, where only the command line
            knows what to type; the message itself says it without. Else "".
    """

    exit_code = 1

    def __init__(self, message: str = "", *, mend: str = ""):
        """``message`` ends with the way out."""
        super().__init__(message)
        self.mend = mend


class InputError(TencropError):
    """A corpus, a picture, a caption or a weight file that is missing or cannot be read."""


class SettingError(TencropError):
    """An unknown option, key or value."""


class CacheError(TencropError):
    """A feature cache that is missing, damaged, busy, or made from something else."""


class RunError(TencropError):
    """A run directory that is missing, damaged, or made with other settings."""


class BusyError(TencropError):
    """A cache or a run that another process is writing."""


class NumberError(TencropError):
    """A NaN or an infinity where a finite number must be."""


class TooManyFailures(TencropError):
    """More inputs were skipped than ``--max-errors`` allows; what is done is kept."""

    exit_code = 2


class BelowRecall(TencropError):
    """An index that finds less than was wanted; it is kept, and says so."""

    exit_code = 2


_SHORT = (
    *("not enough memory", "can't allocate memory", "out of memory", "could not create a memory"),
    *("defaultcpuallocator", "bad_alloc", "can't start new thread"),
)


def is_short_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory is short: Python's own, the system's, a library's."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError | OSError) and any(words in text for words in _SHORT)


def fault(error: Exception) -> str:
    """What a message says is wrong, without its way out, which follows the last semicolon.

    Example:
        >>> fault(RunError("last.json is missing; run the same command again"))
        'last.json is missing'
    """
    return str(error).rpartition("; ")[0] or str(error)


def choices(name: str, accepted: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest accepted ones first.

    Example:
        >>> choices("resnet51", ["vgg19", "resnet50"])
        "did you mean 'resnet50'? accepted: resnet50, vgg19"
        >>> choices("VSE++", ["vse++", "vse++w"])
        "did you mean 'vse++'? accepted: vse++, vse++w"
        >>> choices("kagle", ["folder", "kaggle_captions"])
        "did you mean 'kaggle_captions'? accepted: folder, kaggle_captions"
    """
    known = sorted(accepted)
    folded = {each.casefold(): each for each in known}
    meant = name.casefold()
    found = [meant] if meant in folded else difflib.get_close_matches(meant, folded, n=3)
    near = [folded[each] for each in found]
    if not near:  # of a dotted key people remember the end
        ends = difflib.get_close_matches(name, {k.rpartition(".")[2] for k in known}, n=1)
        near = [k for k in known if ends and k.rpartition(".")[2] == ends[0]][:3]
    if not near:  # and of several words one
        words = {word for each in folded for word in each.split("_")}
        ends = difflib.get_close_matches(meant, words, n=1)
        near = [folded[each] for each in folded if ends and ends[0] in each.split("_")][:3]
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{hint}accepted: {', '.join(known) or 'none'}"
