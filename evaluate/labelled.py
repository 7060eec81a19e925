"""Two sides with labels: who is compared with whom, and by which similarity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from core.ensemble import Ensemble
from core.errors import InputError
from core.ids import ALONE
from core.predictions import Embeddings
from core.vectors import Vectors
from evaluate.right import NO_LABELS, Bools, Shared
from evaluate.scores.averaged import Averaged
from evaluate.scores.face import Scores
from evaluate.scores.held import held
from evaluate.scores.named import scores_of
from evaluate.scores.sides import Names
from evaluate.standing import CAPTIONS, IMAGES
from evaluate.way import Way

KINDS = {"i": "image", "t": "caption"}
ORDER = "an order compares an image with a caption, and no two of a side"


@dataclass(frozen=True, slots=True)
class LabelledSide:
    """N items with their labels, as each of K models sees them.

    ``picture`` (N,): the id of the picture that each item belongs to. ``label`` (N, classes) bool.
    ``spaces``: K vectors of the items.
    """

    picture: Names
    label: Bools
    spaces: Sequence[Vectors]

    @property
    def ids(self) -> tuple[Names, Names]:
        """The ids of the items and of their pictures, (N,) each."""
        return self.spaces[0].id, self.picture

    @property
    def unlabelled(self) -> int:
        """How many have no label."""
        return int(np.count_nonzero(~self.label.any(axis=1)))


class Asked(NamedTuple):
    """A way of asking by its name: how, who is right, and which side asks."""

    name: str
    way: Way
    right: Shared
    side: LabelledSide

    @property
    def labelled(self) -> int:
        """How many of those who could ask have a label."""
        return len(self.side.label) - self.side.unlabelled


@dataclass(frozen=True, slots=True)
class LabelledSides:
    """``image``, ``caption`` where there are some (``sides``), and each model's similarity.

    Where a prediction names the inner product, its vectors are compared by their cosine: that is
    what is published, and of unit vectors the same.
    """

    sides: Mapping[str, LabelledSide]
    similarities: Sequence[str]

    @staticmethod
    def of(prediction: Embeddings | Ensemble) -> "LabelledSides":
        """Captions without labels of their own have those of their images.

        Raises:
            InputError: there are no labels, or several models know others of the same images.
        """
        given = prediction.members if isinstance(prediction, Ensemble) else (prediction,)
        members = [each for each in given if isinstance(each, Embeddings)]
        labels = [each.image.label for each in members if each.image.label is not None]
        if len(labels) < len(given) or not labels[0].any():
            raise InputError(NO_LABELS)
        if not all(np.array_equal(each, labels[0]) for each in labels):
            raise InputError(f"the models have other labels of the same images; {ALONE}")
        image = LabelledSide(members[0].image.id, labels[0], [each.image for each in members])
        named = ["cosine" if n == "inner" else n for n in (m.similarity for m in members)]
        return LabelledSides({"image": image, **_captions(members)}, named)

    @property
    def classes(self) -> int:
        """How many labels some item has."""
        return int(np.any([side.label.any(axis=0) for side in self.sides.values()], axis=0).sum())

    @property
    def first(self) -> tuple[str, ...]:
        """The ways that the score is of: between two sides, or within the only one."""
        return ("i2t", "t2i") if "caption" in self.sides else ("i2i",)

    @property
    def unaskable(self) -> Mapping[str, str]:
        """The ways that no similarity can be asked, and why."""
        return dict.fromkeys(("i2i", "t2t"), ORDER) if "order" in self.similarities else {}

    def names(self, *, within: bool) -> list[str]:
        """The ways of asking; ``within`` one side too."""
        inside = ["i2i", *(["t2t"] if "caption" in self.sides else [])]
        return list(dict.fromkeys([*self.first, *(inside if within else [])]))

    def asked(self, names: Iterable[str], device: torch.device | str) -> dict[str, Asked]:
        """The ways of these names; what both sides ask one another is scored once."""
        found: dict[str, Asked] = {}
        both: Scores | None = None
        for name in names:
            who, whom = (self.sides[KINDS[letter]] for letter in (name[0], name[-1]))
            if who is whom:
                way = Way(self._scores(who, who, device), IMAGES, itself=True)
            else:
                both = both or held(
                    self._scores(self.sides["image"], self.sides["caption"], device)
                )
                way = Way(both, IMAGES if name[0] == "i" else CAPTIONS)
            right = Shared(who.label, whom.label)
            found[name] = Asked(name, way, right, who)
        return found

    def _scores(
        self, image: LabelledSide, caption: LabelledSide, device: torch.device | str
    ) -> Scores:
        pairs = zip(image.spaces, caption.spaces, self.similarities, strict=True)
        each = [scores_of(_joined(*pair), device) for pair in pairs]
        return each[0] if len(each) == 1 else Averaged(each)


def _captions(members: Sequence[Embeddings]) -> dict[str, LabelledSide]:
    """Nothing where there are none.

    Raises:
        InputError: they have neither labels nor images.
    """
    first = members[0]
    spaces = [each.caption for each in members if each.caption is not None]
    if not spaces or not len(spaces[0].id):
        return {}
    label, owner = spaces[0].label, first.owner
    if label is None and owner is not None and first.image.label is not None:
        label = first.image.label[owner]
    if label is None:
        raise InputError("captions have neither labels nor images; give them one or the other")
    return {
        "caption": LabelledSide(
            spaces[0].id if owner is None else first.image.id[owner], label, spaces
        )
    }


def _joined(image: Vectors, caption: Vectors, similarity: str) -> Embeddings:
    """Both as scores want them; whose each caption is decides nothing here."""
    bare = [replace(side, label=None) for side in (image, caption)]
    nobody = np.zeros(len(caption.id), dtype=np.int64)
    return Embeddings(bare[0], bare[1], nobody, similarity=similarity)
