"""Counts, times, names and paths as a person reads or types them, each in one line."""

import math
import shlex
import unicodedata

_BREAKING = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's categories of what would break a line, move the cursor, or cannot be written."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """``number`` with its noun; the plural has an ``s`` unless another one is given.

    Example:
        >>> counted(1, "picture"), counted(8000, "picture")
        ('1 picture', '8,000 pictures')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def lasting(seconds: float) -> str:
    """A time, at least 0, about as exactly as an estimate of it can be; rounded up.

    Example:
        >>> lasting(7.2), lasting(200), lasting(7800), lasting(200000)
        ('8 s', '4 min', '2 h 10 min', '2 days 8 h')
    """
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = math.ceil(minutes / 60)
    return f"{hours // 24} days {hours % 24} h"


def one_line(text: str) -> str:
    r"""``text`` with what would break its line, such as a line break in a file's name, escaped.

    Example:
        >>> one_line("a\nb.jpg")
        'a\\nb.jpg'
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _BREAKING
        else character
        for character in text
    )


def in_utf8(text: str) -> str:
    r"""``text`` as every program takes it: in UTF-8.

    Half a surrogate pair, as a name that is no UTF-8 has, is written as ``\udc..``.

    Example:
        >>> in_utf8("caf\udce9")
        'caf\\udce9'
    """
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def quoted(path: object) -> str:
    """``path`` as it is typed in a shell.

    Example:
        >>> quoted("my photos"), quoted("photos")
        ("'my photos'", 'photos')
    """
    return shlex.quote(str(path))
