"""What runs were trained on, as far as that is known by now, and what of it is asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.bare_words import said
from core.records import Caption, Corpus, Image
from core.sources import caption_sha256
from train.seen import Items, common

Pairs = Sequence[tuple[str, str]]
"""(what is asked about, what was trained on), by their ids."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some pictures: each by its id and the first digits of its file's digest, as they were.

    ``images`` are those of them that a corpus has by now, by id.
    """

    items: Items
    images: Mapping[str, Image]

    @staticmethod
    def of(items: Items, corpus: Corpus | None) -> "Pictures":
        """``items``, of which ``corpus`` may be there no more."""
        there = {image.id: image for image in corpus.images} if corpus else {}
        return Pictures(items, {name: there[name] for name, _ in items if name in there})

    def without(self, ids: Pairs) -> "Pictures":
        """But for those that stand first in ``ids``."""
        left_out = {name for name, _ in ids}
        return Pictures([item for item in self.items if item[0] not in left_out], self.images)


def identical(asked: Items, trained: Items) -> list[tuple[str, str]]:
    """The pictures of ``asked`` that were trained on, as ``train.seen.common`` tells them."""
    names = {digest: name for name, digest in reversed(trained) if digest}
    digests = dict(asked)
    return [(name, names.get(digests[name], name)) for name in common(trained, asked)]


def with_ids(corpus: Corpus, items: Items, *, but: Pairs = ()) -> Corpus:
    """The pictures of ``corpus`` that are among ``items``, but for the first ones of ``but``."""
    wanted = {name for name, _ in items} - {name for name, _ in but}
    return corpus.select(np.array([image.id in wanted for image in corpus.images], dtype=bool))


def same_captions(asked: Corpus, trained: Corpus) -> list[tuple[str, str]]:
    """The captions of ``asked`` that say what one of ``trained`` says, each with the first such.

    Equal are those whose words are, in order, whatever the punctuation and the capitals (see
    ``core.bare_words.said``); a caption without a word is equal to none. Of stored vectors equal
    are those of the same numbers.
    """
    first: dict[tuple[str, ...], str] = {}
    for caption in trained.captions:
        first.setdefault(_says(caption), caption.id)
    told = ((caption.id, _says(caption)) for caption in asked.captions)
    return [(name, first[says]) for name, says in told if says and says in first]


def _says(caption: Caption) -> tuple[str, ...]:
    return (caption_sha256(caption),) if caption.place else said(caption.text)
