"""A run with the gallery's bias, before a protocol that compares vectors as they are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.plugins import load
from core.predictions import Prediction
from evaluate.judge import PACKAGE
from pipeline.said.progress import say

if TYPE_CHECKING:
    from train.trained import Trained


def unbiased(
    trained: "Trained", prediction: Prediction, protocol: str | None
) -> "tuple[Trained, Prediction]":
    """The same; where ``protocol`` (None: the prediction's own) is ``PLAIN``, without the bias."""
    name = protocol or prediction.protocol
    if not trained.gallery or not getattr(load(PACKAGE, name), "PLAIN", False):
        return trained, prediction
    from train.gallery.bank import require_galleried
    from train.gallery.bias import plain

    say(f"the gallery's bias is left out: {name} compares the vectors as the task gives them")
    return replace(trained, gallery=None), plain(require_galleried(prediction))


def is_biased(report: Mapping[str, Any]) -> bool:
    """Whether scores that a report ranks by hold the gallery's bias, of one run or of several.

    Of protocols that are not ``PLAIN``; a bias of strength 0 is none.
    """
    told = report.get("gallery")
    return any(each and each["strength"] for each in (told if isinstance(told, list) else [told]))
