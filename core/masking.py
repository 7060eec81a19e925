"""Hiding words of captions behind one word, so that no sentence names what it is asked for."""

from collections.abc import Collection, Iterable

from core.bag import stem
from core.bare_words import replaced

SHORTEST = 4
"""Letters of a stem that may have a ``y`` behind it."""


def akin(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of ``others`` that are forms of one of ``words``, sorted; not ``words`` themselves.

    A form has the same stem (Porter 1980, as ``core.bag``), or that stem with a ``y`` behind it,
    if it has `SHORTEST` letters: ``many`` is no form of ``man``. Compounds are none: ``snowboard``
    is no form of ``snow``.

    Args:
        words: in lower case.
        others: in lower case.

    Example:
        >>> akin(["snow", "rocks"], ["snowing", "snowy", "rock", "rocky", "snowboard", "snow"])
        ['rock', 'rocky', 'snowing', 'snowy']
    """
    given = set(words)
    roots = {stem(word) for word in given}
    long = {root + "i" for root in roots if len(root) >= SHORTEST}
    return sorted({word for word in others if stem(word) in roots | long} - given)


def masked(text: str, hidden: Collection[str], mask: str) -> str:
    """``text`` in Unicode NFC, ``mask`` in the place of each word that is ``hidden``.

    Args:
        text: any.
        hidden: words in lower case.
        mask: a word.

    Example:
        >>> masked("Dogs, and a dog's ball", {"dog", "dogs"}, "thing")
        "thing, and a thing's ball"
    """
    return replaced(text, lambda word: mask if word in hidden else None)
