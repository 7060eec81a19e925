"""What ranks send each other, through torch.distributed; a rank that is gone ends the waiting."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from core.errors import RunError

LOOK = timedelta(seconds=0.5)
"""So long is waited at a time: between two of these Ctrl-C counts, and so does a lost rank."""
FOREVER = timedelta(days=365)
"""What rank 0 alone does, such as to validate, may take any time: no time tells a lost rank."""


class Apart(RunError):
    """A rank does not answer any more; which one is told by ``train.ranks.lifeline``."""


class Wires:
    """To the other ranks of the process group that is there.

    Attributes:
        rank: from 0.
        count: of ranks.
    """

    def __init__(self, watch: Callable[[], None] = lambda: None):
        """Use torch's process group; ``watch`` is called while waiting, and may raise."""
        self.rank, self.count = dist.get_rank(), dist.get_world_size()
        self.watch = watch

    def summed(self, own: Tensor) -> Tensor:
        """The sum over all ranks of ``own``, of one shape everywhere; the same bits on all."""
        total = own.detach().clone(memory_format=torch.contiguous_format)
        self._wait(dist.all_reduce(total, async_op=True), total)
        return total

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """(n, ...) of each rank, n its size, as (N, ...), rank after rank."""
        rows = own.detach().to(torch.uint8) if own.dtype == torch.bool else own.detach()
        room = rows.new_zeros(max(sizes), *rows.shape[1:])
        room[: len(rows)] = rows
        every = [torch.empty_like(room) for _ in sizes]
        self._wait(dist.all_gather(every, room, async_op=True), room)
        whole = torch.cat([part[:size] for part, size in zip(every, sizes, strict=True)])
        return whole.to(own.dtype)

    def from_first(self, data: bytes) -> bytes:
        """The bytes of rank 0, at least one; those of others are not looked at."""
        length = torch.tensor([len(data)])
        self._wait(dist.broadcast(length, 0, async_op=True), length)
        if self.rank == 0:
            sent = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        else:
            sent = torch.empty(int(length), dtype=torch.uint8)
        self._wait(dist.broadcast(sent, 0, async_op=True), sent)
        return sent.numpy().tobytes()

    def _wait(self, work: dist.Work | None, what: Tensor) -> None:
        assert work is not None, "this rank is one of the group"
        while not self._done(work, what):
            self.watch()

    def _done(self, work: dist.Work, what: Tensor) -> bool:
        """Whether it is; after ``LOOK`` at the latest, where it is on the CPU.

        Elsewhere the device's stream waits, not the process: what ends that is the lifeline's.

        Raises:
            Apart: a rank does not answer any more.
        """
        try:
            if what.device.type == "cpu":
                work.wait(LOOK)
            else:
                work.wait()
        except RuntimeError as error:
            if what.device.type == "cpu" and "timed out" in str(error).lower():
                return False
            self.watch()
            raise Apart(
                f"the ranks cannot reach each other any more ({str(error).splitlines()[0]}); run "
                "the same command again: it goes on from there"
            ) from error
        return True
