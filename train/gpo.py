"""The generalised pooling operator of VSE-infinity (Chen et al. 2021, equations 3 to 5)."""

import math

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from train.inside import within
from train.precision import in_float32

WIDTH = 32
TEMPERATURE = 0.1


class GPO(nn.Module):
    """A set (B, N, D) -> (B, D): the sum over places k of theta_k times the k-th largest value.

    The values are sorted in each dimension by itself. theta = softmax(w . h_k / 0.1) over the
    places of a set, h being the mean of both directions of a GRU over sinusoids of the places: the
    weights follow from the set's size alone. Equal ones are the mean, all on place 1 the maximum.
    """

    def __init__(self) -> None:
        """Sinusoids and both directions are 32 wide, as published."""
        super().__init__()
        self.gru = nn.GRU(WIDTH, WIDTH, batch_first=True, bidirectional=True)
        self.score = nn.Linear(WIDTH, 1, bias=False)

    def forward(self, values: Tensor, inside: Tensor) -> Tensor:
        """Pool (B, N, D) float; ``inside`` (B, N) bool says what is in each set, at least one."""
        sizes, place = torch.unique(inside.sum(1), return_inverse=True)
        weights = self.weights(sizes).index_select(0, place)
        values = values.masked_fill(~inside[:, :, None], -torch.inf)
        largest = values.sort(dim=1, descending=True).values[:, : weights.shape[1]]
        counted = within(sizes[place], weights)
        largest = largest.masked_fill(~counted[:, :, None], 0)
        return torch.einsum("bk,bkd->bd", weights, largest)

    def weights(self, sizes: Tensor) -> Tensor:
        """(S, K) float: the weights of each size (S,) int64; 0 behind a size; K is the largest."""
        longest = int(sizes.max())
        places = sinusoids(longest, WIDTH).to(self.score.weight)
        each = places.expand(len(sizes), -1, -1)
        packed = pack_padded_sequence(each, sizes.cpu(), batch_first=True, enforce_sorted=False)
        with in_float32(each.device):
            states = pad_packed_sequence(self.gru(packed)[0], batch_first=True)[0]
        scores = self.score((states[:, :, :WIDTH] + states[:, :, WIDTH:]) / 2).squeeze(2)
        counted = within(sizes, scores)
        return torch.softmax((scores / TEMPERATURE).masked_fill(~counted, -torch.inf), dim=1)


def sinusoids(count: int, width: int) -> Tensor:
    """(count, width) float64, sines and cosines in turn (Vaswani et al. 2017, section 3.5)."""
    places = torch.arange(count, dtype=torch.float64)[:, None]
    even = torch.arange(0, width, 2, dtype=torch.float64)
    angles = places * torch.exp(even * (-math.log(10_000) / width))
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]
