"""Where the pictures of a folder lie that has no table to tell it, and what stands beside them."""

import re
from pathlib import Path

from core.corpora._survey import Survey, is_visible, survey

PICTURE_FOLDERS = (
    *("images", "flicker8k_dataset", "flickr8k_dataset"),
    *("flickr30k-images", "flickr30k_images"),
)
"""What the folders are called, in lower case, in which corpora with tables keep their pictures."""
_TEXTS = re.compile(r"flicke?r\d+k[-_]texts?", re.IGNORECASE)


def pictures_folder(path: Path) -> Path:
    """The folder ``images/`` of a corpus, in any case of letters where it is not to the letter."""
    exact = path / "images"
    if exact.is_dir() or not path.is_dir():
        return exact
    return next((e for e in sorted(path.iterdir()) if e.name.lower() == "images"), exact)


def inner_root(path: Path) -> Path:
    """``images/`` where all pictures lie below it, else the folder.

    So a picture keeps its id when a table is put beside ``images/``.
    """
    pictures = survey(path).pictures
    tops = {name.partition("/")[0] for name in pictures}
    inner = len(tops) == 1 and next(iter(tops)).lower() == "images" and "/" in pictures[0]
    return path / tops.pop() if inner else path


def only_pictures(path: Path) -> bool:
    """Whether there are pictures, and nowhere below the folder a table, a text or an archive."""
    found = survey(path)
    return bool(found.pictures) and not found.telling


def texts_of(found: Survey) -> dict[str, str]:
    """The ``.txt`` file of each picture that has one of the same name beside it."""
    texts = {_stem(name): name for name in found.texts}
    if not texts:
        return {}
    stems = {name: _stem(name) for name in found.pictures}
    return {name: texts[stem] for name, stem in stems.items() if stem in texts}


def tables_below(found: Survey) -> list[str]:
    """Tables and archives in the folders below: each of these may be a corpus of its own."""
    stems = {_stem(name) for name in found.pictures}
    deeper = (name for name in found.telling if "/" in name and not name.lower().endswith(".txt"))
    return [name for name in deeper if _stem(name) not in stems]


def is_folder_of_texts(name: str) -> bool:
    """Whether a folder is called like that of the tables of Flickr8k, as it was published."""
    return _TEXTS.fullmatch(name) is not None


def picture_folders_beside(path: Path) -> list[Path]:
    """The folders that are called like those of a corpus's pictures, and lie beside this one."""
    here = path.resolve()
    while is_folder_of_texts(here.parent.name):
        here = here.parent
    named = (each for each in sorted(here.parent.iterdir()) if each != here)
    return [each for each in named if each.name.lower() in PICTURE_FOLDERS and each.is_dir()]


def corpus_above(path: Path) -> Path | None:
    """The folder whose tables tell of the pictures in this one, by the folders' names alone."""
    here = path.resolve()
    while here.name.lower() in PICTURE_FOLDERS:
        here = here.parent
        if _has_tables(here):
            return here
    return None


def _has_tables(folder: Path) -> bool:
    beside = [each for each in folder.iterdir() if is_visible(each.name)]
    files = sorted(each.name for each in beside if each.is_file())
    texts = any(is_folder_of_texts(each.name) and each.is_dir() for each in beside)
    return texts or bool(Survey(folder, tuple(files)).tables)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
