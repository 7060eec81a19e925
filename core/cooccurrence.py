"""Which words stand in the captions of the same pictures, and how much more often than by chance.

With a word's share a(p, w) of the captions of picture p that hold it, the count of two different
words is C(v, w) = sum over p of a(p, v) a(p, w). With the sums R(w) of its rows and the context
K(w) = R(w)^0.75 (Levy, Goldberg and Dagan 2015), the positive pointwise mutual information is
max(0, log(C(v, w) sum(K) / (R(v) K(w)))), and 0 where C is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

POWER = 0.75
MOST = 2**22
"""So many pairs, and so many counts, are held at once."""
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """a(p, w) where it is not 0, picture by picture.

    Attributes:
        starts: (pictures + 1,) the first entry of each picture, and how many entries there are.
        word: (entries,) the number of the word.
        share: (entries,) in (0, 1].
        words: how many words there are.
    """

    starts: Rows
    word: Rows
    share: Floats
    words: int

    @staticmethod
    def of(pictures: Iterable[Sequence[Collection[str]]], number: Mapping[str, int]) -> "Shares":
        """Count the words that have a number.

        Args:
            pictures: of each its captions, at least one, of each the words in it.
            number: word -> its number from 0.
        """
        starts, found, shares = [0], [], []
        for captions in pictures:
            held: dict[int, int] = {}
            for words in captions:
                for word in {number[each] for each in words if each in number}:
                    held[word] = held.get(word, 0) + 1
            found += sorted(held)
            shares += [held[word] / len(captions) for word in sorted(held)]
            starts.append(len(found))
        return Shares(
            np.array(starts, np.int64),
            np.array(found, np.int64),
            np.array(shares, np.float64),
            len(number),
        )

    @property
    def together(self) -> Floats:
        """(words,) R(w): how often a word stands with others."""
        sizes = np.diff(self.starts)
        picture = np.repeat(np.arange(len(sizes)), sizes)
        whole = _sums(picture, self.share, len(sizes))
        others = self.share * (whole[picture] - self.share)
        return _sums(self.word, others, self.words)


def positive_information(shares: Shares) -> npt.NDArray[np.float32]:
    """(words, words) float32, at least 0: the positive pointwise mutual information.

    Rows are computed some at a time, in float64; only what is given is as large as the table.
    """
    together = shares.together
    context = together**POWER
    expected = context / context.sum() if len(context) and context.sum() else context
    found = np.zeros((shares.words, shares.words), np.float32)
    for first, last, counts in _counts(shares):
        chance = together[first:last, None] * expected
        there = counts > 0
        ratio = np.divide(counts, chance, out=np.ones_like(counts), where=there)
        found[first:last] = np.log(ratio, out=ratio).clip(min=0)
    return found


def _sums(place: Rows, values: Floats, many: int) -> Floats:
    return np.bincount(place, values, minlength=many).astype(np.float64, copy=False)


def _counts(shares: Shares) -> Iterable[tuple[int, int, Floats]]:
    """C, some rows at a time, without its diagonal: the first row, behind the last, and they."""
    sizes = np.diff(shares.starts)
    picture = np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(shares.word, kind="stable")
    begin = np.searchsorted(shares.word[order], np.arange(shares.words + 1))
    pairs = np.bincount(shares.word, sizes[picture], minlength=shares.words)
    first = 0
    while first < shares.words:
        many = np.cumsum(np.maximum(pairs[first:], shares.words))
        last = first + max(1, int(np.searchsorted(many, MOST, side="right")))
        entries = order[begin[first] : begin[last]]
        lengths = sizes[picture[entries]]
        # Each entry of these words, once a word of its picture; and those words.
        own = np.repeat(entries, lengths)
        before = np.repeat(np.cumsum(lengths) - lengths, lengths)
        other = np.repeat(shares.starts[picture[entries]], lengths) + np.arange(len(own)) - before
        place = (shares.word[own] - first) * shares.words + shares.word[other]
        weights = shares.share[own] * shares.share[other]
        flat = _sums(place, weights, (last - first) * shares.words)
        counts = flat.reshape(last - first, shares.words)
        counts[np.arange(last - first), np.arange(first, last)] = 0
        yield first, last, counts
        first = last
