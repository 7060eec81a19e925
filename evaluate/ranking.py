"""Embeddings -> ranks, both ways, in one pass over blocks of the similarity matrix.

**Similarity** is the inner product, computed in float64 from the float32 vectors.

**Rank** of a query is 1 + the number of wrong candidates placed before its best right one. An image
has several right captions: the best-placed one counts. An image without captions asks nothing.

**Ties.** Two scores tie when they differ by no more than float64 rounding can explain,
``2 D u |a| |b|`` (D: the width of the vectors, a: the query, b: the longest candidate, u = 2**-53;
Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). Tied candidates stand in the
order of the SHA-256 of their ids: a coin toss, but the same toss each time, whatever the order of
the rows. So a model that maps everything to one vector scores chance.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.embeddings import Embeddings
from core.errors import InputError

IMAGE_BLOCK, CAPTION_BLOCK = 512, 8192


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks counted from 1.

    ``i2t`` (images with a caption,) int64, ``t2i`` (captions,) int64; ``tied_queries``: how many of
    all these queries had a wrong candidate tied with their best right one.
    """

    i2t: npt.NDArray[np.int64]
    t2i: npt.NDArray[np.int64]
    tied_queries: int


class _Queries(NamedTuple):
    """One direction: each query's best right score, its slack, and the toss of that right one."""

    score: Tensor
    slack: Tensor
    toss: Tensor
    before: Tensor
    tied: Tensor


def rank(embeddings: Embeddings, device: torch.device | str = "cpu") -> Ranks:
    """Rank every caption for each image and every image for each caption.

    Memory: one block of 512 x 8192 scores and the two sets of vectors in float64.

    Raises:
        InputError: there is no caption to ask with.
    """
    if not len(embeddings.caption_id):
        raise InputError("there are no captions to rank; choose a split that has some")
    image = torch.from_numpy(embeddings.image_vector).to(device, torch.float64)
    caption = torch.from_numpy(embeddings.caption_vector).to(device, torch.float64)
    owner = torch.from_numpy(embeddings.owner).to(device)
    image_toss = _toss(embeddings.image_id).to(device)
    caption_toss = _toss(embeddings.caption_id).to(device)

    right = (image[owner] * caption).sum(1)
    unit = 2 * image.shape[1] * 2.0**-53
    image_norm, caption_norm = image.norm(dim=1), caption.norm(dim=1)
    t2i = _queries(right, unit * caption_norm * image_norm.max(), image_toss[owner])
    slack = unit * image_norm * caption_norm.max()
    best = torch.full_like(slack, -torch.inf).scatter_reduce(0, owner, right, "amax")
    placed = right >= (best - slack)[owner]
    toss = torch.where(placed, caption_toss, len(caption))
    first = torch.full_like(image_toss, len(caption)).scatter_reduce(0, owner, toss, "amin")
    i2t = _queries(best, slack, first)

    for top in range(0, len(image), IMAGE_BLOCK):
        rows = slice(top, top + IMAGE_BLOCK)
        for left in range(0, len(caption), CAPTION_BLOCK):
            columns = slice(left, left + CAPTION_BLOCK)
            scores = image[rows] @ caption[columns].T
            own = owner[columns] - top
            inside = torch.nonzero((own >= 0) & (own < len(scores))).squeeze(1)
            scores[own[inside], inside] = -torch.inf
            _count(i2t, rows, scores, caption_toss[columns])
            _count(t2i, columns, scores.T, image_toss[rows])
    asks = torch.isfinite(best)
    return Ranks(
        i2t=(i2t.before[asks] + 1).cpu().numpy(),
        t2i=(t2i.before + 1).cpu().numpy(),
        tied_queries=int(i2t.tied[asks].sum() + t2i.tied.sum()),
    )


def _queries(score: Tensor, slack: Tensor, toss: Tensor) -> _Queries:
    before = torch.zeros(len(score), dtype=torch.int64, device=score.device)
    return _Queries(score, slack, toss, before, torch.zeros_like(before, dtype=torch.bool))


def _count(queries: _Queries, part: slice, scores: Tensor, toss: Tensor) -> None:
    """Add what this block (queries of ``part``, wrong candidates) places before the right one."""
    high = (queries.score[part] + queries.slack[part]).unsqueeze(1)
    low = (queries.score[part] - queries.slack[part]).unsqueeze(1)
    greater = (scores > high).sum(1)
    queries.before[part] += greater
    tied = (scores >= low).sum(1) > greater
    if tied.any():
        block = scores[tied]
        level = (block >= low[tied]) & (block <= high[tied])
        earlier = toss.unsqueeze(0) < queries.toss[part][tied].unsqueeze(1)
        queries.before[part] += torch.zeros_like(greater).masked_scatter(
            tied, (level & earlier).sum(1)
        )
        queries.tied[part] |= tied


def _toss(ids: npt.NDArray[np.str_]) -> Tensor:
    """The place of each id, (n,) int64, when the ids are sorted by their SHA-256."""
    digests = [hashlib.sha256(str(i).encode()).digest() for i in ids]
    place = np.empty(len(ids), dtype=np.int64)
    place[sorted(range(len(ids)), key=digests.__getitem__)] = np.arange(len(ids))
    return torch.from_numpy(place)
