"""Wrong labels on purpose: how far a method bears them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.records import Corpus, Image
from core.wording import counted

TAG = 0x6C6162656C
"""Of the generator, so that what is drawn here has nothing to do with what else a seed draws."""


class Noised(NamedTuple):
    """A part some of whose labels were replaced: ``changed`` of ``labelled`` items."""

    part: Corpus
    changed: int
    labelled: int


def noised(part: Corpus, share: float, seed: int) -> Noised:
    """Give a ``share`` of the items that have a label another one.

    Of n such items, in the order of their ids, ``round(share * n)`` are drawn without replacement;
    of each one of its labels, drawn uniformly, becomes one drawn uniformly from the other labels of
    the part that the item does not have. An item that has them all keeps them. The same ids,
    labels, share and seed give the same.

    Args:
        part: what is trained on.
        share: in [0, 1).
        seed: at least 0.
    """
    classes = sorted({label for image in part.images for label in image.labels})
    labelled = sorted((image for image in part.images if image.labels), key=lambda each: each.id)
    draw = np.random.default_rng([TAG, seed])
    many = round(share * len(labelled))
    chosen = [labelled[row] for row in sorted(draw.permutation(len(labelled))[:many])]
    given = {image.id: _other(image, classes, draw) for image in chosen}
    images = tuple(given.get(image.id, image) for image in part.images)
    changed = sum(
        one.labels != other.labels for one, other in zip(images, part.images, strict=True)
    )
    return Noised(replace(part, images=images), changed, len(labelled))


def with_noise(part: Corpus, share: float, seed: int) -> tuple[Corpus, tuple[str, ...]]:
    """``noised``, and a sentence for a person; without a share the part as it is."""
    if not share:
        return part, ()
    found = noised(part, share, seed)
    note = (
        f"label_noise = {share}: {found.changed:,} of {counted(found.labelled, 'labelled item')} "
        f"of {part.name} have a wrong label in training, drawn by seed {seed}"
    )
    return found.part, (note,)


def _other(image: Image, classes: list[str], draw: np.random.Generator) -> Image:
    others = [label for label in classes if label not in image.labels]
    if not others:
        return image
    labels = list(image.labels)
    labels[int(draw.integers(len(labels)))] = others[int(draw.integers(len(others)))]
    return replace(image, labels=tuple(labels))
