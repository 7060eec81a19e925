"""The words of a text in any script, without punctuation: letters with their marks, and digits."""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache

_ASCII = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text in order: letters and digits, lower case, Unicode NFC.

    Marks that stand on a letter, as the vowels of Hindi and Arabic do, are part of its word.

    Example:
        >>> words_of("लड़का, two")
        ['लड़का', 'two']
    """
    return _found(unicodedata.normalize("NFC", text).lower())


def replaced(text: str, instead: Callable[[str], str | None]) -> str:
    """``text`` in Unicode NFC with other words, and all that stands between them.

    Args:
        text: any.
        instead: of a word, in lower case, what stands there; None leaves it as it was written.

    Example:
        >>> replaced("A Dog's life, dog!", {"dog": "thing"}.get)
        "A thing's life, thing!"
    """
    plain = unicodedata.normalize("NFC", text)

    def swap(found: re.Match[str]) -> str:
        other = instead(found[0].lower())
        return found[0] if other is None else other

    return _words(plain).sub(swap, plain)


def said(text: str) -> tuple[str, ...]:
    """What a caption says; two captions are equal where this is.

    Its words (letters with their marks, digits) in order, whatever the punctuation: Unicode NFKC,
    case folded.

    Example:
        >>> said("DIE STRASSE!") == said("die Straße")
        True
        >>> said("ＡＢ") == said("ab"), said("½") == said("1 2")
        (True, True)
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(_found(unicodedata.normalize("NFKC", folded)))


def _found(text: str) -> list[str]:
    return _words(text).findall(text)


def _words(text: str) -> re.Pattern[str]:
    return _ASCII if text.isascii() else _marked()


@cache
def _marked() -> re.Pattern[str]:
    """Letters and digits, and the marks behind them, of which Python's ``re`` has no class."""
    every = map(chr, range(sys.maxunicode + 1))
    marks = "".join(each for each in every if unicodedata.category(each).startswith("M"))
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")
