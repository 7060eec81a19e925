"""A plain folder: pictures in ``images/`` and one table ``captions.csv``, ``.tsv`` or ``.jsonl``.

Columns: ``image`` (relative to ``images/``), ``caption``, and optional ``split`` and ``label``. An
image on several rows has several captions. A picture's id is its path relative to ``images/``, a
caption's ``image#k``, k from 0 over the image's rows. A name that no picture has may mean one of
nearly that name (``_names.meant``). Without a split column the split is
``hash_splits`` of the ids; with one, each row says it, and pictures in no row are ``extra``.
"""

from dataclasses import dataclass, field
from pathlib import Path

from core.corpora._names import meant, told
from core.corpora._places import (
    corpus_name,
    hash_splits,
    inside,
    pictures_in,
    unfit,
)
from core.corpora._reading import only
from core.corpora._roots import pictures_folder
from core.corpora._tables import Row, read_rows
from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.splits import split_word
from core.wording import counted

NEEDS = "a folder images/ and one of captions.csv, captions.tsv, captions.jsonl"
ENDINGS = (".csv", ".tsv", ".jsonl")
EXAMPLE = {
    "images/a.jpg": "",
    "images/b.jpg": "",
    "images/c.jpg": "",
    "captions.csv": "image,caption\nc.jpg,A dog\na.jpg,A cat\nb.jpg,A dog\n",
}
_TABLES = ("captions.csv", "captions.tsv", "captions.jsonl")


def recognises(path: Path) -> bool:
    """Whether the folder holds ``images/`` and a caption table."""
    return bool(_tables(path)) and pictures_folder(path).is_dir()


def read(path: Path) -> Corpus:
    """The corpus; an image that is not there stays in it, with the path where it should be.

    Raises:
        InputError: several tables, a fault in one (``read_rows``), an image outside ``images/``,
            an unknown split, or rows that disagree about an image's split or label; names the line.
    """
    if not recognises(path):
        raise unfit(path, "folder", NEEDS)
    notes: list[str] = []
    rows = list(read_rows(only(_tables(path), "caption table", path), notes.append))
    folder = pictures_folder(path)
    there = dict.fromkeys(pictures_in(folder))
    ids = _ids(rows)
    others = meant(ids.values(), there)
    splits_told = any(row.split is not None for row in rows)
    facts: dict[str, _Facts] = {}
    for row in rows:
        image_id = others.get(ids[row.image], ids[row.image])
        facts.setdefault(image_id, _Facts()).add(image_id, row, splits_told)
    named = len(facts)
    for image_id in there:
        facts.setdefault(image_id, _Facts(split="extra" if splits_told else None))
    hashed = hash_splits({key: fact.has_captions for key, fact in facts.items()})
    images = [
        Image(key, folder / key, fact.split or hashed[key], fact.labels)
        for key, fact in facts.items()
    ]
    captions = [
        (key, Caption(f"{key}#{k}", text))
        for key, fact in facts.items()
        for k, text in enumerate(fact.texts)
    ]
    bare = len(facts) - named
    many = counted(bare, "picture in images/ is", "pictures in images/ are")
    notes += [*([f"{many} in no row of the table"] if bare else []), *told(others)]
    return Corpus.build(corpus_name(path), images, captions, notes)


def _ids(rows: list[Row]) -> dict[str, str]:
    """What each name in the table is as a path, each looked at once."""
    ids: dict[str, str] = {}
    for row in rows:
        if row.image not in ids:
            ids[row.image] = inside(row.image, row.where)
    return ids


def _tables(path: Path) -> list[Path]:
    """What may be a table: a FIFO is it too, so that it is refused by name."""
    if not path.is_dir():
        return []
    named = sorted(each for each in path.iterdir() if each.name.lower() in _TABLES)
    return [each for each in named if each.exists() and not each.is_dir()]


@dataclass(slots=True)
class _Facts:
    """What the rows of one image say together."""

    split: str | None = None
    label: str | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.label,) if self.label else ()

    @property
    def has_captions(self) -> bool:
        return any(text.strip() for text in self.texts)

    def add(self, image_id: str, row: Row, splits_told: bool) -> None:
        split = split_word(row.split or "", row.where) if splits_told else None
        label = (row.label or "").strip() or None
        for kind, old, new in (("split", self.split, split), ("label", self.label, label)):
            if None not in (old, new) and old != new:
                raise InputError(
                    f"{row.where}: {image_id!r} has the {kind} {new!r} here and {old!r} on an "
                    "earlier row; make them agree"
                )
        self.split, self.label = split, label or self.label
        self.texts.append(row.caption)
