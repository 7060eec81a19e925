"""What was typed for a corpus and is none: what is seen there, and what to do about it."""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from core.corpora._endings import table_endings
from core.corpora._lists import missing_lists
from core.corpora._places import corpus_name
from core.corpora._roots import PICTURE_FOLDERS, corpus_above
from core.corpora._spreadsheets import is_spreadsheet, saved
from core.corpora._survey import (
    ARCHIVE_ENDINGS,
    Survey,
    is_visible,
    survey,
)
from core.corpora._unpack import unpacked
from core.pictures import is_picture
from core.wording import counted, one_line, quoted

Fitting = Callable[[Path], tuple[str, ...]]
_TABLES = ("captions.csv", "captions.tsv", "captions.jsonl")
_MOST = 20
"""Folders that are looked into for a corpus."""
START = (
    "put pictures in images/ and one line a caption in captions.csv, with the first line "
    "image,caption"
)


def seen_at(path: Path) -> str:
    """What is at ``path`` by names alone, as a phrase: counts of pictures, tables, folders."""
    if not path.exists():
        return "no such file or folder"
    if not path.is_dir():
        kinds = {"a picture": is_picture, "an archive": _is_archive, "a table or text": _is_table}
        return next((kind for kind, fits in kinds.items() if fits(path.name)), "a file")
    found = survey(path)
    if not found.files:
        hidden = any(path.iterdir())
        return "only hidden files or empty folders" if hidden else "an empty folder"
    return ", ".join(_phrases(found))


def advice(path: Path, fitting: Fitting) -> str:
    """What to do about a path that no format fits; the nearest ways only.

    Args:
        path: what was typed; nothing need be there.
        fitting: gives the formats that recognise a path.
    """
    if not path.exists():
        return _about_nothing(path)
    if not path.is_dir():
        return _about_a_file(path)
    hints = (hint for look in _LOOKS for hint in look(path, survey(path), fitting))
    return next(hints, START)


def _phrases(found: Survey) -> Iterator[str]:
    folders = found.picture_folders
    if found.pictures:
        where = "" if folders == (".",) else f" in {_listed([_folder(f) for f in folders])}"
        yield counted(len(found.pictures), "picture") + where
    told = [*found.tables, *(name for name in found.archives if name not in found.tables)]
    if told:
        yield _listed(told)
    empty = [f"{name}/" for name in found.folders if not _holds(found, name)]
    if empty:
        yield f"{counted(len(empty), 'folder')} without pictures ({_listed(empty)})"
    others = len(found.beside) - len(told) - sum("/" not in name for name in found.pictures)
    if others > 0:
        yield counted(others, "other file")


def _holds(found: Survey, folder: str) -> bool:
    return any(name.startswith(f"{folder}/") for name in found.pictures)


