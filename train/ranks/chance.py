"""Random numbers where several ranks compute a batch: of the whole batch, or of a rank alone.

What is drawn for rows, pictures or a batch through ``for_rows`` and ``for_batch`` is drawn by each
rank for all of the batch, from the generator that all have in common, and each takes what is its
own: the same numbers as in one process, which draws them at once. Whatever else draws in a task's
``forward``, such as dropout, takes the rank's own numbers, which follow from the seed, the epoch,
the step and the rank alone: no state holds them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import torch
from torch import Tensor

from train.ranks.share import Share


class Chance:
    """The generators of a rank, within a task's ``forward``.

    Attributes:
        gives: whether the rank's rows count.
    """

    def __init__(self, share: Share, device: torch.device):
        """Of a rank with this share of the batch."""
        self.gives = bool(share.given)
        self._items = (share.total[0], share.own)
        self._pictures = (share.total[2], share.pictures)
        self._device = device
        self._common = _states(device)

    @contextmanager
    def own(self, seed: Sequence[int]) -> Iterator[None]:
        """Inside, torch's generators are the rank's own; outside, those that all have in common."""
        (number,) = np.random.SeedSequence(tuple(seed)).generate_state(1, np.uint64)
        torch.default_generator.manual_seed(int(number) >> 1)
        if self._device.type == "cuda":
            with torch.cuda.device(self._device):
                torch.cuda.manual_seed(int(number) >> 1)
        before = _NOW.set(self)
        try:
            yield
        finally:
            _NOW.reset(before)
            _put(self._common, self._device)

    @contextmanager
    def common(self) -> Iterator[None]:
        """Inside, torch's generators are those that all ranks have in common."""
        alone = _states(self._device)
        _put(self._common, self._device)
        try:
            yield
        finally:
            self._common = _states(self._device)
            _put(alone, self._device)

    @contextmanager
    def of_pictures(self) -> Iterator[None]:
        """Inside, what is drawn for rows is drawn for the different pictures."""
        rows, self._items = self._items, self._pictures
        try:
            yield
        finally:
            self._items = rows

    def taken(self, draw: Callable[[int], Tensor], many: int) -> Tensor:
        """Of what is drawn for all, what is this rank's."""
        total, own = self._items
        assert many == len(own), f"{many} rows draw, and the rank has {len(own)}"
        with self.common():
            every = draw(total)
        return every[torch.from_numpy(own).to(every.device)]


_NOW: ContextVar[Chance | None] = ContextVar("chance", default=None)


def for_rows(draw: Callable[[int], Tensor], many: int) -> Tensor:
    """Random numbers for the ``many`` rows that are computed here: a row each of ``draw(rows)``.

    Args:
        draw: from torch's generator, as many rows as it is told.
        many: the rows of a batch, or of a rank's share of it.

    Returns:
        (many, ...).
    """
    now = _NOW.get()
    return draw(many) if now is None else now.taken(draw, many)


def for_batch(draw: Callable[[], float]) -> float:
    """A random number of the whole batch, from torch's generator: the same on all ranks."""
    now = _NOW.get()
    if now is None:
        return draw()
    with now.common():
        return draw()


@contextmanager
def each_picture() -> Iterator[None]:
    """Inside, a row is a picture of the batch, in the order of their numbers."""
    now = _NOW.get()
    if now is None:
        yield
    else:
        with now.of_pictures():
            yield


def counts() -> bool:
    """Whether the rows that are computed here are of the batch, and not of another rank's share."""
    now = _NOW.get()
    return now is None or now.gives


def _states(device: torch.device) -> list[Tensor]:
    cuda = [torch.cuda.get_rng_state(device)] if device.type == "cuda" else []
    return [torch.get_rng_state(), *cuda]


def _put(states: Sequence[Tensor], device: torch.device) -> None:
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
