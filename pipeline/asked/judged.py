"""A prediction as stage three judges it: of a run with the gallery's bias, with it and without."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.predictions import Prediction
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.report import Report

if TYPE_CHECKING:
    import torch

    from train.trained import Trained


def judged(
    trained: "Trained",
    prediction: Prediction,
    options: Mapping[str, Any],
    *,
    protocol: str | None,
    device: "torch.device",
) -> Report:
    """What ``evaluate.judge.judge`` says of what ``trained`` predicted.

    Args:
        trained: what predicted.
        prediction: its vectors hold the gallery's bias where ``trained.gallery`` is one.
        options: of the protocol.
        protocol: another than the prediction's own.
        device: where to compute.
    """
    report = judge(prediction, options, protocol=protocol, device=device)
    if not trained.gallery:
        return report
    from train.gallery.bank import require_galleried
    from train.gallery.bias import in_words, plain

    without = plain(require_galleried(prediction))
    beside = judge(without, options, protocol=protocol, device=device)
    told = trained.record.gallery
    return Galleried.of(report, beside, in_words(told), chosen=bool(told["strength"]))
