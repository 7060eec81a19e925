"""A plain port of the public VSE++ step (Faghri et al. 2018): what `train_step` compares with.

As the authors publish it: a caption is tokenised whenever it is visited, a batch is sorted by
length and padded, ``nn.GRU`` runs over a packed sequence, the state at the last word is gathered
from all padded states, and Adam is torch's default. Weights are given, so that both sides begin
with the same ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.splitting import tokenise
from core.text import END, START, UNKNOWN

Visit = tuple[Tensor, Tensor]
"""A picture's features (F,) and a caption's words (T,) int64."""


class Loader:
    """Captions with the features of their pictures, an item at a time."""

    def __init__(
        self,
        features: npt.NDArray[np.float32],
        owner: npt.NDArray[np.int64],
        texts: Sequence[str],
        index: Mapping[str, int],
    ):
        """Features (pictures, F) of unit length, a picture and a text a caption, word -> number."""
        self._features, self._owner, self._texts, self._index = features, owner, texts, index

    def item(self, caption: int) -> Visit:
        """One caption, tokenised now."""
        numbers = [self._index.get(word, UNKNOWN) for word in tokenise(self._texts[caption])]
        features = torch.from_numpy(self._features[self._owner[caption]])
        return features, torch.tensor([START, *numbers, END])

    def batch(self, captions: npt.NDArray[np.int64]) -> tuple[Tensor, Tensor, list[int]]:
        """Features (B, F), words (B, T) padded with 0, and lengths; the longest caption first."""
        items = sorted(map(self.item, captions.tolist()), key=lambda item: -len(item[1]))
        lengths = [len(words) for _, words in items]
        padded = torch.zeros(len(items), max(lengths), dtype=torch.int64)
        for row, (_, words) in enumerate(items):
            padded[row, : len(words)] = words
        return torch.stack([features for features, _ in items]), padded, lengths


class Towers(nn.Module):
    """A linear map of features, and word vectors with a GRU; both to unit vectors."""

    def __init__(self, words: int, word_dim: int, features: int, dim: int):
        """Torch's own first weights; load those that are to be compared."""
        super().__init__()
        self.image = nn.Linear(features, dim)
        self.embedding = nn.Embedding(words, word_dim)
        self.gru = nn.GRU(word_dim, dim, batch_first=True)

    def forward(self, features: Tensor, words: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Vectors (B, D) of pictures and of captions."""
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True)
        states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        last = torch.tensor(lengths, device=states.device) - 1
        last = last.view(-1, 1, 1).expand(-1, 1, states.shape[2])
        return _unit(self.image(features)), _unit(states.gather(1, last).squeeze(1))


class Port:
    """The model, its optimiser, and a step."""

    def __init__(self, towers: Towers, loader: Loader, *, lr: float, clip: float, margin: float):
        """Adam with torch's defaults but for ``lr``; the gradient's norm is cut to ``clip``.

        It computes where the weights of ``towers`` are.
        """
        self.towers, self.loader, self._clip, self._margin = towers, loader, clip, margin
        self._optimiser = torch.optim.Adam(towers.parameters(), lr=lr)

    def step(self, captions: npt.NDArray[np.int64]) -> float:
        """Load a batch, descend once; the loss is the sum of the hardest hinges."""
        features, words, lengths = self.loader.batch(captions)
        device = next(self.towers.parameters()).device
        loss = self.loss(*self.towers(features.to(device), words.to(device), lengths))
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.towers.parameters(), self._clip)
        self._optimiser.step()
        return loss.item()

    def loss(self, image: Tensor, caption: Tensor) -> Tensor:
        """Equation 6 of the paper; other captions of a picture are negatives, as published."""
        scores = image @ caption.t()
        pair = scores.diagonal().view(-1, 1)
        own = torch.eye(len(scores), device=scores.device) > 0.5
        to_caption = (self._margin + scores - pair.expand_as(scores)).clamp(min=0)
        to_image = (self._margin + scores - pair.t().expand_as(scores)).clamp(min=0)
        hardest = to_caption.masked_fill(own, 0).max(1)[0], to_image.masked_fill(own, 0).max(0)[0]
        return hardest[0].sum() + hardest[1].sum()


def _unit(vectors: Tensor) -> Tensor:
    return vectors / vectors.pow(2).sum(dim=1, keepdim=True).sqrt()
