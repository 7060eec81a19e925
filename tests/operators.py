"""Another operator in the place of one of torch's private ones."""

from collections.abc import Callable

import pytest
import torch


def changer(monkeypatch: pytest.MonkeyPatch, missing: Callable[[], str]) -> Callable[..., str]:
    """Puts a function in the place of ``torch.ops.mkldnn``'s, and asks ``missing`` anew of it."""

    def change(name, function):
        monkeypatch.setattr(torch.ops.mkldnn, name, function)
        return missing.__wrapped__()

    return change
