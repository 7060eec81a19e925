"""Word vectors from captions: words are alike that stand in captions of the same pictures.

The positive pointwise mutual information of words over pictures (``core.cooccurrence``), of whose
largest singular values and left vectors U, s each word has its row of U sqrt(s), as Levy, Goldberg
and Dagan 2015 weigh them.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.cooccurrence import Shares, positive_information
from core.errors import InputError
from core.singular import largest
from core.wording import counted


def caption_vectors(
    pictures: Sequence[Sequence[Sequence[str]]], *, width: int, min_count: int
) -> tuple[list[str], npt.NDArray[np.float32]]:
    """The words that occur at least ``min_count`` times, most frequent first, and their vectors.

    A word that never stands in a picture's captions with another has none and is left out.

    Args:
        pictures: of each its captions, of each the words.
        width: numbers a word.
        min_count: at least 1.

    Returns:
        words, and (words, width) float32: the same bits for the same captions, on one machine with
        as many threads.

    Raises:
        InputError: there are fewer such words than ``width``.
    """
    counts = Counter(word for captions in pictures for words in captions for word in words)
    frequent = [word for word, many in counts.items() if many >= min_count]
    words = sorted(frequent, key=lambda word: (-counts[word], word))
    if len(words) < width:
        raise InputError(
            f"{counted(len(words), 'word')} of {counted(len(pictures), 'picture')} with captions "
            f"occur at least {min_count} times, and vectors of {width:,} numbers need as many; "
            "ask for fewer numbers or rarer words, or give more captions",
            mend="words",
        )
    number = {word: place for place, word in enumerate(words)}
    vectors, values = largest(positive_information(Shares.of(pictures, number)), width)
    found = (vectors * np.sqrt(values)).astype(np.float32)
    there = np.flatnonzero(found.any(axis=1))
    return [words[row] for row in there], found[there]
