"""Step: the rate falls to a share of itself every so many epochs, as in VSE++."""

from collections.abc import Sequence

from pydantic import Field

from core.settings import Settings
from train.phases import Factor


class Options(Settings):
    """The options of the step schedule."""

    every: int = Field(15, ge=1, description="epochs between two falls")
    decay: float = Field(0.1, gt=0, le=1, description="what the rate is multiplied with then")


def build(options: Options, *, epochs: int) -> Factor:
    """The schedule; how many ``epochs`` it serves does not matter to it."""
    del epochs

    def factor(done: float, scores: Sequence[float]) -> float:
        del scores
        return options.decay ** (int(done) // options.every)

    return factor
