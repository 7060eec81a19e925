"""Products of few rows with one weight, laid out for them once: torch's own, sooner on a CPU.

A recurrent network multiplies its weight with the rows of one word after another, few at a time: of
16 rows, torch's product takes twice as long as oneDNN's with a weight in the layout that it likes.
``torch.ops.mkldnn`` is what torch's own compiler calls; it is documented nowhere and may change, so
``missing`` compares it with the plain product before it is used.
"""

from functools import cache

import torch
from torch import Tensor

ROWS = 64
"""For so many rows the layout is chosen; it serves any."""
LARGE = 1 << 21
"""A weight of fewer numbers stays as it is: it fits into a core's cache, where torch is as fast."""
NEAR = 1e-5  # of the norm: the sums are the same in another order


class Product:
    """Rows (M, K) to rows (M, N): ``x @ weight.T + bias``."""

    def __init__(self, weight: Tensor, bias: Tensor):
        """Lay ``weight`` (N, K) out where that is faster; ``bias`` is (N,).

        Both are read without a gradient.
        """
        self._weight, self._bias = weight.detach(), bias.detach()
        self._laid_out = _laid_out(self._weight) if _fits(weight) and not missing() else None

    def __call__(self, rows: Tensor) -> Tensor:
        """A fresh (M, N)."""
        if self._laid_out is None:
            return torch.addmm(self._bias, rows, self._weight.t())
        return _of(rows, self._laid_out, self._bias)


@cache
def missing() -> str:
    """Why the private operators cannot be used here; empty where they give the plain product."""
    draw = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(48, 32, generator=draw), torch.randn(48, generator=draw)
    try:
        with torch.no_grad():
            laid_out = _laid_out(weight)
            for count in (1, 7, ROWS):
                rows = torch.randn(count, 32, generator=draw)
                plain = torch.addmm(bias, rows, weight.t())
                found = _of(rows, laid_out, bias)
                if found.shape != plain.shape or not (found - plain).norm() <= NEAR * plain.norm():
                    return f"oneDNN's product gives other numbers here, of {count} rows"
    except (AttributeError, RuntimeError, TypeError) as error:
        line = str(error).partition("\n")[0]
        return f"torch {torch.__version__} has no such oneDNN product ({line})"
    return ""


def _fits(weight: Tensor) -> bool:
    large = weight.numel() >= LARGE
    return large and weight.device.type == "cpu" and weight.dtype == torch.float32


def _laid_out(weight: Tensor) -> Tensor:
    found: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS)
    return found


def _of(rows: Tensor, laid_out: Tensor, bias: Tensor) -> Tensor:
    found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, laid_out, bias, "none", [], "")
    return found
