"""A run with the gallery's bias, before a protocol that compares vectors as they are."""

from dataclasses import replace
from typing import TYPE_CHECKING

from core.plugins import load
from evaluate.judge import PACKAGE
from pipeline.said.progress import say

if TYPE_CHECKING:
    from train.trained import Trained


def unbiased(trained: "Trained", protocol: str | None) -> "Trained":
    """The same run; where ``protocol`` (None: the task's own) is ``PLAIN``, without the bias."""
    if not protocol or not trained.gallery or not getattr(load(PACKAGE, protocol), "PLAIN", False):
        return trained
    say(f"the gallery's bias is left out: {protocol} compares the vectors as the task gives them")
    return replace(trained, gallery=None)
