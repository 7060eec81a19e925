"""The table that numbers the words of captions, and captions as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from core.bag import PAIR
from core.errors import InputError, RunError, SettingError
from core.files import json_sha256
from core.splitting import SPLITS, WORDS, split_all
from core.text_words import Splitter

SPECIALS = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(len(SPECIALS))
FORMAT = "tencrop-vocabulary/1"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Captions as numbers, and what happened to them on the way.

    ``numbers`` is (N,) int32: each caption with ``<start>`` and ``<end>``, one after the other;
    ``lengths`` (captions,) int64 is how many numbers each has, at least 3. ``cut`` is how many
    captions lost words at the end, ``wordless`` how many had none and became a single ``<unk>``.
    """

    numbers: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]
    cut: int
    wordless: int

    @property
    def rows(self) -> list[list[int]]:
        """Each caption's numbers as a list of its own."""
        left = iter(self.numbers.tolist())
        return [list(islice(left, length)) for length in self.lengths.tolist()]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a model knows: ``words[i]`` has number i, ``index[word]`` is its number.

    ``split``, a key of ``SPLITS``, is how captions are split into them: with ``bag`` stems and
    pairs of words are "words" too. Numbers 0 to 3 are ``<pad> <start> <end> <unk>``; no caption
    can contain these words, since angle brackets are split off. ``min_count`` is how often a word
    had to occur.

    Raises:
        InputError: the specials are not first, a word is there twice, or one is not Unicode text.
    """

    words: tuple[str, ...]
    min_count: int
    split: str = WORDS
    index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number the words, and refuse a table that cannot be trusted."""
        index = {word: number for number, word in enumerate(self.words)}
        if self.words[: len(SPECIALS)] != SPECIALS or len(index) < len(self.words):
            raise InputError(
                f"a vocabulary starts with {' '.join(SPECIALS)} and holds each word once; "
                "build it again from the training captions"
            )
        _refuse_surrogates("".join(self.words))
        object.__setattr__(self, "index", index)

    @staticmethod
    def build(
        texts: Iterable[str],
        *,
        min_count: int = 4,
        split: str = WORDS,
        splitter: Splitter = split_all,
    ) -> "Vocabulary":
        """The words of ``texts`` that occur at least ``min_count`` times, pairs once more.

        The order is: most frequent first, equally frequent ones by code point; so it depends
        on the captions alone, not on the order they come in. Pass the training captions only;
        ``splitter`` may know their words already.

        Raises:
            SettingError: ``min_count`` is below 1.
            InputError: a word holds half of a surrogate pair.
        """
        if min_count < 1:
            raise SettingError(
                f"min_count = {min_count}: a word occurs at least once; use 1 or more"
            )
        found = splitter(texts, split)
        counts = dict(zip(found.words, found.counts.tolist(), strict=True))
        frequent = (word for word, n in counts.items() if n >= min_count + (PAIR in word))
        ordered = sorted(frequent, key=lambda word: (-counts[word], word))
        return Vocabulary((*SPECIALS, *ordered), min_count, split)

    def __len__(self) -> int:
        """How many words there are, the four specials included."""
        return len(self.words)

    @property
    def digest(self) -> str:
        """The SHA-256 of the words, their order and ``min_count``, in hexadecimal."""
        return json_sha256(_facts(self.words, self.min_count, self.split))

    def encode(self, text: str, *, max_tokens: int) -> list[int]:
        """``<start>``, at most ``max_tokens`` words (unknown ones as ``<unk>``), ``<end>``.

        A text without words becomes ``<start> <unk> <end>``, so a row has 3 to
        ``max_tokens + 2`` numbers. ``encode_all`` also counts the texts that were cut.

        Raises:
            SettingError: ``max_tokens`` is below 1.
        """
        return self.encode_all([text], max_tokens=max_tokens).rows[0]

    def encode_all(
        self, texts: Iterable[str], *, max_tokens: int, splitter: Splitter = split_all
    ) -> Encoded:
        """``encode`` for many texts; counts those that were cut and those without words.

        Raises:
            SettingError: ``max_tokens`` is below 1.
        """
        if max_tokens < 1:
            raise SettingError(f"max_tokens = {max_tokens}: keep at least one word; use 1 or more")
        found = splitter(texts, self.split)
        too_long, wordless = found.lengths > max_tokens, found.lengths == 0
        ends, kept = found.lengths.cumsum(), np.ones(len(found.numbers), dtype=bool)
        for end, length in zip(ends[too_long], found.lengths[too_long], strict=True):
            kept[end - length + max_tokens : end] = False
        lengths = np.minimum(found.lengths, max_tokens).clip(min=1) + 2
        begins = lengths.cumsum() - lengths
        numbers = np.full(lengths.sum(), UNKNOWN, dtype=np.int32)
        numbers[begins], numbers[begins + lengths - 1] = START, END
        inside = np.ones(len(numbers), dtype=bool)
        inside[begins] = inside[begins + lengths - 1] = inside[begins[wordless] + 1] = False
        known = np.array([self.index.get(word, UNKNOWN) for word in found.words], dtype=np.int32)
        numbers[inside] = known[found.numbers[kept]]
        return Encoded(numbers, lengths, int(too_long.sum()), int(wordless.sum()))

    def decode(self, numbers: Iterable[int]) -> str:
        """The words up to the first ``<end>``, joined by spaces, without ``<pad>``, ``<start>``.

        Raises:
            InputError: a number outside the vocabulary.
        """
        kept = [n for n in takewhile(lambda n: n != END, numbers) if n not in (PAD, START)]
        for number in kept:
            if not 0 <= number < len(self.words):
                raise InputError(
                    f"number {number} is not in the vocabulary of {len(self)} words; "
                    "use the vocabulary that the numbers were made with"
                )
        return " ".join(self.words[number] for number in kept)

    def to_json(self) -> dict[str, Any]:
        """A JSON object: ``format``, ``min_count``, ``words`` (the specials first), ``sha256``."""
        return {
            **_facts(self.words, self.min_count, self.split),
            "sha256": self.digest,
        }

    @staticmethod
    def from_json(value: Any) -> "Vocabulary":
        """What ``to_json`` gave, checked against its digest.

        Raises:
            RunError: another format, a missing or odd field, or words that were changed.
        """
        if not isinstance(value, Mapping) or value.get("format") != FORMAT:
            raise RunError(f"not a vocabulary ({FORMAT}); use the vocab.json of a run")
        words, min_count = value.get("words"), value.get("min_count")
        if not _is_list_of_words(words) or type(min_count) is not int:
            raise RunError("the vocabulary lacks 'words' or 'min_count'; restore it or train again")
        split = value.get("split", WORDS)
        if split not in SPLITS:
            raise RunError(f"the vocabulary is split as {split!r}; use the Tencrop that made it")
        if value.get("sha256") != json_sha256(_facts(words, min_count, split)):
            raise RunError(
                "the vocabulary was changed after it was saved; restore it or train again"
            )
        return Vocabulary(tuple(words), min_count, split)


def _facts(words: Sequence[str], min_count: int, split: str) -> dict[str, Any]:
    # Words are what there was first: their digest is the one of before there was a choice.
    facts = {"format": FORMAT, "min_count": min_count, "words": list(words)}
    return facts if split == WORDS else facts | {"split": split}


def _is_list_of_words(words: Any) -> TypeGuard[list[str]]:
    return isinstance(words, list) and all(isinstance(word, str) for word in words)


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        around = text[max(0, error.start - 10) : error.end + 10]
        raise InputError(
            f"a word holds half of a surrogate pair, near {around!r}; mend the caption's encoding"
        ) from None
