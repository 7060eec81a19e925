"""Which places of a padded batch are of a caption or a set, and which of these are left out."""

import torch
from torch import Tensor


def within(lengths: Tensor, like: Tensor) -> Tensor:
    """(B, T) bool, which of the places of ``like`` (B, T, ...) stand before each length (B,)."""
    return torch.arange(like.shape[1], device=like.device) < lengths.to(like.device)[:, None]


def thinned(inside: Tensor, share: float) -> Tensor:
    """``inside`` (B, N) bool without about a ``share`` of its members, drawn anew each time.

    Size augmentation (Chen et al. 2021, section 3.3): a set that varies in size from visit to
    visit. A row that would keep no member keeps all.
    """
    kept = inside & (torch.rand(inside.shape, device=inside.device) >= share)
    return torch.where(kept.any(1, keepdim=True), kept, inside)
