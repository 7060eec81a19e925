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
from core.wording import counted

NEEDS = "a folder a class (dog/1.jpg, cat/2.jpg), or such in train/, val/ and test/"
EXAMPLE = {"train/dog/a.jpg": "", "train/cat/b.jpg": "", "val/dog/c.jpg": ""}
FEWEST = 2
"""Classes: one folder of pictures is a folder of pictures."""


def recognises(path: Path) -> bool:
    """Whether all pictures lie in class folders, two at least, and nothing tells more of them."""
    if not only_pictures(path):
        return False
    classes, strays = _classes(survey(inner_root(path)).pictures)
    return len(classes) >= FEWEST and not strays


def note_of_strays(ids: Sequence[str]) -> list[str]:
    """Why folders that look like classes tell no labels: the few pictures that lie in none."""
    classes, strays = _classes(ids)
    if len(classes) < FEWEST or not 0 < len(strays) < len(ids) / 2:
        return []
    named = ", ".join(f"{name}/" for name in classes[:3]) + (", ..." if len(classes) > 3 else "")
    many = counted(len(strays), "picture does", "pictures do")
    return [
        f"no labels: {many} not lie right in a class folder, first {strays[0]!r}; with each in one "
        f"of {named} these folders are the labels"
    ]


def _classes(ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The class folders' names, and the pictures that lie in none, or in a folder of one."""
    told = split_by_folder(ids)
    depth = 3 if told else 2
    parts = {each: each.split("/") for each in ids if not told or in_split_folder(each)}
    classes = {names[-2] for names in parts.values() if len(names) == depth}
    return sorted(classes), [each for each, names in parts.items() if len(names) != depth]


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
