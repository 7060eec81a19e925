"""What text encoders do to words before they read them."""

import torch
from torch import Tensor

from core.text import BAG, END, SPECIALS, UNKNOWN


def drop_words(tokens: Tensor, share: float, training: bool) -> Tensor:
    """``tokens`` (B, T) int64, in a training visit with this ``share`` of the words unknown.

    Which ones is drawn from torch's generator; nothing is drawn where nothing is dropped.
    """
    if not (training and share):
        return tokens
    drawn = torch.rand(tokens.shape, device=tokens.device) < share
    return tokens.masked_fill(drawn & (tokens >= len(SPECIALS)), UNKNOWN)


def words_alone(tokens: Tensor, lengths: Tensor, split: str) -> tuple[Tensor, Tensor]:
    """Captions without their stems and pairs: their words in order, unknown ones too.

    Of E entries of a caption (see ``core.bag.entries``) the first (E + 1) / 3 are its words; where
    some were cut off at the end there were more words than that, and so many stand first.

    Args:
        tokens: (B, T) int64, ``<start>``, E entries and ``<end>`` of each.
        lengths: (B,) int64, each E + 2.
        split: of the vocabulary; ``words`` leaves all as it is.

    Returns:
        tokens and lengths, as they were given: padded, with ``<end>`` at the end.
    """
    if split != BAG:
        return tokens, lengths
    many = ((lengths - 1) // 3).clamp(min=1)
    end = torch.full_like(many, END)[:, None]
    kept = tokens.scatter(1, (many + 1)[:, None], end)
    return kept[:, : int(many.max()) + 2], many + 2
