"""Scores -> ranks, both ways, in one pass over blocks of the similarity matrix.

**Similarity** is the prediction's own (``evaluate.scores``), or the mean of several. Its blocks may
be computed in float32: whatever is so near to a right answer that rounding could put it on either
side is scored again in float64, so that every rank is that of float64.

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

from core.predictions import Embeddings
from evaluate.closeness import Hardest
from evaluate.hits import Hits, Ints, Places, on_demand
from evaluate.scores.face import Floats, Scores
from evaluate.scores.named import scores_of
from evaluate.standing import CAPTIONS, IMAGES, Standing, best_placed, best_tied
from evaluate.ties import Ties
from evaluate.tile import tiles
from evaluate.within import near_of


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the right answers stand.

    ``i2t``: each image with a caption asks, all captions answer. ``t2i``: each caption asks, all
    images answer. ``tied_queries``: how many of all these queries had a wrong candidate tied with
    their best right one; ``ties``, i2t and t2i: where the best ones would stand if ties were broken
    otherwise. ``closeness``: how close right and hardest wrong pairs are.
    """

    i2t: Hits
    t2i: Hits
    tied_queries: int
    ties: dict[str, Ties]
    closeness: dict[str, float]


def rank(embeddings: Embeddings, device: torch.device | str = "cpu") -> Ranks:
    """Rank every caption for each image and every image for each caption.

    Raises:
        InputError: there is no caption to ask with, or these are embeddings of another kind.
        SettingError: there is no such similarity.
    """
    return rank_by(scores_of(embeddings, device))


def rank_by(scores: Scores) -> Ranks:
    """Rank by any scores.

    Memory beyond what ``scores`` hold: two blocks of 1024 x 2048 of them and some numbers a query.
    ``i2t.places()`` is another pass, which compares each block as often as an image has right
    captions.
    """
    sides = scores.sides
    images, captions = len(sides.image_id), len(sides.caption_id)
    t2i = Standing.of(scores, CAPTIONS, scores.right, sides.image_toss[sides.owner])
    i2t, hardest = best_placed(scores, scores.right), Hardest.of(scores)
    for tile in tiles(scores):
        hardest.look(tile)
        i2t.count(slice(tile.rows[0], tile.rows[-1] + 1), tile)
        t2i.count(tile.columns, tile)
    asks = np.isfinite(i2t.score)
    to_text, to_image = i2t.before[asks] + 1, t2i.before + 1
    right = np.bincount(sides.owner, minlength=images)[asks]
    places = on_demand(partial(_places, scores, to_text, right))
    near = near_of(scores, asks)
    ties = {
        "i2t": i2t.ties(best_tied(scores, i2t.score), asks),
        "t2i": t2i.ties(np.ones(captions, dtype=np.int64)),
    }
    one_each = (to_image, np.arange(captions + 1, dtype=np.int64))
    return Ranks(
        i2t=Hits(to_text, right, captions, places, near.image),
        t2i=Hits(
            to_image,
            np.ones(captions, dtype=np.int64),
            images,
            on_demand(lambda: one_each),
            near.caption,
        ),
        tied_queries=sum(each.open for each in ties.values()),
        ties=ties,
        closeness=hardest.closeness(scores, asks),
    )


def _places(scores: Scores, best: Ints, right: Ints) -> Places:
    """The ranks of all right captions of the images that ask; the first of each is in ``best``."""
    later = _later(scores)
    for tile in tiles(scores) if later else ():
        for asks, standing in later:
            first, last = np.searchsorted(asks, [tile.rows[0], tile.rows[-1] + 1])
            if first < last:
                standing.count(slice(first, last), tile.take(asks[first:last] - tile.rows[0]))
    offsets = np.concatenate([[0], np.cumsum(right)])
    ranks, before = np.empty(offsets[-1], dtype=np.int64), best - 1
    ranks[offsets[:-1]] = best
    for number, (_, standing) in enumerate(later, start=1):
        query = np.flatnonzero(right > number)
        before[query] = np.maximum(before[query], standing.before)
        ranks[offsets[query] + number] = before[query] + number + 1
    return ranks, offsets


def _later(scores: Scores) -> list[tuple[Ints, Standing]]:
    """The second-placed caption of each image, the third-placed ..., and which images have one."""
    sides, found = scores.sides, list[tuple[Ints, Standing]]()
    left: Floats = scores.right
    while True:
        placed = best_placed(scores, left)
        asks = np.flatnonzero(np.isfinite(placed.score))
        if not len(asks):
            return found[1:]
        answer = Standing.of(scores, IMAGES, placed.score[asks], placed.toss[asks], asks)
        found.append((asks, answer))
        taken = sides.caption_toss == placed.toss[sides.owner]
        left = np.where(taken, -np.inf, left)
