"""How alike an image and a caption are: a formula a name, its scores, and how far they are rounded.

``inner`` is the inner product. ``order`` is the order violation of Vendrov et al. 2016 (equation 2)
as VSE++'s code has it, with the root: minus the norm of what a caption exceeds its image by.
"""

from abc import ABC, abstractmethod

from torch import Tensor

from core.errors import SettingError, choices

UNIT = 2.0**-53
AT_ONCE = 30_000
"""Differences that a CPU holds at once: what fits its cache, and torch gives to one thread."""


class Similarity(ABC):
    """Scores of vectors in float64; the higher, the more alike."""

    words: str

    @abstractmethod
    def block(self, image: Tensor, caption: Tensor) -> Tensor:
        """Of images (N, D) and captions (M, D), all with all: (N, M)."""

    @abstractmethod
    def pairs(self, image: Tensor, caption: Tensor) -> Tensor:
        """Of images (M, D) and captions (M, D), each with its own: (M,)."""

    @abstractmethod
    def slack(self, queries: Tensor, candidates: Tensor) -> Tensor:
        """How far apart two scores of a query may be and still tie, (queries,)."""


class Inner(Similarity):
    """<i, c>."""

    words = "inner product"

    def block(self, image: Tensor, caption: Tensor) -> Tensor:
        """One product."""
        return image @ caption.T

    def pairs(self, image: Tensor, caption: Tensor) -> Tensor:
        """A product a row."""
        return (image * caption).sum(1)

    def slack(self, queries: Tensor, candidates: Tensor) -> Tensor:
        """2 D u |a| |b|, b the longest candidate."""
        unit = 2 * queries.shape[1] * UNIT
        slack: Tensor = unit * queries.norm(dim=1) * candidates.norm(dim=1).max()
        return slack


class Order(Similarity):
    """-|max(0, c - i)|: an image stands above what its captions say (Vendrov et al. 2016)."""

    words = "order violation"

    def block(self, image: Tensor, caption: Tensor) -> Tensor:
        """Some captions of one image at a time: no room for all differences is asked for."""
        scores = image.new_empty(len(image), len(caption))
        step = max(1, AT_ONCE // image.shape[1]) if image.device.type == "cpu" else len(caption)
        for left in range(0, len(caption), step):
            part = caption[left : left + step]
            for row, one in enumerate(image):
                scores[row, left : left + step] = -(part - one).clamp_(min=0).norm(dim=1)
        return scores

    def pairs(self, image: Tensor, caption: Tensor) -> Tensor:
        """The norm of each row's excess."""
        excess: Tensor = (caption - image).clamp_(min=0).norm(dim=1)
        return -excess

    def slack(self, queries: Tensor, candidates: Tensor) -> Tensor:
        """(D + 5) u (|a| + |b|), b the longest candidate.

        No difference of large numbers is taken: each of the D squares is right to 3 u of itself,
        their sum to (D + 2) u, its root to half of that and u, and no score exceeds |a| + |b|.
        """
        unit = (queries.shape[1] + 5) * UNIT
        slack: Tensor = unit * (queries.norm(dim=1) + candidates.norm(dim=1).max())
        return slack


SIMILARITIES: dict[str, Similarity] = {"inner": Inner(), "order": Order()}


def similarity(name: str) -> Similarity:
    """The formula of this name.

    Raises:
        SettingError: there is none.
    """
    if name not in SIMILARITIES:
        raise SettingError(f"similarity = {name!r}: {choices(name, list(SIMILARITIES))}")
    return SIMILARITIES[name]
