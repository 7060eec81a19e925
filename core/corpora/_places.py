"""Where a corpus keeps its pictures, and which split a picture is in."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from core.corpora._reading import refuse_surrogates
from core.corpora._survey import survey
from core.errors import InputError
from core.records import SPLITS
from core.splits import SPLIT_WORDS
from core.wording import counted

FILLED_FROM = 10
"""From so many pictures with captions on, the hash leaves no split empty."""
# A path that is plain already, as most are: its parts are not empty, no "." and no "..".
_PART = r"(?!\.\.?(?:/|\Z))[^/\0]+"
_PLAIN = re.compile(f"{_PART}(?:/{_PART})*")


def corpus_name(folder: Path) -> str:
    """The name of a corpus: that of its folder."""
    return folder.resolve().name or "corpus"


def unfit(path: Path, name: str, needs: str) -> InputError:
    """The error for a path that is not a corpus of the format ``name``."""
    return InputError(f"{path}: not a {name} corpus, which needs {needs}; check it or --format")


def first_folder(*candidates: Path) -> Path:
    """The first candidate that is a folder, else the last one."""
    return next((folder for folder in candidates if folder.is_dir()), candidates[-1])


def inside(name: str, where: str) -> str:
    """A picture's name as a plain relative path with ``/`` (``./a//b.jpg`` is ``a/b.jpg``).

    Raises:
        InputError: it is empty, absolute, holds ``..`` or a NUL, so it would leave the folder; says
            how to write it.
    """
    if _PLAIN.fullmatch(name):  # a tenth of what the path below takes, of each of 40,000 captions
        refuse_surrogates(name, where)
        return name
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
        raise InputError(
            f"{where}: picture {name!r} must be a path inside the picture folder; {_written(path)}"
        )
    refuse_surrogates(name, where)
    return str(path)


def _written(path: PurePosixPath) -> str:
    """How a name that leaves the folder is written: what follows images/, else its last part."""
    tail = str(path).rpartition("/images/")[2] if "/images/" in str(path) else path.name
    if tail in ("", "..") or "\0" in tail or ".." in tail.split("/"):
        return "write the picture's name"
    return f"write it as it is called from that folder on: {tail!r}"


def hash_split(image_id: str) -> str:
    """The split of a picture by its id alone: about 80 % train, 10 % val, 10 % test.

    The first 8 bytes of SHA-256 of the UTF-8 id, as a big-endian number, modulo 10:
    0 to 7 is ``train``, 8 is ``val``, 9 is ``test``.

    Example:
        >>> hash_split("a.jpg")
        'train'
    """
    return {8: "val", 9: "test"}.get(id_number(image_id) % 10, "train")


def hash_splits(has_captions: Mapping[str, bool]) -> dict[str, str]:
    """The split of each picture of a corpus that tells none: ``hash_split``, and none left empty.

    Where at least ten pictures have captions, and none of these is in ``train``, in ``val`` or in
    ``test``, in this order, the split that has most of them (of two the first) gives the one whose
    number (see ``hash_split``) is the smallest. So more pictures move no picture, unless a split
    had been empty.

    Args:
        has_captions: id -> whether the picture has a caption; only such pictures are counted.
    """
    splits = {image_id: hash_split(image_id) for image_id in has_captions}
    told = sorted((image_id for image_id, has in has_captions.items() if has), key=id_number)
    for empty in SPLITS if len(told) >= FILLED_FROM else ():
        sizes = {split: sum(splits[image_id] == split for image_id in told) for split in SPLITS}
        if not sizes[empty]:
            largest = max(SPLITS, key=lambda split: sizes[split])
            splits[next(image_id for image_id in told if splits[image_id] == largest)] = empty
    return splits


def id_number(image_id: str) -> int:
    """The number that places a picture: the first 8 bytes of the SHA-256 of its UTF-8 id."""
    return int.from_bytes(hashlib.sha256(image_id.encode()).digest()[:8], "big")


def pictures_in(folder: Path) -> Iterator[str]:
    """Ids (paths relative to ``folder``, with ``/``) of all files with a picture ending below it.

    What ``_survey.files_in`` leaves out is left out.

    Raises:
        InputError: a file name that is not UTF-8, or a folder that cannot be read.
    """
    yield from survey(folder).checked_pictures()


def split_by_folder(ids: Iterable[str]) -> dict[str, str] | None:
    """The split of each picture where folders are called like splits; None where they are not.

    Where they tell several splits, pictures outside of them are ``extra``; where they tell one, it
    may be a name like any other, unless all pictures lie there.

    Example:
        >>> split_by_folder(["train/a.jpg", "dev/b.jpg", "c.jpg"])
        {'train/a.jpg': 'train', 'dev/b.jpg': 'val', 'c.jpg': 'extra'}
        >>> split_by_folder(["test/a.jpg", "b.jpg"]) is None
        True
    """
    found = {image_id: SPLIT_WORDS.get(_top(image_id)) for image_id in ids}
    told = {split for split in found.values() if split is not None}
    if not told or (len(told) == 1 and None in found.values()):
        return None
    return {image_id: split or "extra" for image_id, split in found.items()}


def in_split_folder(image_id: str) -> bool:
    """Whether a picture lies in a folder that is called like a split."""
    return _top(image_id) in SPLIT_WORDS


def notes_of_folders(ids: Iterable[str]) -> list[str]:
    """What to say where only some pictures lie in folders that are called like splits."""
    every = tuple(ids)
    outside = [image_id for image_id in every if not in_split_folder(image_id)]
    folders = sorted({f"{image_id.partition('/')[0]}/" for image_id in set(every) - {*outside}})
    if not (folders and outside):
        return []
    names = ", ".join(folders)
    lie = f"{counted(len(outside), 'picture lies', 'pictures lie')} outside, such as {outside[0]}"
    if split_by_folder(every):
        return [f"the splits are the folders {names}; {lie}: extra, in none of the three"]
    return [f"{names} is not taken for a split, the ids tell it: {lie}"]


def split_in_name(name: str) -> str | None:
    """The split that a file's name tells, if it tells one.

    Example:
        >>> split_in_name("train-00000-of-00002.parquet"), split_in_name("val_7.tar")
        ('train', 'val')
        >>> split_in_name("data-0001.tar") is None
        True
    """
    words = re.findall("[a-z]+", name.lower())
    told = {SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS}
    return told.pop() if len(told) == 1 else None


def note_of_one_split(splits: Iterable[str]) -> list[str]:
    """A note where files' names say the same split of all pictures: no training can use that."""
    told = set(splits)
    if len(told) != 1 or not told <= set(SPLITS):
        return []
    return [
        f"all pictures are of the split {told.pop()!r}, by the files' names: give these names "
        "without such a word (data-0000) and the splits follow from the pictures' ids"
    ]


def _top(image_id: str) -> str:
    return image_id.partition("/")[0].lower() if "/" in image_id else ""
