"""What text encoders do to words before they read them."""

import torch
from torch import Tensor

from core.text import SPECIALS, UNKNOWN


def drop_words(tokens: Tensor, share: float, training: bool) -> Tensor:
    """``tokens`` (B, T) int64, in a training visit with this ``share`` of the words unknown.

    Which ones is drawn from torch's generator; nothing is drawn where nothing is dropped.
    """
    if not (training and share):
        return tokens
    drawn = torch.rand(tokens.shape, device=tokens.device) < share
    return tokens.masked_fill(drawn & (tokens >= len(SPECIALS)), UNKNOWN)
