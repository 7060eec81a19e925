"""Cosine (Loshchilov and Hutter 2017, equation 5, one cycle) after a linear warm-up."""

from collections.abc import Sequence
from math import cos, pi

from pydantic import Field

from core.settings import Settings
from train.phases import Factor


class Options(Settings):
    """The options of the cosine schedule."""

    warmup: float = Field(1.0, ge=0, description="epochs, or parts of one, in which the rate rises")
    warmup_steps: int = Field(0, ge=0, description="steps in which it rises, instead of epochs")
    start: float = Field(0.0, ge=0, le=1, description="share of the rate where it begins to rise")
    floor: float = Field(0.02, ge=0, le=1, description="share of the rate at the end")


def build(options: Options, *, epochs: int) -> Factor:
    """The schedule over ``epochs``; a warm-up that is as long leaves no room for the fall."""

    def factor(done: float, scores: Sequence[float], steps: int = 1) -> float:
        del scores
        warmup = options.warmup_steps / steps if options.warmup_steps else options.warmup
        if done < warmup:
            return options.start + (1 - options.start) * (done / warmup)
        fallen = (done - warmup) / max(epochs - warmup, 1e-9)
        return options.floor + (1 - options.floor) * (1 + cos(pi * min(fallen, 1.0))) / 2

    return factor
