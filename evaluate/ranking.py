"""Embeddings -> ranks, both ways, in one pass over blocks of the similarity matrix.

**Similarity** is the embeddings' own (`evaluate.similarity`), in float64 from the float32 vectors.

**Rank** of a query is 1 + the number of wrong candidates placed before its best right one. An image
has several right captions: the best-placed one counts. An image without captions asks nothing.

**Ties.** Two scores tie when they differ by no more than float64 rounding can explain (D: the width
of the vectors, a: the query, b: the longest candidate, u = 2**-53; Higham, Accuracy and Stability
of Numerical Algorithms, section 3.1): of inner products ``2 D u |a| |b|``, of order violations
``(D + 5) u (|a| + |b|)``. Tied candidates stand in the order of the SHA-256 of their ids: a coin
toss, but the same toss each time, whatever the order of the rows. So a model that maps everything
to one vector scores chance.

**Places** of all right answers of a query follow from the same rule, asked again and again: the
first is the best one; it is taken away, and the next is the best of the rest. The j-th stands at
j + the wrong candidates before it. Ties in a band need not be transitive (a ties with b and b with
c, but not a with c); where a later answer would so have fewer wrong ones before it than an earlier
one, it has as many. Where they are transitive, this is the order of one sort of all candidates.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from core.predictions import Embeddings
from evaluate.closeness import Hardest
from evaluate.hits import Hits, Ints, Places, on_demand
from evaluate.space import Space
from evaluate.standing import Standing, best_placed


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the right answers stand.

    ``i2t``: each image with a caption asks, all captions answer. ``t2i``: each caption asks, all
    images answer. ``tied_queries``: how many of all these queries had a wrong candidate tied with
    their best right one. ``closeness``: how close right and hardest wrong pairs are.
    """

    i2t: Hits
    t2i: Hits
    tied_queries: int
    closeness: dict[str, float]


def rank(embeddings: Embeddings, device: torch.device | str = "cpu") -> Ranks:
    """Rank every caption for each image and every image for each caption.

    Memory: one block of 512 x 8192 scores and the two sets of vectors in float64. ``i2t.places()``
    is another pass, which compares each block as often as an image has right captions.

    Raises:
        InputError: there is no caption to ask with, or these are embeddings of another kind.
        SettingError: there is no such similarity.
    """
    space = Space.of(embeddings, device)
    slack = space.slack(space.caption, space.image)
    t2i = Standing.of(space.right, slack, space.image_toss[space.owner])
    i2t = best_placed(space, space.right, space.slack(space.image, space.caption))
    hardest = Hardest.of(space)
    for rows, columns, scores in space.wrong():
        hardest.look(rows, columns, scores)
        i2t.count(rows, scores, space.caption_toss[columns])
        t2i.count(columns, scores.T, space.image_toss[rows])
    asks = torch.isfinite(i2t.score)
    images, captions = len(space.image), len(space.caption)
    to_text, to_image = _ints(i2t.before[asks] + 1), _ints(t2i.before + 1)
    right = _ints(torch.bincount(space.owner, minlength=images)[asks])
    places = on_demand(partial(_places, embeddings, device, to_text, right))
    one_each = (to_image, np.arange(captions + 1, dtype=np.int64))
    return Ranks(
        i2t=Hits(to_text, right, captions, places),
        t2i=Hits(to_image, np.ones(captions, dtype=np.int64), images, on_demand(lambda: one_each)),
        tied_queries=int(i2t.tied[asks].sum() + t2i.tied.sum()),
        closeness=hardest.closeness(space.right, asks),
    )


def _places(embeddings: Embeddings, device: torch.device | str, best: Ints, right: Ints) -> Places:
    """The ranks of all right captions of the images that ask; the first of each is in ``best``."""
    space = Space.of(embeddings, device)
    later = _later(space)
    for rows, columns, scores in space.wrong() if later else ():
        for asks, standing in later:
            ends = torch.tensor([rows.start, rows.stop], device=asks.device)
            first, last = torch.searchsorted(asks, ends).tolist()
            part = slice(first, last)
            standing.count(part, scores[asks[part] - rows.start], space.caption_toss[columns])
    offsets = np.concatenate([[0], np.cumsum(right)])
    ranks, before = np.empty(offsets[-1], dtype=np.int64), best - 1
    ranks[offsets[:-1]] = best
    for number, (_, standing) in enumerate(later, start=1):
        query = np.flatnonzero(right > number)
        before[query] = np.maximum(before[query], _ints(standing.before))
        ranks[offsets[query] + number] = before[query] + number + 1
    return ranks, offsets


def _later(space: Space) -> list[tuple[Tensor, Standing]]:
    """The second-placed caption of each image, the third-placed ..., and which images have one."""
    slack = space.slack(space.image, space.caption)
    left, found = space.right, list[tuple[Tensor, Standing]]()
    while True:
        placed = best_placed(space, left, slack)
        asks = torch.nonzero(torch.isfinite(placed.score)).squeeze(1)
        if not len(asks):
            return found[1:]
        found.append((asks, Standing.of(placed.score[asks], slack[asks], placed.toss[asks])))
        taken = space.caption_toss == placed.toss[space.owner]
        left = torch.where(taken, -torch.inf, left)


def _ints(tensor: Tensor) -> Ints:
    numbers: Ints = tensor.cpu().numpy()
    return numbers
