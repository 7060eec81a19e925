"""Vectors of images and of texts that somebody else made, pair by pair, with labels.

``train_images.npy`` and ``train_texts.npy`` are (N, D), row n of both of item n;
``train_labels.npy`` is (N,) whole numbers or (N, classes) of 0 and 1; so of ``val`` and ``test``.
Or they are variables of a ``.mat`` or an HDF5 file. ``_slots`` says by which names they are known.
"""

from collections.abc import Mapping
from pathlib import Path

from core.corpora._called import TABLE
from core.corpora._classes import Labels, labels_of
from core.corpora._paired import PairedSplit, paired, refuse_counts
from core.corpora._places import unfit
from core.corpora._reading import read_text
from core.corpora._side_labels import labels_by_split
from core.corpora._slots import IMAGE, TEXT, VECTORS, Slot, slot_of
from core.corpora._stored import ALONE, Matrix, files_of, found_at
from core.corpora._survey import survey
from core.corpora._unread import refuse_unread
from core.errors import InputError
from core.records import SPLITS, Corpus

NEEDS = "train_images.npy, train_texts.npy, train_labels.npy (and val, test), or one .mat or .h5"
EXAMPLE = {
    "train_images.npy": [[1.0, 0.0], [0.0, 1.0]],
    "train_texts.npy": [[1.0], [0.5]],
    "train_labels.npy": [[1.0], [0.0]],
    "train_ids.txt": "a.jpg\nb.jpg\n",
    "val_images.npy": [[1.0, 1.0]],
    "val_texts.npy": [[0.25]],
    "val_labels.npy": [[1.0]],
    "val_ids.txt": "c.jpg\n",
}
OTHERS = (".json", ".csv", ".tsv", ".jsonl", ".token", "_caps.txt", "_cat.list", ".tar", ".parquet")
"""What tells of pictures in another way: such a folder is another format's."""
MOST_TOLD = 8
"""So many matrices a message names."""


def recognises(path: Path) -> bool:
    """Whether such matrices lie there, and nothing that tells of pictures."""
    if path.is_file():
        return bool(files_of(path)) and path.suffix.lower() != ALONE
    found = survey(path)
    if found.pictures or any(name.lower().endswith(OTHERS) for name in found.beside):
        return False
    files = files_of(path)
    named = bool(files) and TABLE in found.beside
    return named or any(file.suffix.lower() != ALONE or _known(file.stem) for file in files)


def read(path: Path) -> Corpus:
    """The corpus, of the splits that are there; which matrices were left out is noted.

    Raises:
        InputError: no matrix is known by its name, a side of a split is missing, counts do not fit,
            or a file is damaged; each time with the matrices' names.
    """
    found, left_out = found_at(path) if path.exists() else ({}, {})
    splits = [s for s in (*SPLITS, "") if any(each[::2] == (s, VECTORS) for each in found)]
    if not splits:
        raise _unnamed(path, left_out) if left_out else unfit(path, "vectors", NEEDS)
    refuse_unread(path, found, left_out)
    if "" in splits and len(splits) > 1:
        lone = next(matrix for slot, matrix in found.items() if slot[::2] == ("", VECTORS))
        raise InputError(f"{lone} tells no split, and others do; call it by its split too")
    sides = {split: _sides(found, split) for split in splits}
    rows = {split: refuse_counts(*pair) for split, pair in sides.items()}
    folder = path if path.is_dir() else path.parent
    labels = labels_of(labels_by_split(found, rows), folder) if rows else {}
    parts = [_split(folder, split, sides[split], rows[split], labels) for split in splits]
    notes = [f"{m} is left out: its name tells of no images, texts or labels" for m in left_out]
    return paired(path, parts, notes)


def _unnamed(path: Path, left_out: Mapping[Matrix, str]) -> InputError:
    """The error for matrices whose names tell nothing."""
    each = [f"{m.name} ({other})" if other else m.name for m, other in left_out.items()]
    more = f" and {len(each) - MOST_TOLD} more" if len(each) > MOST_TOLD else ""
    folder = path if path.is_dir() else path.parent
    return InputError(
        f"{path}: no name there tells of images and texts: {', '.join(each[:MOST_TOLD])}{more}; "
        f"say which is what in {folder / TABLE}, a line a matrix of numbers, such as "
        "'NAME train_images'"
    )


def _known(name: str) -> bool:
    slot = slot_of(name)
    return slot is not None and slot.kind == VECTORS


def _sides(found: Mapping[Slot, Matrix], split: str) -> tuple[Matrix, Matrix]:
    """The matrices of the images and of the texts.

    Raises:
        InputError: one is missing.
    """
    there = {side: found.get(Slot(split, side, VECTORS)) for side in (IMAGE, TEXT)}
    image, text = there[IMAGE], there[TEXT]
    if image is None or text is None:
        lacking, has = (IMAGE, text) if image is None else (TEXT, image)
        raise InputError(
            f"{has} is there, and no matrix of the {lacking}s of its items; put it beside it, "
            f"called {'_'.join(filter(None, [split, f'{lacking}s']))}"
        )
    return image, text


def _split(
    folder: Path,
    split: str,
    sides: tuple[Matrix, Matrix],
    rows: int,
    labels: Mapping[str, Labels],
) -> PairedSplit:
    ids = _ids(folder, split, rows)
    told = labels.get(split, [()] * rows)
    return PairedSplit(split, *sides, told, ids, [f"{name}#0" for name in ids])


def _ids(folder: Path, split: str, rows: int) -> list[str]:
    """Of each row: told in ``SPLIT_ids.txt``, or its number.

    Raises:
        InputError: another count of lines, an empty one, or one twice.
    """
    file = folder / "_".join(filter(None, [split, "ids.txt"]))
    before = f"{split}/" if split else ""
    if not file.exists():
        return [f"{before}{number:0{max(6, len(str(rows)))}}" for number in range(rows)]
    told = [line.strip() for line in read_text(file).rstrip("\n").split("\n")]
    if len(told) != rows or len(set(told)) < rows or "" in told:
        raise InputError(
            f"{file} has {len(told):,} lines and its split {rows:,} items; write an id a line, "
            "each another, or move the file elsewhere"
        )
    return [f"{before}{name}" for name in told]
