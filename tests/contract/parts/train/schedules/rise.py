"""The rate rises from 0 to the whole in the first epochs; it is halved when the score stands."""

from pydantic import Field

from core.settings import Settings


class Options(Settings):
    """The options of the schedule."""

    warmup_epochs: int = Field(1, ge=1, description="epochs until the whole rate")
    patience: int = Field(2, ge=1, description="epochs without a better score")


def build(options, *, epochs):
    def factor(done, scores):
        stands = len(scores) > options.patience and max(scores[-options.patience :]) <= max(
            scores[: -options.patience]
        )
        return min(1.0, (done + 0.25) / options.warmup_epochs) * (0.5 if stands else 1.0)

    return factor
