"""The hinge against every negative: the gentle form of losses that choose the hard ones."""

from torch import Tensor

from train.losses._batch import no_negative
from train.scored import Scored


class Every(Scored):
    """For each query the mean of its hinges, whose gradient no one negative decides."""

    def __init__(self, margin: float, *, same_image: bool, share: float):
        """A loss without weights; a pair costs ``share`` of the sum of both directions."""
        super().__init__()
        self._margin, self._same_image, self._share = margin, same_image, share

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """share * (mean_c' [m - s(i, c) + s(i, c')]+ + mean_i' [m - s(i, c) + s(i', c)]+).

        A pair without negatives costs 0.

        Args:
            image: (B, D) unit vectors; row b belongs to caption b.
            caption: (B, D) unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,), each at least 0.
        """
        scores = self.scores(image, caption)
        out = no_negative(image_id, same_image=self._same_image)
        return self._share * (self._means(scores, out) + self._means(scores.T, out))

    def _means(self, scores: Tensor, out: Tensor) -> Tensor:
        pair = scores.diagonal()[:, None]
        hinge = (self._margin - pair + scores).clamp(min=0).masked_fill(out, 0)
        return hinge.sum(1) / (~out).sum(1).clamp(min=1)
