"""The Wikipedia set of Rasiwasia et al. 2010: vectors of both sides, with ten classes.

``raw_features.mat`` has ``I_tr``, ``I_te`` (SIFT) and ``T_tr``, ``T_te`` (LDA), a row an item, and
the lists a line a row: the text's id, the image's, and the class from 1 on. Its test part stays
whole; what a training is chosen on is held back of its training part.
"""

from pathlib import Path

from core.corpora._classes import class_names, numbered
from core.corpora._paired import PairedSplit, paired, refuse_counts
from core.corpora._places import unfit
from core.corpora._reading import read_text
from core.corpora._stored import Matrix
from core.corpora._survey import survey
from core.errors import InputError
from core.records import Corpus

MATRICES = "raw_features.mat"
LISTS = {"train": "trainset_txt_img_cat.list", "test": "testset_txt_img_cat.list"}
NEEDS = "raw_features.mat (I_tr, I_te, T_tr, T_te), trainset_ and testset_txt_img_cat.list"
EXAMPLE = {
    MATRICES: {
        "I_tr": [[1.0, 0.0], [0.0, 1.0]],
        "T_tr": [[1.0], [0.5]],
        "I_te": [[1.0, 1.0]],
        "T_te": [[0.25]],
    },
    LISTS["train"]: "t-1\ta.jpg\t1\nt-2\tb.jpg\t2\n",
    LISTS["test"]: "t-3\tc.jpg\t2\n",
}
FIELDS = 3


def recognises(path: Path) -> bool:
    """Whether the matrices and the lists lie in the folder."""
    return {MATRICES, *LISTS.values()} <= set(survey(path).beside)


def read(path: Path) -> Corpus:
    """The corpus: the ids are the lists' own, the labels the classes' names, or their numbers.

    Raises:
        InputError: a file is missing or damaged, or counts do not fit; with both names.
    """
    if not recognises(path):
        raise unfit(path, "wikipedia", NEEDS)
    return paired(path, [_split(path, split) for split in LISTS])


def _split(path: Path, split: str) -> PairedSplit:
    image, text = (Matrix(path / MATRICES, f"{side}_{split[:2]}") for side in "IT")
    rows, file = refuse_counts(image, text), path / LISTS[split]
    lines = _lines(file)
    if len(lines) != rows:
        raise InputError(
            f"{image} has {rows:,} rows and {file} has {len(lines):,} lines; bring both of one "
            "edition"
        )
    texts, images, classes = zip(*lines, strict=True)
    names = class_names(path)
    labels = numbered([int(each) for each in classes], names[1], 1, str(file), names[0])
    return PairedSplit(split, image, text, labels, images, texts)


def _lines(file: Path) -> list[list[str]]:
    """The fields of each line.

    Raises:
        InputError: a line is another, or its class is no number from 1 on.
    """
    found = [line.split() for line in read_text(file).split("\n") if line.strip()]
    for number, fields in enumerate(found, start=1):
        if len(fields) != FIELDS or not fields[2].isdecimal() or int(fields[2]) < 1:
            raise InputError(
                f"line {number:,} of {file} is not the text's id, the image's and its class, a "
                "number from 1 on; mend it"
            )
    return found
