"""Cosine (Loshchilov and Hutter 2017, equation 5, one cycle) after a linear warm-up."""

from collections.abc import Sequence
from math import cos, pi

from pydantic import Field

from core.settings import Settings
from train.phases import Factor


class Options(Settings):
    """The options of the cosine schedule."""

    warmup: float = Field(
        1.0, ge=0, description="epochs, or parts of one, in which the rate rises from 0"
    )
    floor: float = Field(0.02, ge=0, le=1, description="share of the rate at the end")


def build(options: Options, *, epochs: int) -> Factor:
    """The schedule over ``epochs``; a warm-up that is as long leaves no room for the fall."""

    def factor(done: float, scores: Sequence[float]) -> float:
        del scores
        if done < options.warmup:
            return done / options.warmup
        fallen = (done - options.warmup) / max(epochs - options.warmup, 1e-9)
        return options.floor + (1 - options.floor) * (1 + cos(pi * min(fallen, 1.0))) / 2

    return factor
