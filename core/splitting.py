"""How a caption is split into words, or into what else a vocabulary numbers."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from core.bag import entries
from core.errors import InputError
from core.text_words import TextWords

if TYPE_CHECKING:
    from nltk.tokenize import NLTKWordTokenizer


def tokenise(text: str) -> list[str]:
    """Split a caption into lower-case words: Unicode NFC, lower case, nltk's word tokeniser.

    These are the rules of ``nltk.word_tokenize(text.lower())``, which VSE++ uses, without its
    first step: that one looks for sentences with Punkt, which needs a download. The one
    difference: a full stop inside a caption of several sentences stays with its word
    (``man. he``: here ``man.``, there ``man`` and ``.``); the last one is always a word. At most
    9 of Flickr8k's 40,455 captions and 31 of COCO val2017's 25,014 have such a word.

    Raises:
        InputError: nltk gave up on the text after its time limit (5 s a rule; a caption of
            a million characters takes about 4 s for all rules).

    Example:
        >>> tokenise("A dog's ball, mid-air.")
        ['a', 'dog', "'s", 'ball', ',', 'mid-air', '.']
    """
    try:
        words: list[str] = _tokeniser().tokenize(unicodedata.normalize("NFC", text).lower().strip())
    except TimeoutError:
        raise InputError(
            f"a caption of {len(text)} characters takes too long to split into words "
            f"({text[:40]!r}...); shorten it"
        ) from None
    return words


@cache
def _tokeniser() -> "NLTKWordTokenizer":
    # A quarter of a CPU-second, which whoever reads a vocabulary and no caption does without.
    from nltk.tokenize import NLTKWordTokenizer

    return NLTKWordTokenizer()


WORDS, BAG = "words", "bag"
SPLITS: Mapping[str, Callable[[str], list[str]]] = {WORDS: tokenise, BAG: entries}
"""How a caption may be split into what a vocabulary numbers."""


def split_all(texts: Iterable[str], split: str) -> TextWords:
    """The words of each of ``texts`` by ``SPLITS``: a ``Splitter`` that keeps nothing.

    Raises:
        InputError: a text takes too long to split.
    """
    return TextWords.of(map(SPLITS[split], texts))
