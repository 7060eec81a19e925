"""A folder a class: ``dog/1.jpg``, or ``train/dog/1.jpg`` with the splits: labels, no captions.

A picture's id is its path relative to ``images/``, else to the folder; its label is the name of
its class's folder. Without folders of splits the split is ``hash_split``'s.
"""

from collections.abc import Sequence
from pathlib import Path

from core.corpora._places import (
    corpus_name,
    hash_splits,
    in_split_folder,
    notes_of_folders,
    split_by_folder,
    unfit,
)
from core.corpora._roots import inner_root, only_pictures
from core.corpora._survey import survey
from core.errors import InputError
from core.records import Corpus, Image

NEEDS = "a folder a class (dog/1.jpg, cat/2.jpg), or such in train/, val/ and test/"
EXAMPLE = {"train/dog/a.jpg": "", "train/cat/b.jpg": "", "val/dog/c.jpg": ""}
FEWEST = 2
"""Classes: one folder of pictures is a folder of pictures."""


def recognises(path: Path) -> bool:
    """Whether all pictures lie in class folders, two at least, and nothing tells more of them."""
    if not only_pictures(path):
        return False
    ids = survey(inner_root(path)).pictures
    told = split_by_folder(ids)
    depth = 3 if told else 2
    parts = [image_id.split("/") for image_id in ids if not told or in_split_folder(image_id)]
    classes = {names[-2] for names in parts if len(names) == depth}
    return len(classes) >= FEWEST and all(len(names) == depth for names in parts)


def read(path: Path) -> Corpus:
    """The corpus; a class may hold further folders.

    Raises:
        InputError: there is no picture, one lies in no class folder, or a name is not UTF-8.
    """
    root = inner_root(path)
    ids = survey(root).checked_pictures()
    if not ids:
        raise unfit(path, "class_folders", NEEDS)
    told = split_by_folder(ids)
    splits = told or hash_splits(dict.fromkeys(ids, False))
    images = [
        Image(image_id, root / image_id, splits[image_id], _labels(root, image_id, bool(told)))
        for image_id in ids
    ]
    return Corpus.build(corpus_name(path), images, [], notes_of_folders(ids))


def _labels(root: Path, image_id: str, in_split: bool) -> tuple[str, ...]:
    if in_split and not in_split_folder(image_id):
        return ()
    folders: Sequence[str] = image_id.split("/")[int(in_split) : -1]
    if not folders:
        raise InputError(
            f"{root}: {image_id!r} lies in no class folder; put it into one, or read the pictures "
            "alone with --format pictures"
        )
    return (folders[0],)
