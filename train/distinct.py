"""The different pictures of a batch, each once, and from them back to the rows."""

import torch
from torch import Tensor


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
