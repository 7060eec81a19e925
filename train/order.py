"""The order violation of Vendrov et al. 2016 (equation 2) as a score, as VSE++'s code has it.

A caption says less than its picture holds, so in an order of vectors it lies below it in every
dimension. The score is minus the norm of what it exceeds the picture by: with the root, which the
paper's own penalty does not take.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

AT_ONCE = 1 << 21
"""Differences of numbers that are held at once: 8 MiB of float32, which is soonest done."""


def order_scores(image: Tensor, caption: Tensor) -> Tensor:
    """s(i, c) = -|max(0, c - i)|_2 of all (N, D) with all (M, D): (N, M) float, at most 0.

    Where nothing is exceeded the gradient is 0. The differences, (N, M, D), are never held at once.
    """
    scores: Tensor = _OrderScores.apply(image, caption)
    return scores


class _OrderScores(Function):
    """Block by block of the images, there and back."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, caption: Tensor) -> Tensor:
        """Images (N, D), captions (M, D): (N, M)."""
        parts = [excess.square().sum(2).sqrt() for _, excess in _blocks(image, caption)]
        norm = torch.cat(parts)
        ctx.save_for_backward(image, caption, norm)
        return -norm

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        """Of an excess v with norm n: ds/di = v / n, ds/dc = -v / n, both 0 where n is."""
        image, caption, norm = ctx.saved_tensors
        weight = (grad / norm).masked_fill_(norm == 0, 0)
        d_image, d_caption = torch.empty_like(image), torch.zeros_like(caption)
        for rows, excess in _blocks(image, caption):
            d_image[rows] = torch.einsum("nm,nmd->nd", weight[rows], excess)
            d_caption -= torch.einsum("nm,nmd->md", weight[rows], excess)
        return d_image, d_caption


def _blocks(image: Tensor, caption: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Rows of images, and by how much (rows, M, D) each caption exceeds each of them."""
    step = max(1, AT_ONCE // max(1, caption.numel()))
    for top in range(0, len(image), step):
        rows = slice(top, top + step)
        yield rows, (caption[None] - image[rows, None]).clamp_(min=0)
