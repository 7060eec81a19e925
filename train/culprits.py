"""Which examples a number that is not finite came from."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

SHOWN = 5


def suspects(outputs: Mapping[str, Tensor]) -> npt.NDArray[np.bool_]:
    """The rows (B,) whose own outputs are not finite; all, where each is."""
    values = [output.detach() for output in outputs.values()]
    bad = ~torch.stack([v.reshape(len(v), -1).isfinite().all(dim=1) for v in values])
    rows: npt.NDArray[np.bool_] = bad.any(dim=0).cpu().numpy()
    return rows if rows.any() else ~rows


def some(ids: npt.NDArray[np.str_]) -> str:
    """The first few ids, and how many more there are."""
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(repr(str(i)) for i in ids[:SHOWN]) + more
