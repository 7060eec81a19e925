"""A caption as a bag: its words, their stems, and the pairs of words that stand side by side.

Stems and pairs are entries of a vocabulary like words: ``~run`` is a stem, ``dog run`` a pair.
"""

from functools import cache
from itertools import pairwise

from core.bare_words import words_of

STEM, PAIR = "~", " "


def entries(text: str) -> list[str]:
    """Words (letters and digits, lower case, Unicode NFC), then their stems, then the pairs.

    Stems are those of Porter 1980, as nltk extends them.

    Example:
        >>> entries("Two dogs, running")
        ['two', 'dogs', 'running', '~two', '~dog', '~run', 'two dogs', 'dogs running']
    """
    words = words_of(text)
    stems = [STEM + stem(word) for word in words]
    return [*words, *stems, *map(PAIR.join, pairwise(words))]


def is_word(entry: str) -> bool:
    """Whether an entry is a word, and neither a stem nor a pair."""
    return not entry.startswith(STEM) and PAIR not in entry


@cache
def stem(word: str) -> str:
    """The stem of a word in lower case, after Porter 1980 as nltk extends it.

    Example:
        >>> stem("running"), stem("snowy")
        ('run', 'snowi')
    """
    # Its library takes a third of a second to import, which who splits no caption does without.
    from nltk.stem import PorterStemmer

    found: str = PorterStemmer().stem(word)
    return found
