"""How many of the words that a run is, or will be, asked about it has never seen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from core.bag import entries, is_word
from core.records import Corpus
from core.splitting import BAG, tokenise
from core.text import Vocabulary

SHOWN = 5
ASKED = ("val", "test")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one split: how many there are, and how many training never saw.

    ``distinct`` counts each of the unseen words once; ``most`` are the most frequent of them, marks
    of punctuation left out.
    """

    words: int
    unseen: int
    distinct: int
    most: tuple[str, ...]

    @staticmethod
    def of(told: Counter[str], known: Callable[[str], bool]) -> "Words":
        """Of words with how often each occurs, those that are not ``known``."""
        unseen = {word: count for word, count in told.items() if not known(word)}
        told_of = [word for word in unseen if any(map(str.isalnum, word))]
        ordered = sorted(told_of, key=lambda word: (-unseen[word], word))
        return Words(told.total(), sum(unseen.values()), len(unseen), tuple(ordered[:SHOWN]))

    @property
    def share(self) -> float:
        """Of the words, how many are unseen: 0 to 1."""
        return self.unseen / self.words if self.words else 0.0

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with the share."""
        return {**asdict(self), "most": list(self.most), "share": self.share}


def unseen_words(corpus: Corpus, progress: Callable[[int, int], None]) -> dict[str, Words]:
    """Of each split that is asked about and has words, those that ``train`` does not have.

    Nothing where no training picture has a caption: all would be unseen; nor of vectors of texts.
    """
    if corpus.wordless:
        return {}
    counts: dict[str, Counter[str]] = {split: Counter() for split in ("train", *ASKED)}
    for done, (caption, owner) in enumerate(zip(corpus.captions, corpus.owner, strict=True)):
        if (split := corpus.images[owner].split) in counts:
            counts[split].update(tokenise(caption.text))
        progress(done + 1, len(corpus.captions))
    known = counts.pop("train")
    return {
        split: Words.of(told, lambda word: word in known)
        for split, told in counts.items()
        if told and known
    }


def unknown_words(part: Corpus, vocabulary: Vocabulary) -> Words:
    """The words of the captions of ``part`` that a model with this ``vocabulary`` does not read.

    Of captions split as a bag, a word is read where its stem is.
    """
    found = part.splitter((caption.text for caption in part.captions), vocabulary.split)
    counts = dict(zip(found.words, found.counts.tolist(), strict=True))
    bag = vocabulary.split == BAG
    told = Counter({word: n for word, n in counts.items() if is_word(word) or not bag})

    def reads(word: str) -> bool:
        read = entries(word) if bag and word not in vocabulary.index else [word]
        return any(entry in vocabulary.index for entry in read)

    return Words.of(told, reads)
