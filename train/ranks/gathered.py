"""The outputs of all ranks as those of one batch, with the gradient of what is a rank's own."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

from train.ranks.wires import Wires


def gathered(
    outputs: Mapping[str, Tensor], wires: Wires, sizes: Sequence[int]
) -> dict[str, Tensor]:
    """The rows of all ranks, rank after rank.

    Each rank computes the loss of the whole batch from them; its gradient is that of its own rows,
    so that the sum over the ranks is the gradient of the batch. Where the rows of one rank are
    shorter, as those of a batch of short captions are, zeros stand behind them: ``<pad>`` is 0.

    Args:
        outputs: name -> (n, ...), n the rank's own size; the same names and dtypes everywhere.
        wires: to the other ranks.
        sizes: of each rank.
    """
    shapes = _widest(outputs, wires)
    flat = {name: _fitted(outputs[name], shapes[name]).flatten(1) for name in outputs}
    found: dict[str, Tensor] = {}
    for dtype in sorted({value.dtype for value in flat.values()}, key=str):
        names = [name for name, value in flat.items() if value.dtype == dtype]
        widths = [flat[name].shape[1] for name in names]
        whole: Tensor = _Gathered.apply(torch.cat([flat[n] for n in names], dim=1), wires, sizes)
        for name, part in zip(names, torch.split(whole, widths, dim=1), strict=True):
            found[name] = part.reshape(len(part), *shapes[name])
    return {name: found[name] for name in outputs}


def _widest(outputs: Mapping[str, Tensor], wires: Wires) -> dict[str, tuple[int, ...]]:
    """What each output has a row, the largest of all ranks that give rows."""
    own = {name: value.shape[1:] if len(value) else None for name, value in outputs.items()}
    flat = [
        size for name, value in outputs.items() for size in (own[name] or [0] * (value.ndim - 1))
    ]
    every = wires.gathered(torch.tensor([[0, *flat]]), [1] * wires.count)
    largest = iter(every.amax(0)[1:].tolist())
    return {name: tuple(next(largest) for _ in v.shape[1:]) for name, v in outputs.items()}


def _fitted(values: Tensor, shape: Sequence[int]) -> Tensor:
    """``values`` with zeros behind, so that a row has ``shape``; (n, 1) where it is a number."""
    if not shape:
        return values[:, None]
    missing = [(0, want - have) for want, have in zip(shape, values.shape[1:], strict=True)]
    sides = [side for pair in reversed(missing) for side in pair]
    return pad(values, sides) if any(sides) else values


class _Gathered(Function):
    """(n, W) of each rank -> (N, W) of all; back, the rows of the rank's own."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, wires: Wires, sizes: Sequence[int]) -> Tensor:
        """Rank after rank."""
        start = sum(sizes[: wires.rank])
        ctx.rows = slice(start, start + len(own))
        return wires.gathered(own, sizes)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """The loss is everyone's alike, so nothing is to be added up."""
        return grad[ctx.rows], None, None
