"""The formula of the gallery's bias, and vectors whose inner product holds it.

A caption ``t`` asks; a picture ``v`` scores ``v.t + b(v)`` with

    b(v) = -strength * log(sum over the bank's captions q of exp(beta v.q)) / beta,

and the other way round ``v.t + b(t)`` with the same sum over the bank's pictures. With strength 1
it is the order of the inverted softmax (Smith et al., *Offline bilingual word vectors, orthogonal
transformations and the inverted softmax*, 2017; for pictures and captions with a bank of training
queries Bogolin et al., *Cross Modal Retrieval with Querybank Normalisation*, 2022).

``b`` depends on the candidate alone, so that it is part of its vector: a picture is ``(v, b(v),
1)``, a caption ``(t, 1, b(t))``, whose inner product is ``v.t + b(v) + b(t)``. What the asking side
adds is one constant for all candidates: it moves no rank. These are no unit vectors.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.predictions import Embeddings, Vectors
from core.wording import counted

PREFIX = "gallery."
"""Begins the names of the bank's tensors in a model."""
ADDED = 2
"""So many numbers stand behind each vector of the task."""
ITEMS, QUERIES = 512, 8192


@dataclass(frozen=True)
class Bank:
    """Training pictures (P, D) and training captions (C, D), float32, as the model embeds them."""

    image: Tensor
    caption: Tensor

    def liking(self, embeddings: Embeddings, betas: Sequence[float]) -> tuple[Tensor, Tensor]:
        """How much the bank likes each picture (betas, N) and each caption (betas, M), float64."""
        return (
            liking(_tensor(embeddings.image), self.caption, betas),
            liking(_tensor(_captions(embeddings)), self.image, betas),
        )

    def tensors(self) -> dict[str, Tensor]:
        """What a model keeps of it, by name: (P, D) and (C, D) float32."""
        return {f"{PREFIX}image": self.image, f"{PREFIX}caption": self.caption}


@dataclass(frozen=True)
class Gallery:
    """A bank and the two numbers; both are chosen on validation (``train.gallery.choice``)."""

    bank: Bank
    strength: float
    beta: float

    @staticmethod
    def read(told: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> "Gallery":
        """That of a run: ``told`` by its record, with the ``tensors`` (P, D), (C, D) of its model.

        Raises:
            KeyError: the model has no bank.
        """
        bank = Bank(tensors[f"{PREFIX}image"], tensors[f"{PREFIX}caption"])
        return Gallery(bank, float(told["strength"]), float(told["inverse_temperature"]))

    def extend(self, embeddings: Embeddings) -> Embeddings:
        """The same items with the bias: each vector has two numbers more (see above)."""
        image, caption = embeddings.image, _captions(embeddings)
        return extended(embeddings, self.of_pictures(image), self.of_captions(caption))

    def of_pictures(self, image: Vectors) -> Tensor:
        """``b`` of each picture of ``image`` (N, D), float64 (N,): what asks does not matter."""
        return self._bias(image, self.bank.caption)

    def of_captions(self, caption: Vectors) -> Tensor:
        """``b`` of each caption of ``caption`` (N, D), float64 (N,)."""
        return self._bias(caption, self.bank.image)

    def _bias(self, side: Vectors, queries: Tensor) -> Tensor:
        return -self.strength * liking(_tensor(side), queries, [self.beta])[0]


def extended(embeddings: Embeddings, image: Tensor, caption: Tensor) -> Embeddings:
    """Pictures ``(v, image, 1)`` and captions ``(t, 1, caption)``, as float32.

    Args:
        embeddings: N pictures and M captions of D numbers each.
        image: (N,) float, the bias of each picture.
        caption: (M,) float, that of each caption.
    """
    captions = _captions(embeddings)
    return replace(
        embeddings,
        image=_with(embeddings.image, image, torch.ones(len(image))),
        caption=_with(captions, torch.ones(len(caption)), caption),
    )


def plain(embeddings: Embeddings) -> Embeddings:
    """What ``extended`` was given, to the bit."""
    sides = embeddings.image, _captions(embeddings)
    image, caption = (replace(s, value=s.value[:, :-ADDED].copy()) for s in sides)
    return replace(embeddings, image=image, caption=caption)


def liking(items: Tensor, queries: Tensor, betas: Sequence[float]) -> Tensor:
    """``log(sum over q of exp(beta item.q)) / beta``, in float64 and block by block.

    Args:
        items: (N, D), the candidates.
        queries: (Q, D), at least one: the bank's other side.
        betas: inverse temperatures, each above 0.

    Returns:
        (betas, N) float64.
    """
    found = torch.full((len(betas), len(items)), -torch.inf, dtype=torch.float64)
    for rows in _slices(len(items), ITEMS):
        for columns in _slices(len(queries), QUERIES):
            scores = items[rows].double() @ queries[columns].double().T
            for sums, beta in zip(found, betas, strict=True):
                sums[rows] = torch.logaddexp(sums[rows], torch.logsumexp(beta * scores, dim=1))
    return found / torch.tensor(betas, dtype=torch.float64)[:, None]


def in_words(told: Mapping[str, Any]) -> str:
    """The two numbers and the bank, as a record tells them; or that none was chosen."""
    if not told["strength"]:
        return "none, as none that was tried raises the validation's score"
    pictures = counted(told["pictures"], "training picture")
    captions = counted(told["captions"], "caption")
    return (
        f"strength {told['strength']:.3g}, inverse temperature {told['inverse_temperature']:.3g}, "
        f"chosen on validation; bank of {pictures} and their {captions}"
    )


def _captions(embeddings: Embeddings) -> Vectors:
    assert embeddings.caption is not None, "train.gallery.bank refuses what has no captions"
    return embeddings.caption


def _tensor(side: Vectors) -> Tensor:
    return torch.from_numpy(side.value)


def _with(side: Vectors, *columns: Tensor) -> Vectors:
    added = [column.to(torch.float32).numpy()[:, None] for column in columns]
    return replace(side, value=np.concatenate([side.value, *added], axis=1))


def _slices(length: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, length, size))
