"""Sentences as bags of words, for who has no vectors of them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from evaluate.modality import unit
from evaluate.scores.face import Floats


def bagged(sentences: Sequence[Sequence[str]]) -> Floats:
    """How often each word is in a sentence, times log(N / n): (N, words) float64, unit length.

    n of the N sentences have the word (Sparck Jones 1972), so that one that all have counts
    nothing; a sentence of such words alone stays zeros. Words stand in their order as text.

    Example:
        >>> bagged([["a", "dog"], ["a", "cat"]]).tolist()
        [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    counts = [Counter(words) for words in sentences]
    having = Counter(word for each in counts for word in each)
    column = {word: number for number, word in enumerate(sorted(having))}
    found = np.zeros((len(sentences), max(1, len(column))))
    for row, each in zip(found, counts, strict=True):
        for word, many in each.items():
            row[column[word]] = many * np.log(len(sentences) / having[word])
    return unit(found)
