"""What tasks share that encode each side alone: both sides of a part, or one, by the same code."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from torch import Tensor, nn

from core.heard import Heard, heard
from core.predictions import Embeddings
from core.records import Caption, Corpus
from core.sources import TEXT, Source
from core.splitting import split_all
from core.text_words import Splitter
from core.vectors import Vectors, require_finite
from train.examples.pairs import Pairs, tokens_of
from train.examples.pictures import Pictures
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.examples.vectors import VectorPairs, vectors_of
from train.measured import Measured
from train.schema import Recipe
from train.task import Task, evaluating
from train.tasks._embedding import EMBED_BATCH, embeddings, scaled

J = TypeVar("J", bound=Pairs | VectorPairs)
P = TypeVar("P", bound=Pairs)
V = TypeVar("V", bound=VectorPairs)
IMAGE = "image"


class Sided(Task[J]):
    """A task of which a picture's vector follows from the picture alone, and so a sentence's.

    A subclass says how a side is read and encoded; scaling, modes and ids are here.
    """

    _measured: Measured

    def _image_sources(self, sources: Mapping[str, Source]) -> list[Source]:
        """Those of pictures, in the order of the encoder."""
        return [sources[name] for name in self._measured.shapes]

    @abstractmethod
    def _texts(
        self, captions: Sequence[Caption], sources: Mapping[str, Source], splitter: Splitter
    ) -> Any:
        """Captions as the encoder takes them."""

    @abstractmethod
    def _texts_of(self, data: J) -> Any:
        """The captions of examples as the encoder takes them."""

    @abstractmethod
    def _images(self, features: Tables, batch_size: int) -> Tensor:
        """(N, D) float32 of any length, on the CPU."""

    @abstractmethod
    def _captions(self, texts: Any, batch_size: int) -> Tensor:
        """(N, D) float32 of any length, on the CPU, in the order of ``texts``."""

    def predict(self, data: J, *, batch_size: int = EMBED_BATCH) -> Embeddings:
        """Encode every picture, with captions or not, and every caption, in the corpus's order.

        Raises:
            NumberError: a vector is not finite.
        """
        with evaluating(self):
            images = self._images(data.features, batch_size)
            captions = self._captions(self._texts_of(data), batch_size)
        return embeddings(data, images, captions, similarity=self.similarity)

    def images(self, part: Corpus, sources: Mapping[str, Source]) -> Vectors:
        """See ``Task``."""
        found = Pictures.of(part, self._image_sources(sources), self._measured.classes)
        with evaluating(self):
            vectors = self._images(found.features, EMBED_BATCH)
        return self._finite("image", Vectors(found.id, self._unit(vectors), found.label))

    def captions(
        self,
        captions: Sequence[Caption],
        sources: Mapping[str, Source],
        splitter: Splitter = split_all,
    ) -> Vectors:
        """See ``Task``."""
        ids = np.array([caption.id for caption in captions], dtype=np.str_)
        with evaluating(self):
            vectors = self._captions(self._texts(captions, sources, splitter), EMBED_BATCH)
        return self._finite("caption", Vectors(ids, self._unit(vectors)))

    def heard(self, sentence: str) -> Heard:
        """Which words of a sentence were met in training often enough, where words are read."""
        return heard(sentence, self._measured.words)

    def _unit(self, vectors: Tensor) -> Any:
        return scaled(vectors, self.similarity).numpy()

    def _finite(self, kind: str, found: Vectors) -> Vectors:
        require_finite(kind, found)
        return found


class Worded(Sided[P]):
    """One whose captions are words; ``examples`` are what it joins them to."""

    examples: type[P]
    _max_tokens: int

    def read(self, part: Corpus, sources: Mapping[str, Source]) -> P:
        """Join the captions of a part to the features of their pictures."""
        return self.examples(
            part,
            self._image_sources(sources),
            self._measured.vocabulary,
            classes=self._measured.classes,
            max_tokens=self._max_tokens,
        )

    def _texts(
        self, captions: Sequence[Caption], sources: Mapping[str, Source], splitter: Splitter
    ) -> Tokens:
        return tokens_of(captions, self._measured.vocabulary, self._max_tokens, splitter)[0]

    def _texts_of(self, data: P) -> Tokens:
        return data.tokens


class Stored(Sided[V]):
    """One whose captions are stored vectors: the sources ``text``, ``text.2`` ...

    ``examples`` are what it joins them to.
    """

    examples: type[V]

    def read(self, part: Corpus, sources: Mapping[str, Source]) -> V:
        """Join the vectors of the captions of a part to those of their pictures."""
        sides = (self._of(side, sources) for side in (IMAGE, TEXT))
        return self.examples(part, *sides, classes=self._measured.classes)

    def _image_sources(self, sources: Mapping[str, Source]) -> list[Source]:
        return self._of(IMAGE, sources)

    def _of(self, side: str, sources: Mapping[str, Source]) -> list[Source]:
        return [sources[name] for name in self._measured.shapes if _side(name) == side]

    def _texts(
        self, captions: Sequence[Caption], sources: Mapping[str, Source], splitter: Splitter
    ) -> Tables:
        return vectors_of(captions, self._of(TEXT, sources))

    def _texts_of(self, data: V) -> Tables:
        return data.texts


def encoders(recipe: Recipe, measured: Measured, dim: int) -> list[nn.Module]:
    """The recipe's encoders of stored vectors, ``image`` and ``text``, to (B, ``dim``)."""
    return [
        recipe.part(side).build(
            recipe.section(side),
            shapes=shapes_of(side, measured),
            dim=dim,
        )
        for side in (IMAGE, TEXT)
    ]


def shapes_of(side: str, measured: Measured) -> list[tuple[int, ...]]:
    """Of each source of a side, ``image`` or ``text``, the shape of a value, such as (crops, F)."""
    return [shape for name, shape in measured.shapes.items() if _side(name) == side]


def _side(source: str) -> str:
    """Of ``image.2``, a further source of a side, the side."""
    return source.partition(".")[0]
