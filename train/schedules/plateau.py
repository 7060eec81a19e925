"""Plateau: the rate falls each time that the validation has not risen for so many epochs."""

from collections.abc import Sequence

from pydantic import Field

from core.settings import Settings
from train.phases import Factor


class Options(Settings):
    """The options of the plateau schedule."""

    patience: int = Field(3, ge=1, description="epochs without a new best score before a fall")
    decay: float = Field(0.3, gt=0, le=1, description="what the rate is multiplied with then")


def build(options: Options, *, epochs: int) -> Factor:
    """The schedule; how many ``epochs`` it serves does not matter to it."""
    del epochs

    def factor(done: float, scores: Sequence[float]) -> float:
        del done
        best, waited, falls = float("-inf"), 0, 0
        for score in scores:
            waited = 0 if score > best else waited + 1
            best = max(best, score)
            if waited == options.patience:
                waited, falls = 0, falls + 1
        return options.decay**falls

    return factor
