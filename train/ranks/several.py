"""Several processes as one training: what ``train.ranks.ranks`` says, through their wires."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from core.errors import RunError
from core.sources import Rows
from train.ranks import norm
from train.ranks.chance import Chance
from train.ranks.gathered import gathered
from train.ranks.ranks import Forward, Ranks, Stateful
from train.ranks.share import Share
from train.ranks.told import Told
from train.ranks.visit import OwnVisit
from train.ranks.wires import Wires
from train.task import Examples, Task

T = TypeVar("T")
SAMPLER = "sampler."
"""Begins the names of what rank 0 alone keeps: it draws the batches, and sends them."""


class Several(Ranks):
    """One of several processes, which has a share of each batch."""

    def __init__(
        self,
        wires: Wires,
        say: Callable[[str], None] = lambda note: None,
        asked: Callable[[], None] = lambda: None,
    ):
        """One of those at the ends of ``wires``.

        ``say`` is told sentences for a person, ``asked`` called when this one is asked to end.
        """
        self.rank, self.count = wires.rank, wires.count
        self._wires, self._say, self._asked = wires, say, asked

    def asked(self) -> None:
        """See ``Ranks``."""
        self._asked()

    def agreed(self, identity: str, threads: int) -> int:
        """See ``Ranks``."""
        told = self.first(lambda: Told([identity, threads]), lambda it: it, lambda it: it)
        theirs, number = told.facts
        if identity != theirs:
            raise RunError(
                f"rank {self.rank} has not what rank 0 is to train: another corpus, other caches "
                "or another recipe; give all ranks the same command, and the same files"
            )
        return int(number)

    def across(self, task: nn.Module) -> None:
        """See ``Ranks``."""
        norm.across(task, self._wires)

    def visit(
        self, task: Task[Any], data: Examples, rows: Rows, seed: Sequence[int]
    ) -> tuple[Rows, np.random.Generator]:
        """See ``Ranks``."""
        share = self._share(task, data, rows)
        return share.rows, OwnVisit(np.random.PCG64(seed), share)

    def _share(self, task: Task[Any], data: Examples, rows: Rows) -> Share:
        return Share.of(task.units(rows), data.group, self.rank, self.count)

    def outputs(
        self,
        task: Task[Any],
        data: Examples,
        rows: Rows,
        device: torch.device,
        seed: Sequence[int],
        forward: Forward | None = None,
    ) -> Mapping[str, Tensor]:
        """See ``Ranks``."""
        share = self._share(task, data, rows)
        own_rows, draw = self.visit(task, data, rows, seed)
        batch = data.batch(own_rows, device, draw)
        with Chance(share, device).own([*seed, self.rank]):
            own = (forward or task)(batch)
        given = {name: value[: share.given] for name, value in own.items()}
        order = torch.from_numpy(share.order).to(device)
        whole = gathered(given, self._wires, share.sizes)
        return task.over_batch({n: value.index_select(0, order) for n, value in whole.items()})

    def total(self, weights: Iterable[nn.Parameter]) -> None:
        """See ``Ranks``; a weight that no rank has a gradient of has none."""
        by_dtype: dict[torch.dtype, list[nn.Parameter]] = {}
        for weight in weights:
            by_dtype.setdefault(weight.dtype, []).append(weight)
        for alike in by_dtype.values():
            grads = [torch.zeros_like(w) if w.grad is None else w.grad for w in alike]
            there = alike[0].new_tensor([float(weight.grad is not None) for weight in alike])
            flat = torch.cat([there, *(grad.reshape(-1) for grad in grads)])
            known, *parts = torch.split(
                self._wires.summed(flat), [len(alike), *(w.numel() for w in alike)]
            )
            for weight, grad, many in zip(alike, parts, known.tolist(), strict=True):
                weight.grad = grad.view_as(weight) if many else None

    def level(self, learner: Stateful) -> None:
        """See ``Ranks``; where it was another, that is said."""
        kept = {n: t for n, t in learner.tensors().items() if not n.startswith(SAMPLER)}
        digest = np.frombuffer(sha256(safetensors.torch.save(kept)).digest(), dtype=np.uint8)
        every = self._wires.gathered(torch.from_numpy(digest.copy())[None], [1] * self.count)
        others = (every != every[0]).any(1).nonzero()[:, 0].tolist()
        if not others:
            return
        self._say(f"{_named(others)} had rounded otherwise than rank 0: all go on with its weights")
        told = self.first(lambda: Told(None, learner.tensors()), lambda it: it, lambda it: it)
        if self.rank in others:
            learner.restore(told.tensors)

    def first(
        self, work: Callable[[], T], tell: Callable[[T], Told], hear: Callable[[Told], T]
    ) -> T:
        """See ``Ranks``; the others wait as long as it takes."""
        if self.leads:
            done = work()
            self._wires.from_first(tell(done).to_bytes())
            return done
        return hear(Told.of_bytes(self._wires.from_first(b"")))


def _named(ranks: Sequence[int]) -> str:
    return f"rank{'s' if len(ranks) > 1 else ''} {', '.join(map(str, ranks))}"
