"""The door of stage three: a prediction and the protocol that judges it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.plugins import load
from core.predictions import Prediction
from core.settings import validate
from evaluate.report import Report

if TYPE_CHECKING:  # to judge needs torch, to know how the protocols are called does not
    import torch

PACKAGE = "evaluate.protocols"


def judge(
    prediction: Prediction,
    options: Mapping[str, Any] | None = None,
    *,
    protocol: str | None = None,
    device: "torch.device | str" = "cpu",
) -> Report:
    """Judge ``prediction`` by its own protocol, or by another.

    Args:
        prediction: what stage two gave.
        options: of the protocol; what is left out keeps its default.
        protocol: a file of ``evaluate/protocols`` in the place of ``prediction.protocol``.
        device: where to compute.

    Raises:
        SettingError: an unknown protocol, option or value.
        InputError: the protocol cannot judge this kind of prediction.
    """
    name = protocol or prediction.protocol
    plugin = load(PACKAGE, name)
    chosen = validate(plugin.Options, options or {}, f"protocol {name}")
    report: Report = plugin.judge(prediction, chosen, device=device)
    return report
