"""Which words of a sentence a model knows, and which it does not."""

import unicodedata
from typing import NamedTuple

from core.bag import STEM, entries, is_word
from core.bare_words import words_of
from core.splitting import BAG, tokenise
from core.text import Vocabulary

SIGNS = frozenset("#$%&*+/<=>@\\^_|~§¶†‡‰")
"""Of what Unicode, or a keyboard, has as punctuation what a person would call a sign."""
MARKS = {"Po", "Ps", "Pe", "Pi", "Pf"}
"""Unicode's categories of full stops and the like, brackets and quotes; dashes are not of them."""


class Heard(NamedTuple):
    """The words of a sentence, lower case, in their order, each once; punctuation is no word.

    Emoji and signs ($, --) are words where the model reads them as such.
    """

    known: tuple[str, ...]
    unknown: tuple[str, ...]


def heard(sentence: str, vocabulary: Vocabulary | None = None) -> Heard:
    """What ``vocabulary`` knows of a sentence; None knows every word.

    The model takes each unknown word for its one unknown word. Of a bag a word is known, too, whose
    stem is: the model sees that; emoji and signs are in no bag.

    Raises:
        InputError: the sentence takes too long to split.

    Example:
        >>> words = Vocabulary(("<pad>", "<start>", "<end>", "<unk>", "a", "dog"), 1)
        >>> heard("A dog, a Zebra!", words)
        Heard(known=('a', 'dog'), unknown=('zebra',))
    """
    if vocabulary is None:
        return Heard(tuple(dict.fromkeys(words_of(sentence))), ())
    known = _of_bag if vocabulary.split == BAG else _of_words
    told = known(sentence, vocabulary)
    return Heard(
        tuple(word for word, is_known in told.items() if is_known),
        tuple(word for word, is_known in told.items() if not is_known),
    )


def _of_words(sentence: str, vocabulary: Vocabulary) -> dict[str, bool]:
    return {w: w in vocabulary.index for w in tokenise(sentence) if not _is_punctuation(w)}


def _is_punctuation(word: str) -> bool:
    """Whether all of it is; nltk writes an opening quote as two backticks."""
    return all(
        each == "`" or (each not in SIGNS and unicodedata.category(each) in MARKS) for each in word
    )


def _of_bag(sentence: str, vocabulary: Vocabulary) -> dict[str, bool]:
    found = entries(sentence)
    words = [entry for entry in found if is_word(entry)]
    stems = [entry for entry in found if entry.startswith(STEM)]
    index = vocabulary.index
    return {w: w in index or stem in index for w, stem in zip(words, stems, strict=True)}
