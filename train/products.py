"""Products of rows with a large weight: torch's own, sooner on a CPU.

oneDNN multiplies a hundred rows with millions of numbers in four fifths of the time that torch's
product takes, as both lie. A recurrent network multiplies its weight with the rows of one word
after another, few at a time: of 16 rows, torch's takes twice as long as oneDNN's with a weight in
the layout that it likes. ``torch.ops.mkldnn`` is what torch's own compiler calls; it is documented
nowhere and may change, so ``missing`` compares it with the plain product before it is used.
"""

from functools import cache

import torch
from torch import Tensor

ROWS = 64
"""For so many rows the layout is chosen; it serves any."""
LEAST, LARGE = 1 << 13, 1 << 21
"""A weight of fewer numbers than the first is left to torch: a call costs as much as the product.
One of fewer than the second is not laid out: in a core's cache torch is as fast with few rows."""
NEAR = 1e-5  # of the norm: the sums are the same in another order


class Product:
    """Rows (M, K) to rows (M, N): ``x @ weight.T + bias``."""

    def __init__(self, weight: Tensor, bias: Tensor):
        """Lay ``weight`` (N, K) out where that is faster; ``bias`` is (N,).

        Both are read without a gradient.
        """
        self._weight, self._bias = weight.detach(), bias.detach()
        self._laid_out = _laid_out(self._weight) if fits(weight, LARGE) else None

    def __call__(self, rows: Tensor) -> Tensor:
        """A fresh (M, N)."""
        if self._laid_out is None:
            return torch.addmm(self._bias, rows, self._weight.t())
        return product(rows, self._laid_out, self._bias)


def product(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """oneDNN's ``rows @ weight.T + bias``, a fresh (M, N) float32, without a gradient.

    Args:
        rows: (M, K) float32, M at least 1.
        weight: (N, K) float32 on a CPU, turned or laid out or neither; see ``fits``.
        bias: (N,) float32.
    """
    found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return found


def fits(weight: Tensor, least: int = LEAST) -> bool:
    """Whether ``weight`` has ``least`` numbers or more, and ``product`` of it gives torch's."""
    large = weight.numel() >= least
    return large and weight.device.type == "cpu" and weight.dtype == torch.float32 and not missing()


@cache
def missing() -> str:
    """Why the private operators cannot be used here; empty where they give the plain product."""
    draw = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(48, 32, generator=draw), torch.randn(48, generator=draw)
    try:
        with torch.no_grad():
            laid_out, turned = _laid_out(weight), weight.t().contiguous().t()
            for count in (1, 7, ROWS):
                rows = torch.randn(count, 32, generator=draw)
                plain = torch.addmm(bias, rows, weight.t())
                across = rows.t().contiguous().t()
                of = ((rows, laid_out), (rows, weight), (across, turned))
                for found in (*(product(*each, bias) for each in of), product(rows, weight) + bias):
                    if found.shape != plain.shape or not _near(found, plain):
                        return f"oneDNN's product gives other numbers here, of {count} rows"
    except (AttributeError, RuntimeError, TypeError) as error:
        line = str(error).partition("\n")[0]
        return f"torch {torch.__version__} has no such oneDNN product ({line})"
    return ""


def _near(found: Tensor, plain: Tensor) -> bool:
    return bool((found - plain).norm() <= NEAR * plain.norm())


def _laid_out(weight: Tensor) -> Tensor:
    found: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS)
    return found
