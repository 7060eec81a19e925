"""Flickr30k as Kaggle hands it out: a table ``results.csv``, and pictures in ``flickr30k_images/``.

The table's first line is ``image_name| comment_number| comment``; in each other one all after the
second bar is the caption, without the blanks around it. A row with fewer bars, as there is one, is
left out. The table lies beside the pictures' folder or in it. A picture's id is its name, a
caption's ``name#comment_number``; the split is ``hash_splits``'s. A picture in no row has none.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.corpora._homes import home
from core.corpora._lists import NOT_KARPATHYS
from core.corpora._places import corpus_name, hash_splits, inside, pictures_in, unfit
from core.corpora._reading import lines, only
from core.corpora._survey import survey
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "results.csv with image_name| comment_number| comment, beside flickr30k_images/ or in it"
ENDINGS = (".csv",)
EXAMPLE = {
    "flickr30k_images/a.jpg": "",
    "flickr30k_images/b.jpg": "",
    "flickr30k_images/c.jpg": "",
    "results.csv": (
        "image_name| comment_number| comment\n"
        "c.jpg| 0| A dog .\na.jpg| 0| A cat .\nb.jpg| 0| A dog .\nb.jpg| 1   A brown dog .\n"
    ),
}
HEADER = "image_name| comment_number| comment"
_TABLE, _FOLDER = "results.csv", "flickr30k_images"
_Rows = dict[str, list[tuple[str, str]]]


def recognises(path: Path) -> bool:
    """Whether there are pictures and a ``results.csv``: here, or in ``flickr30k_images/``."""
    return bool(_tables(path)) and bool(survey(path).pictures)


def read(path: Path) -> Corpus:
    """The corpus; rows that are broken are left out and counted in the notes.

    Raises:
        InputError: no such table or several, another header, or a name that leaves the folder.
    """
    if not recognises(path):
        raise unfit(path, "flickr_results", NEEDS)
    table = only(_tables(path), _TABLE, path)
    rows, broken = result_rows(table)
    usual = [table.parent / place for place in ("images", _FOLDER, ".")]
    folder, notes = home(rows, usual, (table.parent, path))
    bare = [name for name in pictures_in(folder) if name not in rows]
    splits = hash_splits({name: name in rows for name in (*rows, *bare)})
    images = [Image(name, folder / name, split) for name, split in splits.items()]
    captions = [
        (name, Caption(f"{name}#{number}", text))
        for name, told in rows.items()
        for number, text in told
    ]
    notes.append(NOT_KARPATHYS)
    if broken:
        notes.append(f"{counted(len(broken), 'row')} of {table.name} left out, first {broken[0]}")
    if bare:
        many = counted(len(bare), "picture is", "pictures are")
        notes.append(f"{many} in no row of {table.name}")
    return Corpus.build(corpus_name(path), images, captions, notes, broken)


def _tables(path: Path) -> list[Path]:
    named = (name for name in survey(path).files if name.lower().endswith(_TABLE))
    return [path / name for name in named if _fits(PurePosixPath(name.lower()))]


def _fits(name: PurePosixPath) -> bool:
    """Whether it is the table itself, here or in folders that are called like the pictures'."""
    return name.name == _TABLE and {*name.parent.parts} <= {_FOLDER}


def result_rows(table: Path) -> tuple[_Rows, list[str]]:
    """The numbers and texts of each picture's captions, and the rows that are broken.

    Raises:
        InputError: another header, or a name that leaves the folder; names the line.
    """
    rows: _Rows = defaultdict(list)
    broken: list[str] = []
    for name, number, text, where in _fields(table):
        if text and number.isdecimal():
            rows[inside(name, where)].append((number, text))
        else:
            row = "| ".join(filter(None, (name, number, text)))
            broken.append(f"{table.name}:{where.rpartition(':')[2]}: {row[:60]!r} is broken")
    return dict(rows), broken


def _fields(table: Path) -> Iterator[tuple[str, str, str, str]]:
    """Each row in three, and where it is; the header is held against what it should be."""
    for position, (number, line) in enumerate(lines(table)):
        where = f"{table}:{number}"
        if position:
            name, _, rest = line.partition("|")
            comment_number, _, text = rest.partition("|")
            yield name.strip(), comment_number.strip(), text.strip(), where
        elif line.replace(" ", "").lower() != HEADER.replace(" ", ""):
            raise InputError(
                f"{where}: the first line is {line[:60]!r}, and Flickr30k's is {HEADER!r}: make it "
                "so; or call the table captions.csv, with the columns image and caption, and put "
                "the pictures in images/; or read the pictures alone with --format pictures"
            )
