"""What tasks with labels share: the layers behind both sides, and what they give."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.predictions import Embeddings
from core.records import Corpus
from train.examples.table import Tables
from train.linear import LargeLinear
from train.measured import Measured
from train.tasks._embedding import EMBED_BATCH, MOST_DIM, encoded, prepare, scaled
from train.tasks._labels import LabelOptions, fitting
from train.tasks._sides import J, Sided

GIVES = (
    *("image", "caption", "image_id", "label"),
    *("image_vector", "caption_vector", "image_class", "caption_class"),
)
Encoder = Callable[..., Tensor]


class Proxies(nn.Module):
    """A unit vector a class: (B, D) of any length -> the cosine with each, (B, C) in [-1, 1].

    As in MRL (Hu et al. 2021), whose public code scales them to unit length before each step; here
    the gradient is that of the scaled ones.

    Attributes:
        weight: (C, D); at first orthonormal rows, or columns where classes are more than D.
    """

    def __init__(self, dim: int, classes: int):
        """Draw them from torch's generator."""
        super().__init__()
        self.weight = nn.Parameter(nn.init.orthogonal_(torch.empty(classes, dim)))

    def forward(self, vector: Tensor) -> Tensor:
        """(B, D) float -> (B, C) float."""
        return normalize(vector, dim=1) @ normalize(self.weight, dim=1).T


class NetworkOptions(LabelOptions):
    """The options of a network with labels."""

    hidden: int = Field(
        2048,
        ge=0,
        le=MOST_DIM,
        description="width of each side's encoder, a ReLU and a linear layer of both sides behind "
        "it; 0: neither, each side's encoder gives the joint space",
    )
    embed_dim: int = Field(1024, ge=1, le=MOST_DIM, description="width of the joint space")
    classifier: Literal["linear", "cosine"] = Field(
        "linear",
        description="what is said of a class: linear in the vector, or the cosine with the class's "
        "own unit vector, which begin at right angles",
    )

    @property
    def width(self) -> int:
        """Of each side's encoder."""
        return self.hidden or self.embed_dim


class Shared(nn.Module):
    """Hidden (B, H) of either side -> its vector (B, D), and what it says of the classes.

    Attributes:
        joint: to the joint space, without an activation; None where H is that space's.
        classes: of it, the classes; linear, with a bias as in DSCMR's public code, or ``Proxies``.
    """

    def __init__(self, options: NetworkOptions, classes: int):
        """Torch's own first weights of what is linear, as in DSCMR's public code."""
        super().__init__()
        dim = options.embed_dim
        self.joint = LargeLinear(options.hidden, dim) if options.hidden else None
        kind = Proxies if options.classifier == "cosine" else nn.Linear
        self.classes = kind(dim, classes)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """(B, H) float before the ReLU -> (B, D) float of any length, (B, C) float."""
        vector = self.vector(hidden)
        return vector, self.classes(vector)

    def vector(self, hidden: Tensor) -> Tensor:
        """(B, H) float before the ReLU -> (B, D) float of any length."""
        found: Tensor = hidden if self.joint is None else self.joint(hidden.relu())
        return found

    def behind(self, encoder: Encoder) -> Encoder:
        """``encoder`` with these layers behind it: to (B, D)."""
        return lambda *given: self.vector(encoder(*given))


def outputs(
    shared: Shared, image: Tensor, caption: Tensor, image_id: Tensor, label: Tensor
) -> dict[str, Tensor]:
    """What a task with labels gives of hidden (B, H) of both sides: both in one product.

    ``image`` and ``caption`` (B, D) are unit vectors, ``..._vector`` are of any length,
    ``..._class`` (B, C); ``image_id`` (B,) int64 and ``label`` (B, C) bool are as they were given.
    """
    vectors, said = shared(torch.cat([image, caption]))
    vector, classes = vectors.chunk(2), said.chunk(2)
    found = {"image_id": image_id, "label": label}
    for side, value, each in zip(("image", "caption"), vector, classes, strict=True):
        found |= {side: scaled(value, "inner"), f"{side}_vector": value, f"{side}_class": each}
    return found


class ByLabels(Sided[J]):
    """A task with an encoder a side, layers that both share, and labels that say what is right.

    A subclass says what it reads of a side; it stands beside ``Stored`` or ``Worded``.

    Attributes:
        image: features (B, crops, ...) of each source of pictures -> (B, H).
        text: what a batch has of captions -> (B, H).
        shared: (B, H) -> (B, D), and the classes.
    """

    gives = GIVES

    def __init__(
        self, options: NetworkOptions, measured: Measured, *, image: nn.Module, text: nn.Module
    ):
        """Use the ``build`` of a task's file."""
        super().__init__()
        self.image, self.text = image, text
        self.shared = Shared(options, len(measured.classes))
        self.dim = options.embed_dim
        self._measured = measured

    def begin(self, data: J) -> None:
        """Let each encoder measure its side of the training part, where it wants to."""
        prepare(self.image, data.features.blocks(EMBED_BATCH))
        prepare(self.text, self._texts_of(data).blocks(EMBED_BATCH))

    def fitting(self, train: J, val: J, parts: tuple[Corpus, Corpus]) -> list[str]:
        """See ``Task``."""
        return fitting(train, val, parts, self._measured)

    def predict(self, data: J, *, batch_size: int = EMBED_BATCH) -> Embeddings:
        """See ``Sided``; right is what shares a label."""
        return replace(super().predict(data, batch_size=batch_size), protocol="labels")

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        image = self.shared.behind(self.image)
        return encoded(image, features.blocks(batch_size), self._device)

    @property
    def _device(self) -> torch.device:
        return next(self.parameters()).device
