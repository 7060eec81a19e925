"""A batch of captions as the tree of its prefixes, so that what they share is computed once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """The M different prefixes of one length, as nodes of a `Tree`.

    Attributes:
        nodes: their numbers, one after the other.
        words: (M,) int64, each node's last word, as a row of `Tree.words`.
        parents: (P,) int64, P <= M, ascending, the nodes one word shorter that go on into this
            level.
        parent: (M,) int64, ascending, each node's row in ``parents``.
        run: the parents as a slice, where they are one after the other: often they are.
    """

    nodes: slice
    words: Tensor
    parents: Tensor
    parent: Tensor
    run: slice | None

    @property
    def alone(self) -> bool:
        """Whether each parent goes on once, so that ``parent`` is 0, 1, 2, ..."""
        return len(self.parents) == len(self.parent)

    def of_parents(self, states: Tensor) -> Tensor:
        """The rows (P, ...) of the parents, of states (N, ...) a node; a view where it can be."""
        return states.index_select(0, self.parents) if self.run is None else states[self.run]

    def of_nodes(self, rows: Tensor) -> Tensor:
        """Rows (M, ...) of rows (P, ...) a parent: a parent's for each of its nodes."""
        return rows if self.alone else rows.index_select(0, self.parent)

    def add_to_parents(self, states: Tensor, rows: Tensor) -> None:
        """Add rows (P, ...) a parent, or (M, ...) a node, to the parents' rows of ``states``."""
        if len(rows) > len(self.parents):
            states.index_add_(0, self.parents.index_select(0, self.parent), rows)
        elif self.run is None:
            states.index_add_(0, self.parents, rows)
        else:
            states[self.run].add_(rows)


@dataclass(frozen=True)
class Tree:
    """A batch of captions as the tree of its prefixes; node 0 is the empty one.

    Attributes:
        words: (U,) int64, the different words of the batch, ascending.
        levels: the prefixes of length 1, 2, ...
        last: (B,) int64, the node at which each caption ends.
        each: (B, T) int64, the node of each word, the empty one behind a caption's end.
    """

    words: Tensor
    levels: tuple[Level, ...]
    last: Tensor
    each: Tensor

    @property
    def nodes(self) -> int:
        """How many there are, the empty one too."""
        return int(self.levels[-1].nodes.stop)


def prefix_tree(tokens: Tensor, lengths: Tensor) -> Tree:
    """Number the different prefixes of a batch; what lies beyond a length is not read.

    A level's nodes are in the order of their parents, and of their words where they share one: so
    the order of the captions leaves no trace.

    Args:
        tokens: (B, T) int64, padded with anything.
        lengths: (B,) int64, 1 to T.
    """
    ends = lengths.numpy()
    inside = np.arange(tokens.shape[1]) < ends[:, None]
    words, rows = np.unique(tokens.numpy()[inside], return_inverse=True)
    padded = np.full(inside.shape, -1)
    padded[inside] = rows
    order = np.lexsort(padded[:, : ends.max()].T[::-1])
    # Of captions in the order of a dictionary, one begins like the one before it or like no other.
    ordered, there = padded[order], inside[order]
    first = np.ones_like(there)
    np.logical_or.accumulate(ordered[1:] != ordered[:-1], axis=1, out=first[1:])
    first &= there
    starts = np.cumsum([1, *first.sum(axis=0)])
    node = np.where(there, np.cumsum(first, axis=0) - 1 + starts[:-1], 0)
    each = np.empty_like(node)
    each[order] = node
    levels = _levels(ordered, first, node, starts)
    last = each[np.arange(len(each)), ends - 1]
    return Tree(torch.from_numpy(words), tuple(levels), *map(torch.from_numpy, (last, each)))


def _levels(words: Ints, first: npt.NDArray[np.bool_], node: Ints, starts: Ints) -> Iterator[Level]:
    """Of (B, T) a word of captions in order: its row, whether it is a new node, and the node."""
    for t in range(np.count_nonzero(first.any(axis=0))):
        rows = np.flatnonzero(first[:, t])
        above = node[rows, t - 1] if t else np.zeros_like(rows)
        begins = np.concatenate(([True], above[1:] != above[:-1]))
        parents = above[begins]
        run = slice(int(parents[0]), int(parents[-1]) + 1)
        yield Level(
            nodes=slice(int(starts[t]), int(starts[t + 1])),
            words=torch.from_numpy(words[rows, t]),
            parents=torch.from_numpy(parents),
            parent=torch.from_numpy(np.cumsum(begins) - 1),
            run=run if run.stop - run.start == len(parents) else None,
        )


def from_the_longest(levels: tuple[Level, ...], rows: Tensor) -> Iterator[tuple[Level, Tensor]]:
    """Each level, the longest prefixes first, with its parents' rows of ``rows``.

    Args:
        levels: of a tree.
        rows: (all levels' parents, ...), level after level.
    """
    end = len(rows)
    for level in reversed(levels):
        yield level, rows[end - len(level.parents) : end]
        end -= len(level.parents)
