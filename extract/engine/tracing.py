"""A module as a graph of calls, each with what its tensor was for a few crops."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Interpreter, Node, symbolic_trace

TENSOR = "tensor"


class Found(NamedTuple):
    """What a call gave: its size, its type, and whether its memory has neither gaps nor repeats."""

    size: tuple[int, ...]
    dtype: torch.dtype
    dense: bool


class _Watch(Interpreter):
    """Runs a graph and notes what each call gives."""

    def run_node(self, n: Node) -> Any:
        found = super().run_node(n)
        if isinstance(found, Tensor):
            n.meta[TENSOR] = Found(tuple(found.shape), found.dtype, _is_dense(found))
        return found


def traced(module: nn.Module, few: Tensor) -> tuple[GraphModule, Tensor]:
    """The graph of ``module``, its calls noted, and what it gives for ``few``.

    Args:
        module: in eval mode; it is left as it is.
        few: what it takes, of a few crops; left as it is.

    Raises:
        Exception: whatever ``torch.fx`` says of a module that it cannot trace.
    """
    with torch.inference_mode():
        found = module(few.clone())
        graph = symbolic_trace(module)
        _Watch(graph).run(few.clone())
    return graph, found


def _is_dense(found: Tensor) -> bool:
    return found.is_contiguous() or found.is_contiguous(memory_format=torch.channels_last)
