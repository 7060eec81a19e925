"""Convolutions of one oneDNN call, their weights laid out once, by torch's private operators.

``torch.ops.mkldnn`` is what torch's own compiler calls; it is documented nowhere and may change, so
``missing`` compares each call with plain torch before any is used.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

APPLIED: dict[str, tuple[str, list[float]]] = {
    "": ("none", []),
    "relu": ("relu", []),
    "relu6": ("hardtanh", [0.0, 6.0]),
}
"""What may follow in the same call: how oneDNN's operators name it, and its numbers."""
AFTER_A_SUM = ("", "relu")
NEAR = 1e-5  # of the norm: the sums are the same in another order


class Shape(NamedTuple):
    """How a convolution moves over its input; each but ``groups`` two numbers."""

    padding: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int


class Convolution(nn.Module):
    """A convolution, and what follows it, in one call."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, shape: Shape, size: Sequence[int], applied: str
    ):
        """Lay the weights out.

        Args:
            weight: (out, in / groups, H, W) float32.
            bias: (out,) float32.
            shape: as ``nn.Conv2d`` has it.
            size: of the input, (N, in, H, W), for which the layout is the best; any other will do.
            applied: a key of ``APPLIED``.
        """
        super().__init__()
        self.shape, self.bias, self.applied = shape, bias, applied
        self.weight = torch.ops.mkldnn._reorder_convolution_weight(weight, *shape, list(size))

    def forward(self, maps: Tensor) -> Tensor:
        """(N, in, H, W) to a fresh (N, out, H', W')."""
        name, numbers = APPLIED[self.applied]
        given = (maps, self.weight, self.bias, *self.shape)
        found: Tensor = torch.ops.mkldnn._convolution_pointwise(*given, name, numbers, "")
        return found


class ConvolutionInto(nn.Module):
    """A convolution added to what is there, which it overwrites, and what follows, in one call."""

    def __init__(self, convolution: Convolution, applied: str):
        """Take ``convolution``, to which nothing is applied.

        Args:
            convolution: what is added.
            applied: to the sum, one of ``AFTER_A_SUM``.
        """
        super().__init__()
        self.convolution, self.applied = convolution, applied

    def forward(self, there: Tensor, maps: Tensor) -> Tensor:
        """(N, out, H', W') and the convolution's input; gives ``there``, overwritten."""
        own = self.convolution
        given = (there, maps, own.weight, own.bias, *own.shape)
        found: Tensor = torch.ops.mkldnn._convolution_pointwise_(
            *given, "add", 1.0, self.applied or None, [], ""
        )
        return found


@cache
def missing() -> str:
    """Why the private operators cannot be used here; empty where they give plain torch's numbers.

    Each is called on a small example of each kind of convolution and of what follows it.
    """
    try:
        with torch.inference_mode():
            wrong = [kind for kind in _examples() if not _right(**kind)]
    except (AttributeError, RuntimeError, TypeError) as error:
        return f"torch {torch.__version__} has no such oneDNN operator ({_line(error)})"
    return f"oneDNN's operators give other numbers here, {wrong[0]}" if wrong else ""


def _examples() -> list[dict[str, Any]]:
    usual = {"groups": 1, "stride": 1, "kernel": 3, "applied": "", "rows": 2}
    changes: list[dict[str, Any]] = [
        *({"applied": name} for name in APPLIED),
        *({"kernel": 1}, {"stride": 2}, {"groups": 16}, {"rows": 1}),
    ]
    return [usual | change for change in changes]


def _right(*, groups: int, stride: int, kernel: int, applied: str, rows: int) -> bool:
    draw = torch.Generator().manual_seed(0)
    shape = Shape((kernel // 2,) * 2, (stride,) * 2, (1, 1), groups)
    weight = torch.randn(16, 16 // groups, kernel, kernel, generator=draw)
    bias = torch.randn(16, generator=draw)
    maps = _maps(torch.randn(rows, 16, 9, 9, generator=draw))
    alone = functional.conv2d(maps, weight, bias, stride, kernel // 2, 1, groups)
    own = Convolution(weight, bias, shape, maps.shape, applied)
    right = near(own(maps), _apply(alone, applied))
    if applied not in AFTER_A_SUM:
        return right
    there = _maps(torch.randn(alone.shape, generator=draw))
    expected = _apply(there + alone, applied)
    into = ConvolutionInto(Convolution(weight, bias, shape, maps.shape, ""), applied)
    found = into(there, maps)
    return right and found.data_ptr() == there.data_ptr() and near(found, expected)


def near(found: Tensor, expected: Tensor, tolerance: float = NEAR) -> bool:
    """Whether two tensors of one shape differ by at most ``tolerance`` of the norm."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return False
    return bool((found - expected).norm() <= tolerance * expected.norm())


def _maps(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last)


def _apply(values: Tensor, applied: str) -> Tensor:
    name, limits = APPLIED[applied]
    if name == "none":
        return values
    return values.clamp(*limits) if limits else values.relu()


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
