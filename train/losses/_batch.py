"""What the losses over a batch of pairs share: which rows are no negative of which."""

import torch
from torch import Tensor


def no_negative(image_id: Tensor, *, same_image: bool) -> Tensor:
    """Which caption is no negative of which row's picture, and the other way round.

    Args:
        image_id: (B,) int64, equal where two rows are of the same picture.
        same_image: other captions of the same picture are negatives, as in papers that mask the
            diagonal alone.

    Returns:
        (B, B) bool, symmetric, true on the diagonal.
    """
    if same_image:
        return torch.eye(len(image_id), dtype=torch.bool, device=image_id.device)
    return image_id[:, None] == image_id[None, :]


def rows_of_its_picture(image_id: Tensor, like: Tensor) -> Tensor:
    """How many rows of the batch are of the same picture as each: (B,), of the dtype of ``like``.

    A picture with five captions in a batch stands in it five times; divided by this it counts once.

    Args:
        image_id: (B,) int64, equal where two rows are of the same picture.
        like: of any shape.
    """
    return (image_id[:, None] == image_id[None, :]).sum(1).to(like.dtype)
