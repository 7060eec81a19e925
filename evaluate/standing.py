"""How many wrong candidates stand before a right answer: the band of a tie, and the toss in it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from evaluate.space import Space


@dataclass(frozen=True, slots=True)
class Standing:
    """One right answer a query: score, slack and toss (Q,), and what was counted so far.

    ``before`` (Q,) int64: wrong candidates placed before it; ``tied`` (Q,) bool: any tied with it.
    """

    score: Tensor
    slack: Tensor
    toss: Tensor
    before: Tensor
    tied: Tensor

    @staticmethod
    def of(score: Tensor, slack: Tensor, toss: Tensor) -> "Standing":
        """Nothing is counted yet."""
        before = torch.zeros(len(score), dtype=torch.int64, device=score.device)
        return Standing(score, slack, toss, before, torch.zeros_like(before, dtype=torch.bool))

    def count(self, part: slice, scores: Tensor, toss: Tensor) -> None:
        """Add what a block (queries of ``part``, wrong candidates) places before the right one.

        Args:
            part: which queries.
            scores: (queries of ``part``, candidates) float64; minus infinity is never before.
            toss: (candidates,) int64.
        """
        high = (self.score[part] + self.slack[part]).unsqueeze(1)
        low = (self.score[part] - self.slack[part]).unsqueeze(1)
        greater = (scores > high).sum(1)
        self.before[part] += greater
        tied = (scores >= low).sum(1) > greater
        if tied.any():
            block = scores[tied]
            level = (block >= low[tied]) & (block <= high[tied])
            earlier = toss.unsqueeze(0) < self.toss[part][tied].unsqueeze(1)
            self.before[part] += torch.zeros_like(greater).masked_scatter(
                tied, (level & earlier).sum(1)
            )
            self.tied[part] |= tied


def best_placed(space: Space, right: Tensor, slack: Tensor) -> Standing:
    """The best-placed caption of each image among those with a score in ``right``.

    It is the first by toss of those that tie with the highest score.

    Args:
        space: images, captions and owners.
        right: (captions,) float64, minus infinity where a caption is out of the question.
        slack: (images,) float64.

    Returns:
        One answer an image; its score is minus infinity where there is none.
    """
    owner, none = space.owner, len(space.caption)
    best = torch.full_like(slack, -torch.inf).scatter_reduce(0, owner, right, "amax")
    placed = right >= (best - slack)[owner]
    toss = torch.where(placed, space.caption_toss, none)
    first = torch.full_like(space.image_toss, none).scatter_reduce(0, owner, toss, "amin")
    return Standing.of(best, slack, first)
