"""Losses of nothing but scores, which follow the similarity of the task."""

from torch import Tensor, nn

from train.order import order_scores


class Scored(nn.Module):
    """A loss of the score of each picture with each caption, and of no other product of vectors.

    The higher a score, the more alike they are.

    Attributes:
        similarity: by which formula; the task's, which `train.building.build_losses` tells it.
    """

    similarity: str = "inner"

    def scores(self, image: Tensor, caption: Tensor) -> Tensor:
        """(N, M) of ``image`` (N, D) and ``caption`` (M, D) float: a row a picture."""
        if self.similarity == "order":
            return order_scores(image, caption)
        return image @ caption.T
