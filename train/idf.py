"""How much a word tells, by how few captions have it (Sparck Jones 1972)."""

from collections.abc import Iterable

import torch
from torch import Tensor

from train.inside import within


def inverse_frequency(blocks: Iterable[tuple[Tensor, Tensor]], words: int) -> Tensor:
    """log((1 + N) / (1 + n)) of each word, n of the N captions having it.

    A word that all have, or none, weighs as one that all but one have; the unknown one is counted
    like any other.

    Args:
        blocks: tokens (n, T) int64 below ``words``, and lengths (n,) int64.
        words: how many there are.

    Returns:
        (words,) float64.
    """
    total, having = 0, torch.zeros(words, dtype=torch.float64)
    for tokens, lengths in blocks:
        inside = within(lengths, tokens)
        rows = torch.arange(len(tokens))[:, None].expand_as(tokens)
        once = torch.unique(torch.stack([rows[inside], tokens[inside]]), dim=1)[1]
        having += torch.bincount(once, minlength=words)
        total += len(tokens)
    having = having.masked_fill(having == 0, total).clamp(max=max(total - 1, 0))
    found: Tensor = ((1 + total) / (1 + having)).log()
    return found