def _folder(name: str) -> str:
    return "the folder itself" if name == "." else f"{name}/"


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = [one_line(name) for name in names[:most]]
    more = len(names) - most
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _about_nothing(path: Path) -> str:
    if str(path).startswith("~"):
        return f"~ was not expanded: type {path.expanduser()}"
    if not path.parent.is_dir():
        return "check the path"
    beside = sorted(each.name for each in path.parent.iterdir() if is_visible(each.name))
    lowered = {name.lower(): name for name in beside}
    near = difflib.get_close_matches(path.name.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean {path.parent / lowered[near[0]]}?" if near else "check the path"


def _about_a_file(path: Path) -> str:
    if _is_archive(path.name):
        return unpacked(path)
    if is_spreadsheet(path.name):
        return saved(path)
    beside = "captions and pictures are read together, "
    told = beside if _is_table(path.name) else ""
    return f"{told}type the folder that holds it: {path.parent}"


def _too_low(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    if up := corpus_above(path):
        yield (
            f"its captions lie in the folder above: type {up}; or read the pictures alone with "
            "--format pictures"
        )


def _too_high(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    inner = (path / name for name in found.folders[:_MOST] if name.lower() not in PICTURE_FOLDERS)
    corpora = [each for each in inner if len(fitting(each)) == 1]
    if corpora and not found.tables:
        several = "one of its folders" if len(corpora) > 1 else "the folder in it that is one"
        yield f"type {several}: {_listed(list(map(str, corpora)))}"
    for name in found.folders[:_MOST] if not found.pictures or not found.beside else ():
        deeper = path / name
        for below in survey(deeper).folders[:_MOST] if not corpora else ():
            if below.lower() not in PICTURE_FOLDERS and len(fitting(deeper / below)) == 1:
                yield f"type the folder in it that is one: {deeper / below}"


def _packed(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    if found.archives and not found.pictures:
        yield unpacked(path / found.archives[0])


def _spreadsheet(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    sheets = [name for name in found.tables if is_spreadsheet(name)]
    if sheets and not any(name in _TABLES for name in found.tables):
        alone = "; or read the pictures alone with --format pictures" if found.pictures else ""
        yield saved(path / sheets[0]) + alone


def _no_pictures(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    if found.tables and not found.pictures:
        yield f"there are no pictures: put those that {one_line(found.tables[0])} names in images/"


def _known_table(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    known = [name for name in found.tables if name in _TABLES]
    if known and found.picture_folders == (".",):
        yield f"move the pictures into {path / 'images'}"
    elif known and found.pictures:
        folder = found.pictures[0].partition("/")[0]
        yield f"rename the folder of the pictures: {_moved(path / folder, path / 'images')}"


def _moved(source: Path, target: Path) -> str:
    return f"mv {quoted(source)} {quoted(target)}"


def _inner_table(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    for name in ("images", "Images"):
        inner = [each for each in found.files if each.rpartition("/")[0] == name]
        for table in (each for each in inner if each.rpartition("/")[2] in _TABLES):
            yield f"move the table beside the pictures' folder: {_moved(path / table, path)}"


def _flickr(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    tokens = [name for name in found.telling if name.endswith((".token.txt", ".token"))]
    if tokens:
        token = min(tokens, key=lambda name: ".lemma." in name)
        beside = survey((path / token).parent).beside
        if missing := missing_lists(beside):
            *most, last = missing
            lists = f"lists {', '.join(most)} and {last}" if most else f"list {last}"
            them = "them" if most else "it"
            yield f"{one_line(token)} needs the {lists} beside it: put {them} there"


def _texts_apart(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    """Texts that are called like pictures, and lie in another folder than these."""
    folders = {PurePosixPath(name).stem: PurePosixPath(name).parent for name in found.pictures}
    apart = [name for name in found.texts if PurePosixPath(name).stem in folders]
    if apart:
        folder = path / folders[PurePosixPath(apart[0]).stem]
        texts = counted(
            len(apart), "text is called like a picture", "texts are called like pictures"
        )
        yield (
            f"{texts}, {one_line(apart[0])} the first: put each beside its picture, in {folder}; "
            "or read the pictures alone with --format pictures"
        )


def _json(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    """Karpathy's and COCO's tables are known by their names."""
    named = [name for name in found.tables if name.lower().endswith(".json")]
    if named and found.pictures:
        told = re.sub("^dataset|dataset$", "", PurePosixPath(named[0]).stem, flags=re.IGNORECASE)
        table = path / f"dataset_{told.strip('-_. ') or corpus_name(path)}.json"
        yield (
            f"if {one_line(named[0])} holds Karpathy's splits (images with sentences), call it "
            f"{table.name}: {_moved(path / named[0], table)}; if COCO's captions, "
            "captions_train.json; or read the pictures alone with --format pictures"
        )


def _other_table(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    if found.tables and found.pictures:
        yield (
            f"if {one_line(found.tables[0])} holds the captions, call it captions.csv, with the "
            "first line image,caption, and put the pictures in images/; or read the pictures alone "
            "with --format pictures"
        )


def _deeper(path: Path, found: Survey, fitting: Fitting) -> Iterator[str]:
    if found.telling and found.pictures:
        yield (
            f"{one_line(found.telling[0])} is not read where it lies: {START}; or read the "
            "pictures alone with --format pictures"
        )


_LOOKS = (
    *(_too_low, _too_high, _packed, _spreadsheet, _no_pictures),
    *(_known_table, _inner_table, _flickr, _texts_apart, _json, _other_table, _deeper),
)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_ENDINGS)


def _is_table(name: str) -> bool:
    return name.lower().endswith(table_endings())
