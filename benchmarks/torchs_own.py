"""Recurrent networks as torch has them, over packed sequences: what `train_step` compares with."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from train.encoders.text.gru import GRU
from train.encoders.text.lstm import LSTM


class Packed(nn.Module):
    """Tokens (B, T), lengths (B,) -> (B, D): the last state, the mean of both directions' last."""

    def __init__(self, ours: GRU | LSTM, words: int):
        """Take the weights of an encoder of ours, of so many ``words``."""
        super().__init__()
        self.network = _network(ours)
        self.embedding = nn.Embedding(words, self.network.input_size)
        given = [*ours.embedding.parameters(), *_parts(ours).parameters()]
        taken = [*self.embedding.parameters(), *self.network.parameters()]
        with torch.no_grad():
            for weight, value in zip(taken, given, strict=True):
                weight.copy_(value)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64 count."""
        vectors = self.embedding(tokens)
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        last = self.network(packed)[1]
        states: Tensor = last[0] if isinstance(last, tuple) else last
        return states.mean(0)


def _parts(ours: GRU | LSTM) -> nn.ModuleList:
    """A network a direction."""
    if isinstance(ours, LSTM):
        return nn.ModuleList([ours.lstm])
    return nn.ModuleList([ours.gru] if ours.back is None else [ours.gru, ours.back])


def _network(ours: GRU | LSTM) -> nn.GRU | nn.LSTM:
    """One of torch's with as many directions."""
    if isinstance(ours, LSTM):
        return nn.LSTM(ours.lstm.input_size, ours.lstm.hidden_size, batch_first=True)
    sizes, both = (ours.gru.input_size, ours.gru.hidden_size), ours.back is not None
    return nn.GRU(*sizes, batch_first=True, bidirectional=both)
