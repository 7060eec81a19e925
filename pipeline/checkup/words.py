"""How many of the words that a run will be asked about it will never have seen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from core.records import Corpus

SHOWN = 5
ASKED = ("val", "test")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one split: how many there are, and how many training never saw.

    ``distinct`` counts each of the unseen words once; ``most`` are the most frequent of them.
    """

    words: int
    unseen: int
    distinct: int
    most: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the words, how many are unseen: 0 to 1."""
        return self.unseen / self.words if self.words else 0.0

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with the share."""
        return {**asdict(self), "most": list(self.most), "share": self.share}


def unseen_words(corpus: Corpus, progress: Callable[[int, int], None]) -> dict[str, Words]:
    """Of each split that is asked about and has words, those that ``train`` does not have.

    Nothing where no training picture has a caption: all would be unseen.
    """
    from core.splitting import tokenise  # its library takes a third of a second to import

    counts: dict[str, Counter[str]] = {split: Counter() for split in ("train", *ASKED)}
    for done, (caption, owner) in enumerate(zip(corpus.captions, corpus.owner, strict=True)):
        if (split := corpus.images[owner].split) in counts:
            counts[split].update(tokenise(caption.text))
        progress(done + 1, len(corpus.captions))
    known = counts.pop("train")
    return {split: _words(told, known) for split, told in counts.items() if told and known}


def _words(told: Counter[str], known: Counter[str]) -> Words:
    unseen = Counter({word: count for word, count in told.items() if word not in known})
    ordered = sorted(unseen, key=lambda word: (-unseen[word], word))
    return Words(told.total(), unseen.total(), len(unseen), tuple(ordered[:SHOWN]))
