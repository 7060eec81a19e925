"""Parquet tables, one or a folder of them, with pictures or paths of them, and captions.

``image`` holds the bytes, or is Hugging Face's struct of ``bytes`` and ``path``, or a path below
``images/`` or the folder; ``caption`` a text or a list of texts. A picture's id is its name where
each row has one: rows of one name and of the same bytes are one picture. Else it is the table's
name and the row's number. The split is the column ``split``, else the word in the table's name
(``train-00000-of-00002.parquet``); where neither tells one of any picture, it is ``hash_splits``'s.
"""

from pathlib import Path

from core.corpora._parquet_rows import Row, read_rows
from core.corpora._places import corpus_name, hash_splits, note_of_one_split, unfit
from core.corpora._survey import is_visible
from core.errors import InputError
from core.places import read_place
from core.records import Caption, Corpus, Image
from core.wording import counted

NEEDS = "a .parquet table, or a folder of them (here or in data/), with image and caption"
ENDINGS = (".parquet",)
EXAMPLE = {
    "data/train-00000-of-00001.parquet": [
        {"image": {"bytes": "", "path": "c.jpg"}, "caption": ["A dog", "A brown dog"]},
        {"image": {"bytes": "", "path": "a.jpg"}, "caption": ["A cat"]},
    ],
    "data/test-00000-of-00001.parquet": [
        {"image": {"bytes": "", "path": "b.jpg"}, "caption": ["A dog"]},
    ],
}


def recognises(path: Path) -> bool:
    """Whether this is a ``.parquet``, or a folder that holds one, or its ``data/`` does."""
    return bool(_files(path))


def read(path: Path) -> Corpus:
    """The corpus; what has no picture is counted in the notes.

    Raises:
        InputError: pyarrow is not installed, a fault in a table (``read_rows``), or rows that
            disagree about a picture's split or label.
    """
    files = _files(path)
    if not files:
        raise unfit(path, "parquet", NEEDS)
    root = path if path.is_dir() else path.parent
    rows: list[Row] = []
    notes: list[str] = []
    for file in files:
        some, told = read_rows(file, root)
        rows += some
        notes += told
    bare = [f"{row.number}: no picture" for row in rows if row.place is None]
    if bare:
        notes.append(f"{counted(len(bare), 'row has', 'rows have')} no picture: left out")
    kept = [row for row in rows if row.place is not None]
    return _corpus(path, _grouped(kept, notes), notes, bare)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.name.lower().endswith(".parquet") else []
    for folder in (path, path / "data"):
        there = folder.iterdir() if folder.is_dir() else iter(())
        named = (each for each in there if is_visible(each.name))
        if found := sorted(each for each in named if each.name.lower().endswith(".parquet")):
            return found
    return []


def _grouped(rows: list[Row], notes: list[str]) -> dict[str, list[Row]]:
    """The rows of each picture, by its id."""
    named: dict[str, list[Row]] = {}
    for row in rows:
        named.setdefault(row.name or "", []).append(row)
    if "" not in named and all(_is_one(each) for each in named.values()):
        return named
    if "" not in named:
        notes.append("several pictures have one name: the ids are the rows' numbers")
    return {row.number: [row] for row in rows}


def _is_one(rows: list[Row]) -> bool:
    """Whether rows of one name are of one picture: nothing but its bytes can tell."""
    places = {row.place for row in rows if row.place is not None}
    return len(places) < 2 or len({read_place(place) for place in places}) == 1


def _corpus(path: Path, found: dict[str, list[Row]], notes: list[str], bare: list[str]) -> Corpus:
    splits = {image_id: _agreed(image_id, rows, "split") for image_id, rows in found.items()}
    if not any(splits.values()):
        has = {i: any(t.strip() for row in rows for t in row.captions) for i, rows in found.items()}
        splits = dict(hash_splits(has))
    elif all(row.named for rows in found.values() for row in rows):
        notes = [*notes, *note_of_one_split(filter(None, splits.values()))]
    images = [
        Image(
            i, rows[0].place, splits[i] or "extra", tuple(filter(None, [_agreed(i, rows, "label")]))
        )
        for i, rows in found.items()
    ]
    captions = [
        (image_id, Caption(f"{image_id}#{k}", text))
        for image_id, rows in found.items()
        for k, text in enumerate(text for row in rows for text in row.captions)
    ]
    return Corpus.build(corpus_name(path).removesuffix(".parquet"), images, captions, notes, bare)


def _agreed(image_id: str, rows: list[Row], what: str) -> str | None:
    told: set[str] = {value for row in rows if (value := getattr(row, what)) is not None}
    if len(told) > 1:
        first, second = sorted(told)[:2]
        raise InputError(
            f"{image_id!r} has the {what}s {first!r} and {second!r}; make its rows agree"
        )
    return told.pop() if told else None
