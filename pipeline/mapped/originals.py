"""What a run reads of pictures and of sentences, before anything is learnt, as one vector each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.bare_words import words_of
from core.records import Corpus
from core.sources import Source, of_captions
from evaluate.modality import unit
from evaluate.queries import Names
from evaluate.scores.face import Floats
from pipeline.mapped.bagged import bagged


class Originals(NamedTuple):
    """``image`` (K, F) and ``text`` (L, G), float64 at unit length; ``told`` says what each is."""

    image: Floats
    text: Floats
    told: tuple[str, str]


def originals(part: Corpus, sources: Mapping[str, Source], image: Names, text: Names) -> Originals:
    """Of the pictures ``image`` (K,) and the captions ``text`` (L,), by their ids.

    Several sources of a side stand side by side, each at unit length; of a picture's crops, and of
    the places of a grid, the mean is taken. Sentences of which no vectors are read are bags of
    words.

    Raises:
        CacheError: an item is in no source.
        InputError: a sentence takes too long to split.
    """
    sides: tuple[list[Source], list[Source]] = ([], [])
    for source in sources.values():
        sides[of_captions(source.made_by)].append(source)
    features = _stored(sides[0], image)
    if sides[1]:
        return Originals(features, _stored(sides[1], text), ("image features", "text vectors"))
    captions = {each.id: each for each in part.captions}
    words = bagged([words_of(captions[str(id)].sentence) for id in text])
    return Originals(features, words, ("image features", "bags of words"))


def _stored(sources: Sequence[Source], ids: Names) -> Floats:
    found = []
    for source in sources:
        values = source.read(source.rows(map(str, ids))).astype(np.float64)
        found.append(unit(values.mean(axis=tuple(range(1, values.ndim - 1)))))
    return unit(np.concatenate(found, axis=1))
