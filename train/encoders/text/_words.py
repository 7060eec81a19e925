"""What text encoders do to words before they read them, and to their states afterwards."""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from core.splitting import BAG
from core.text import END, SPECIALS, START, UNKNOWN
from train.inside import thinned, within
from train.pooling import Pool


class SequenceOptions(Settings):
    """The options of every encoder that has a state at each word."""

    pool: Pool = Field(
        "last", description="the caption is the last state, or the mean, maximum or GPO of all"
    )
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )
    size_augmentation: float = Field(
        0.0, ge=0, lt=1, description="share of the words taken out at a training visit"
    )

    def visit(self, tokens: Tensor, lengths: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """What is read of ``tokens`` (B, T) int64 and ``lengths`` (B,): all of it at test."""
        if training and self.size_augmentation:
            tokens, lengths = take_words_out(tokens, lengths, self.size_augmentation)
        return drop_words(tokens, self.word_dropout, training), lengths


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


def take_words_out(tokens: Tensor, lengths: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """``tokens`` (B, T), ``lengths`` (B,) int64 of captions that lack a ``share`` of their words.

    What marks start and end stays, and a caption does not lose all its words.
    """
    inside = within(lengths, tokens)
    frame = inside & ((tokens == START) | (tokens == END))
    kept = frame | thinned(inside & ~frame, share)
    order = torch.argsort(~kept, dim=1, stable=True)
    return tokens.gather(1, order), kept.sum(1)
