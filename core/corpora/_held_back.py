"""A validation split for a corpus that has none, made of its training part alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.corpora._places import hash_split, id_number
from core.records import Image
from core.wording import counted


def held_back(
    images: Sequence[Image], digests: Mapping[str, bytes]
) -> tuple[list[Image], list[str]]:
    """The images, where none is in ``val`` with some of ``train`` there; and a note that says so.

    Held back is whose ``hash_split`` is ``val``, a tenth, in the order of their numbers; where that
    is none, whose number is the smallest. A class keeps a sample in ``train`` at least, and an
    image that stands there twice (by ``digests`` of each id) stays. No other split gives any, and
    the same ids give the same split.
    """
    train = sorted((i for i in images if i.split == "train"), key=lambda i: id_number(i.id))
    if len(train) < 2 or any(image.split == "val" for image in images):
        return list(images), []
    left = Counter(label for image in train for label in image.labels)
    wanted = [image for image in train if hash_split(image.id) == "val"] or train
    most = len(wanted) if len(wanted) < len(train) else 1
    held, many = set[str](), Counter(digests[image.id] for image in train)
    for image in wanted:
        alone = many[digests[image.id]] == 1 and all(left[label] > 1 for label in image.labels)
        if len(held) < most and alone:
            held.add(image.id)
            left.subtract(image.labels)
    moved = [replace(image, split="val") if image.id in held else image for image in images]
    note = (
        f"there is no validation split: it is made of {counted(len(held), 'item')} of 'train', by "
        "their ids"
    )
    return moved, [note] if held else []
