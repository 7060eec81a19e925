"""What tasks of pictures and captions share: encoding all of a side, to unit vectors."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.predictions import Embeddings, Vectors
from train.examples.joined import Joined

EMBED_BATCH = 256
MOST_DIM = 65_536


def prepare(encoder: nn.Module, blocks: Iterable[Any]) -> None:
    """Let an encoder measure its side of the training part, where it wants to."""
    if (measure := getattr(encoder, "prepare", None)) is not None:
        measure(blocks)


def each_once(image_id: Tensor) -> tuple[Tensor, Tensor]:
    """Which rows of a batch hold each of its pictures, once, and which of these each row is.

    Args:
        image_id: (B,) int64, equal where two rows are of the same picture.

    Returns:
        (P,) int64, the first row of each of P pictures; (B,) int64, the number of each row's.

    Example:
        >>> each_once(torch.tensor([7, 4, 7]))
        (tensor([1, 0]), tensor([1, 0, 1]))
    """
    pictures, place = torch.unique(image_id, return_inverse=True)
    rows = torch.arange(len(place), device=place.device)
    first = torch.full_like(pictures, len(place)).scatter_reduce(0, place, rows, "amin")
    return first, place


def of_rows(vectors: Tensor, place: Tensor | None) -> Tensor:
    """The vector of each row, (B, D), of those of its pictures; ``place`` None: they are these."""
    # With brackets several threads would add the gradients in any order: other bits each time.
    return vectors if place is None else vectors.index_select(0, place)


def encoded(
    encoder: nn.Module, blocks: Iterable[tuple[Tensor, ...]], device: torch.device
) -> Tensor:
    """What ``encoder`` gives of all blocks, (N, D) on the CPU."""
    return torch.cat([encoder(*(each.to(device) for each in block)).cpu() for block in blocks])


def scaled(vectors: Tensor, similarity: str) -> Tensor:
    """``vectors`` (N, D) as unit vectors, absolute ones (Vendrov et al. 2016) for ``order``."""
    unit = normalize(vectors, dim=1)
    return unit.abs() if similarity == "order" else unit


def embeddings(
    data: Joined, image: Tensor, caption: Tensor, *, similarity: str = "inner"
) -> Embeddings:
    """Both sides scaled, with their ids, labels and who owns whom.

    Args:
        data: whose pictures and captions they are.
        image: (pictures, D) float32 of any length.
        caption: (captions, D) float32.

    Raises:
        NumberError: a vector is not finite.
    """
    return Embeddings(
        image=Vectors(data.image_id, scaled(image, similarity).numpy(), data.image_label),
        caption=Vectors(data.id, scaled(caption, similarity).numpy(), data.label),
        owner=data.owner,
        similarity=similarity,
    )
