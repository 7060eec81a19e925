"""What the name of a stored matrix tells: its split, its side, and whether it holds labels.

People call the same thing ``train_images``, ``tr_img``, ``I_tr_CNN`` or ``trImgCat``: a name is cut
into words, and each word is looked up.
"""

import re
from typing import NamedTuple

IMAGE, TEXT, VECTORS, LABELS = "image", "text", "vectors", "labels"
_SPLITS = {
    **dict.fromkeys(("train", "training", "tr", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "va"), "val"),
    **dict.fromkeys(("test", "testing", "te", "tst"), "test"),
}
_SIDES = {
    **dict.fromkeys(("image", "images", "img", "imgs", "i"), IMAGE),
    **dict.fromkeys(("text", "texts", "txt", "txts", "t"), TEXT),
}
_LABELS = {"label", "labels", "lab", "labs", "cat", "cats", "category", "categories", "classes"}
_SAID = {
    *("deep", "feature", "features", "feat", "feats", "fea", "feas", "vec", "vectors"),
    *("cnn", "vgg", "vgg16", "vgg19", "resnet", "bow", "lda", "doc", "doc2vec", "word2vec", "w2v"),
}
"""Words that tell only what made the numbers."""
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")


class Slot(NamedTuple):
    """What a matrix is: ``split`` and ``side`` are "" where its name does not tell one."""

    split: str
    side: str
    kind: str


def slot_of(name: str) -> Slot | None:
    """What a matrix of this name is; None where a word of it is not known.

    Example:
        >>> slot_of("trImgCat")
        Slot(split='train', side='image', kind='labels')
        >>> slot_of("test_texts_doc2vec")
        Slot(split='test', side='text', kind='vectors')
        >>> slot_of("A_tr") is slot_of("train_deep") is None
        True
    """
    words = _words(name)
    splits = [_SPLITS[word] for word in words if word in _SPLITS]
    sides = [_SIDES[word] for word in words if word in _SIDES]
    labels = [word for word in words if word in _LABELS]
    if max(len(splits), len(sides), len(labels)) > 1 or not (sides or labels):
        return None
    if len(splits) + len(sides) + len(labels) + sum(word in _SAID for word in words) < len(words):
        return None
    return Slot("".join(splits), "".join(sides), LABELS if labels else VECTORS)


def tells_split(name: str) -> bool:
    """Whether a word of a name is one of a split's, whatever the others are.

    Example:
        >>> tells_split("train_idx"), tells_split("rows")
        (True, False)
    """
    return any(word in _SPLITS for word in _words(name))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
