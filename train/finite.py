"""What is not finite is named where it comes in: a source's value, a weight, what a state holds."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.errors import NumberError
from core.sources import Source
from core.wording import counted
from train.culprits import some

Ids = Sequence[str] | npt.NDArray[np.str_]
"""The names of some items, (n,)."""
KEPT = "the last saved state is kept"


def refuse_values(values: Tensor, ids: Ids, source: Source) -> None:
    """Refuse values of a source that no training could learn from.

    Args:
        values: (n, ...) float32.
        ids: (n,) of their items.
        source: where they were read.

    Raises:
        NumberError: a value is not finite; names the source and its items.
    """
    if values.sum().isfinite():  # one pass without a copy; a sum may overflow, and is looked into
        return
    finite = values.reshape(len(values), -1).isfinite().all(dim=1).tolist()
    bad = [str(item) for item, sound in zip(ids, finite, strict=True) if not sound]
    if bad:
        own = type(source).__str__ is not object.__str__
        raise NumberError(
            f"{source if own else type(source).__name__} has values that are not finite, of "
            f"{counted(len(bad), 'item')}: {some(bad)}; make them again, or leave these items out"
        )


@torch.no_grad()
def infinite(tensors: Mapping[str, Tensor]) -> list[str]:
    """The names of the tensors with a value that is not finite.

    Their norm is taken first, one pass over them: it costs a fifth of what fused Adam does.
    """
    floating = {name: t for name, t in tensors.items() if t.is_floating_point() and t.numel()}
    if not floating or nn.utils.get_total_norm(list(floating.values())).isfinite():
        return []
    return [name for name, tensor in floating.items() if not tensor.isfinite().all()]


def odd_buffers(parts: Mapping[str, nn.Module]) -> frozenset[str]:
    """The buffers that hold an infinity as they are built, such as a mask: no harm came to them.

    Args:
        parts: what begins their names -> the module.
    """
    named = {f"{part}.{n}": b for part, module in parts.items() for n, b in module.named_buffers()}
    return frozenset(infinite(named))


def refuse_state(tensors: Mapping[str, Tensor], odd: Collection[str]) -> None:
    """Refuse to keep a state that nobody could go on from.

    Args:
        tensors: those of ``train.learner.Learner``.
        odd: the names of those that may hold an infinity.

    Raises:
        NumberError: one is not finite; names the first.
    """
    if bad := [name for name in infinite(tensors) if name not in odd]:
        raise NumberError(
            f"a state with {bad[0]} not finite is not saved, and {KEPT}; train with a lower lr"
        )


def refuse_first(tensors: Mapping[str, Tensor], odd: Collection[str]) -> None:
    """Refuse to begin with weights that are not finite: no example would be to blame for them.

    Raises:
        NumberError: one is not finite; names the first.
    """
    if bad := [name for name in infinite(tensors) if name not in odd]:
        raise NumberError(
            f"{bad[0]} is not finite before the first step; give the network finite weights"
        )


def refuse_moved(weights: Mapping[str, Tensor], where: str, ids: Ids) -> None:
    """Refuse weights that a step has made infinite though its gradient was finite.

    Args:
        weights: by name.
        where: which step.
        ids: its examples.

    Raises:
        NumberError: one is not finite; names the first, and the examples.
    """
    if bad := infinite(weights):
        raise NumberError(
            f"{where}: {bad[0]} is not finite after its update by {some(ids)}; {KEPT}; train with "
            "a lower lr"
        )
