"""What tasks of pictures and captions share: encoding all of a side, to unit vectors."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.predictions import Embeddings, Vectors
from train.distinct import each_once
from train.examples.joined import Joined
from train.precision import full
from train.ranks.chance import each_picture
from train.tasks._alone import FEW, require_own

EMBED_BATCH = 256
MOST_DIM = 65_536


def prepare(encoder: nn.Module, blocks: Iterable[Any]) -> None:
    """Let an encoder measure its side of the training part, where it wants to."""
    if (measure := getattr(encoder, "prepare", None)) is not None:
        measure(blocks)


def pictures(
    encoder: nn.Module, features: tuple[Tensor, ...], image_id: Tensor, each: str
) -> tuple[Tensor, Tensor | None]:
    """The pictures of a batch, encoded: every row's, or each picture once.

    Args:
        encoder: features of each source -> (P, D).
        features: (B, crops, ...) float32 of each source.
        image_id: (B,) int64, equal where two rows are of the same picture.
        each: ``row``, or ``once``.

    Returns:
        (P, D); which of them each row is of, (B,) int64, None where P is B (see ``of_rows``).
    """
    if each == "row":
        return encoder(*features), None
    first, place = each_once(image_id)
    with each_picture():
        return encoder(*(source[first] for source in features)), place


def encoded(
    encoder: Callable[..., Tensor], blocks: Iterable[tuple[Tensor, ...]], device: torch.device
) -> Tensor:
    """What ``encoder`` gives of all blocks, (N, D) on the CPU.

    Raises:
        SettingError: what it gives of an item follows from what stands beside it in a block.
    """
    found: list[Tensor] = []
    for block in blocks:
        given = tuple(each.to(device) for each in block)
        vectors: Tensor = encoder(*given)
        if not found and len(vectors) > FEW:  # of so few it would be compared with itself
            require_own(encoder, tuple(each[:FEW] for each in given), vectors[:FEW])
        found.append(vectors.cpu())
    return torch.cat(found)


def scaled(vectors: Tensor, similarity: str) -> Tensor:
    """``vectors`` (N, D) as unit vectors, absolute ones (Vendrov et al. 2016) for ``order``."""
    unit = normalize(full(vectors), dim=1)
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
