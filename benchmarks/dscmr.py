"""A plain port of the public DSCMR step (Zhen et al. 2019): what `labelled_step` compares with.

As the authors publish it: a row is fetched at a time, each side goes through all layers by itself,
each of three matrices of cosines has its own products of norms, and Adam is torch's default; the
loss and how often both sides are classified rightly are read after each step. Weights are given,
so that both sides begin with the same ones.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

Values = npt.NDArray[np.float32]
LAMBDA, ETA = 1e-3, 1e-1


class Network(nn.Module):
    """A layer a side, and two that both share."""

    def __init__(self, image: int, text: int, hidden: int, dim: int, classes: int):
        """Torch's own first weights; load those that are to be compared."""
        super().__init__()
        self.image, self.text = nn.Linear(image, hidden), nn.Linear(text, hidden)
        self.joint, self.classes = nn.Linear(hidden, dim), nn.Linear(dim, classes)

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, F) of each side to both vectors (B, D) and what is said of both (B, classes)."""
        one = self.joint(torch.relu(self.image(image)))
        two = self.joint(torch.relu(self.text(text)))
        return one, two, self.classes(one), self.classes(two)


class Port:
    """The public step on vectors (N, F) of each side and labels (N, classes)."""

    def __init__(self, network: Network, image: Values, text: Values, label: Values):
        """Adam as the authors set it."""
        self.network = network
        self._rows = (image, text, label)
        self._adam = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.5, 0.999))
        self.right = torch.zeros((), dtype=torch.int64)

    def step(self, rows: npt.NDArray[np.int64]) -> float:
        """One batch; its loss."""
        items = [[torch.from_numpy(side[row]) for side in self._rows] for row in rows.tolist()]
        image, text, label = (torch.stack(side) for side in zip(*items, strict=True))
        if torch.sum(image != image) > 1 or torch.sum(text != text) > 1:
            raise ValueError("the vectors hold a NaN")
        self._adam.zero_grad()
        one, two, said, told = self.network(image, text)
        loss = loss_of(one, two, said, told, label)
        loss.backward()  # type: ignore[no-untyped-call]
        self._adam.step()
        for each in (said, told):
            self.right += torch.sum(each.argmax(1) == label.argmax(1))
        return float(loss.item())


def loss_of(one: Tensor, two: Tensor, said: Tensor, told: Tensor, label: Tensor) -> Tensor:
    """The public form: means of rows' norms, and all pairs of all three kinds."""
    space = _apart(said, label) + _apart(told, label)
    same = label @ label.T
    pairs = [_likelihood(a, b, same) for a, b in ((one, one), (one, two), (two, two))]
    return space + LAMBDA * torch.stack(pairs).sum() + ETA * _apart(one, two)


def _apart(one: Tensor, two: Tensor) -> Tensor:
    return ((one - two) ** 2).sum(1).sqrt().mean()


def _likelihood(one: Tensor, two: Tensor, same: Tensor) -> Tensor:
    lengths = [(side**2).sum(1, keepdim=True).sqrt() for side in (one, two)]
    angle = (one @ two.T) / (lengths[0] @ lengths[1].T).clamp(min=1e-6) / 2
    return ((1 + angle.exp()).log() - same * angle).mean()
