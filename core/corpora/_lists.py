"""The lists of names by which Flickr8k and Flickr30k are split."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from core.corpora._places import inside
from core.corpora._reading import lines, only
from core.errors import InputError
from core.wording import counted

LISTS = {"train": "*trainImages.txt", "val": "*devImages.txt", "test": "*testImages.txt"}
NOT_KARPATHYS = (
    "the splits follow from the pictures' ids and are not Karpathy's, which papers report on; his "
    "come as dataset_flickr30k.json with his paper (Deep Visual-Semantic Alignments, 2015): put it "
    "into a folder with the pictures alone"
)
"""What is said of Flickr30k where it is split by hash."""


def missing_lists(names: Iterable[str]) -> list[str]:
    """The patterns of the lists that none of the files ``names`` is."""
    there = tuple(names)
    return [each for each in LISTS.values() if not any(fnmatchcase(name, each) for name in there)]


def read_lists(path: Path) -> dict[str, str]:
    """The split of each listed name.

    Raises:
        InputError: a list is missing or there twice, or a name is in two lists; names the line.
    """
    splits: dict[str, str] = {}
    for split, pattern in LISTS.items():
        source = only(path.glob(pattern), pattern, path)
        for number, line in lines(source):
            name = inside(line.strip(), f"{source}:{number}")
            if splits.setdefault(name, split) != split:
                raise InputError(
                    f"{source}:{number}: {name!r} is also in the list {LISTS[splits[name]]}; "
                    "keep it in one"
                )
    return splits


def unlisted(names: Iterable[str], splits: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The names that are in no list, with the split ``extra``, and a note that counts them."""
    found = dict.fromkeys(set(names) - splits.keys(), "extra")
    many = counted(len(found), "picture is", "pictures are")
    return found, [f"{many} in no split list: split 'extra'"] if found else []
