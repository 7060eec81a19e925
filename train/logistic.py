"""Multinomial logistic regression: what rows of numbers say of classes, solved until it stands."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from core.errors import SettingError

BLOCK = 4096
"""So many dense rows at a time are float64."""
STEPS, TOLERANCE = 1000, 1e-6
"""Of L-BFGS: at most so many, until the gradient's largest number is this share of the first."""
FAR = 1e4
"""So far below the others is the logit of a class without an example: its posterior is 0."""


class Logistic(NamedTuple):
    """Float64: the logits of rows x (N, F) are x @ ``weight`` (F, C) + ``bias`` (C,)."""

    weight: Tensor
    bias: Tensor


def shares(label: Tensor) -> Tensor:
    """Of labels (N, C) bool (N, C) float64: each of an item's k labels counts 1 / k of it.

    So one softmax serves several labels too: it says which label one drawn from the item's would
    be. An item without a label has zeros, and teaches nothing.
    """
    return label.double() / label.sum(1, keepdim=True).clamp(min=1)


def logistic(rows: Tensor, target: Tensor, *, penalty: float) -> Logistic:
    """Least mean cross-entropy, plus penalty / 2 times the sum of the squared weights.

    The bias is free, so that the mean posterior is the mean target. In the terms of others, C is
    1 / (penalty * N). The same rows give the same bits: L-BFGS from zero, in float64.

    Args:
        rows: (N, F) float, dense or sparse (COO).
        target: (N, C) float64: of each row the share of each class, 1 together; or all 0, and the
            row takes no part. At least one takes part.
        penalty: above 0.

    Raises:
        SettingError: it does not stand after ``STEPS`` steps.
    """
    there = target.any(0)
    wanted = target[:, there]
    rows = rows.double() if rows.is_sparse else rows
    flipped = rows.t().coalesce() if rows.is_sparse else None
    found = torch.zeros(rows.shape[1] + 1, int(there.sum()), dtype=torch.float64)
    first = objective(rows, wanted, found, penalty=penalty, flipped=flipped)[1]
    enough = TOLERANCE * float(first.abs().max())
    left = _descend(rows, wanted, found, flipped, penalty=penalty, enough=enough)
    if not left <= enough:
        raise SettingError(
            f"penalty = {penalty:g}: the logistic regression does not stand after {STEPS:,} steps "
            f"(largest gradient {left:.1e}, wanted {enough:.1e}); choose a larger penalty"
        )
    weight = torch.zeros(rows.shape[1], len(there), dtype=torch.float64)
    weight[:, there] = found[:-1]
    bias = (found[-1].min() - FAR).repeat(len(there))
    bias[there] = found[-1]
    return Logistic(weight, bias)


def objective(
    rows: Tensor, target: Tensor, found: Tensor, *, penalty: float, flipped: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """What ``logistic`` makes least, a scalar, and its gradient, of the shape of ``found``.

    Args:
        rows: (N, F) float, dense; or sparse, float64.
        target: (N, C) float64, as ``logistic`` has it.
        found: (F + 1, C) float64: the weights, and the bias in the last row.
        penalty: above 0.
        flipped: of sparse rows the transpose.
    """
    many, weight, bias = target.sum(), found[:-1], found[-1]
    value, slope = penalty / 2 * weight.square().sum(), torch.zeros_like(found)
    slope[:-1] = penalty * weight
    for part, block, back in _parts(rows, flipped):
        wanted = target[part]
        says = torch.log_softmax(block @ weight + bias, dim=1)
        value = value - (wanted * says).sum() / many
        apart = (says.exp() * wanted.sum(1, keepdim=True) - wanted) / many
        slope[:-1] += back @ apart
        slope[-1] += apart.sum(0)
    return value, slope


def _parts(rows: Tensor, flipped: Tensor | None) -> Iterator[tuple[slice, Tensor, Tensor]]:
    if flipped is not None:
        yield slice(None), rows, flipped
        return
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        block = rows[part].double()
        yield part, block, block.T


def _descend(
    rows: Tensor,
    target: Tensor,
    found: Tensor,
    flipped: Tensor | None,
    *,
    penalty: float,
    enough: float,
) -> float:
    """Change ``found`` in place; the largest number of the gradient that is left."""
    solver = torch.optim.LBFGS(
        [found],
        max_iter=STEPS,
        max_eval=2 * STEPS,
        history_size=20,
        tolerance_grad=enough,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        value, found.grad = objective(rows, target, found, penalty=penalty, flipped=flipped)
        return value

    solver.step(closure)  # type: ignore[no-untyped-call]
    left = objective(rows, target, found, penalty=penalty, flipped=flipped)[1]
    return float(left.abs().max())
