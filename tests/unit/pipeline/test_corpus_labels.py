"""Labels of a corpus given to what was predicted of it."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.predictions import Decoding, Embeddings, Vectors
from core.records import Caption, Corpus, Image
from evaluate.protocols import labels
from pipeline.asked.corpus_labels import require_labels, with_labels

LABELS = {"a": ("dog", "sand"), "b": (), "c": ("cat",)}


def corpus(labelled: bool = True) -> Corpus:
    images = [Image(i, None, "test", told if labelled else ()) for i, told in LABELS.items()]
    captions = [(i, Caption(f"{i}#{n}", "words")) for i in LABELS for n in range(2)]
    return Corpus.build("animals", images, captions)


def predicted(images: str, captions: list[str]) -> Embeddings:
    sides = (np.array(list(images)), np.array(captions))
    vectors = [Vectors(ids, np.ones((len(ids), 2), dtype=np.float32)) for ids in sides]
    return Embeddings(vectors[0], vectors[1])


def test_each_item_has_those_of_its_picture_whatever_the_order() -> None:
    given = predicted("cab", ["b#1", "a#0", "c#1"])
    told = with_labels(given, corpus())
    assert isinstance(told, Embeddings)
    assert told.caption is not None
    assert told.image.label is not None
    assert told.caption.label is not None
    # cat, dog, sand
    assert told.image.label.tolist() == [[True, False, False], [False, True, True], [False] * 3]
    assert told.caption.label.tolist() == [[False] * 3, [False, True, True], [True, False, False]]
    alone = with_labels(replace(given, caption=None), corpus())
    assert isinstance(alone, Embeddings)
    assert alone.image.label is not None
    assert alone.image.label.tolist() == told.image.label.tolist()


def test_a_label_that_the_training_part_did_not_know_is_one_here() -> None:
    given = predicted("ac", ["a#0"])
    known = replace(given.image, label=np.array([[True], [False]]))
    assert given.caption is not None
    texts = replace(given.caption, label=np.array([[True]]))
    told = with_labels(replace(given, image=known, caption=texts), corpus())
    assert isinstance(told, Embeddings)
    assert told.image.label is not None
    assert told.image.label.shape == (2, 3)


def test_what_has_no_labels_there_stays_as_it_is() -> None:
    given = predicted("ab", ["a#0"])
    assert with_labels(given, corpus(labelled=False)) is given
    strange = predicted("ab", ["an item of another kind"])
    assert with_labels(strange, corpus()) is strange
    decoding = Decoding(np.array(["a"]), [[[1]]], start=int, step=lambda state, words: words)
    assert with_labels(decoding, corpus()) is decoding


def test_only_who_asks_for_labels_needs_them() -> None:
    require_labels("labels", corpus())
    require_labels("retrieval", corpus(labelled=False))
    require_labels(None, corpus(labelled=False), ["rsum", "score"])
    require_labels("retrieval", corpus(labelled=False), ["map", "score"])
    with pytest.raises(InputError, match="animals: right is what shares a label"):
        require_labels(None, corpus(labelled=False), [labels.KEY, "score"])
    with pytest.raises(InputError, match="animals: right is what shares a label, and no picture"):
        require_labels("labels", corpus(labelled=False))
