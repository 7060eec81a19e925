"""Texts as words: a table of the different ones, and a number a word."""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class TextWords:
    """What texts were split into, in 4 bytes a word.

    ``words`` are the different ones, in the order in which they first occur; ``numbers`` is (N,)
    int32, a row of ``words`` for each word of all texts, one text after the other; ``lengths`` is
    (texts,) int64, how many words each has.
    """

    words: tuple[str, ...]
    numbers: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]

    @staticmethod
    def of(texts: Iterable[Iterable[str]]) -> "TextWords":
        """Of each text its words, in order.

        Example:
            >>> TextWords.of([["a", "dog"], [], ["a"]]).numbers.tolist()
            [0, 1, 0]
        """
        table: dict[str, int] = {}
        numbers, lengths = array("i"), array("q")
        for text in texts:
            before = len(numbers)
            numbers.extend(table.setdefault(word, len(table)) for word in text)
            lengths.append(len(numbers) - before)
        return TextWords(
            tuple(table),
            np.frombuffer(numbers.tobytes(), dtype=np.int32),
            np.frombuffer(lengths.tobytes(), dtype=np.int64),
        )

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(words,) int64: how often each occurs."""
        return np.bincount(self.numbers, minlength=len(self.words))


Splitter = Callable[[Iterable[str], str], TextWords]
"""Splits all of some texts, by a key of ``core.splitting.SPLITS``."""
