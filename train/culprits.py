"""Which examples a number that is not finite came from."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

SHOWN = 5


def suspects(outputs: Mapping[str, Tensor], batch: int) -> npt.NDArray[np.bool_]:
    """Of ``batch`` rows (B,) those whose own outputs are not finite.

    All, where each is finite, or where an output is of several examples, which a task has mixed.
    """
    values = [output.detach() for output in outputs.values()]
    bad = ~torch.stack([v.reshape(len(v), -1).isfinite().all(dim=1) for v in values])
    rows: npt.NDArray[np.bool_] = bad.any(dim=0).cpu().numpy()
    return rows if rows.any() and len(rows) == batch else np.ones(batch, dtype=np.bool_)


def some(ids: Sequence[str] | npt.NDArray[np.str_]) -> str:
    """The first few ids, and how many more there are."""
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(repr(str(i)) for i in ids[:SHOWN]) + more
