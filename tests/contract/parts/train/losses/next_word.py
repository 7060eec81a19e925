"""The cross entropy of each next word, of the words that are there."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from core.settings import Settings
from core.text import PAD


class Options(Settings):
    """There is nothing to choose."""


class NextWord(nn.Module):
    """logits (B, T, words), target (B, T) -> a cost an example."""

    def forward(self, logits, target):
        each = cross_entropy(logits.transpose(1, 2), target, ignore_index=PAD, reduction="none")
        return each.sum(1) / (target != PAD).sum(1)


def build(options, *, measured, dim):
    return NextWord()


def example(rows):
    """Sentences of three words, drawn from five."""
    draw = torch.Generator().manual_seed(rows)
    target = torch.randint(1, 5, (rows, 3), generator=draw)
    return {"logits": torch.randn(rows, 3, 5, generator=draw), "target": target}
