"""What to mend in a corpus, and whether a training could begin as it is."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.errors import TencropError
from core.places import file_of
from core.records import SPLITS, Corpus
from core.wording import counted
from pipeline.checkup.odd_names import OddNames
from pipeline.checkup.report import Files
from pipeline.leaks.copies import Copies
from pipeline.leaks.looks import MISSING, Look
from pipeline.refusals.ahead import TRAINED, require_splits
from pipeline.refusals.shares import too_many_lost

NO_CAPTIONS = (
    "no picture has a caption: `features` can be run, a training needs captions; add them as one "
    "of the formats that `features --help` lists"
)

THERE = ("picture is not there", "pictures are not there")
SHUT = ("picture is there and cannot be opened", "pictures are there and cannot be opened")
BROKEN = ("picture cannot be decoded", "pictures cannot be decoded")


def lacking(corpus: Corpus, looks: Sequence[Look], max_errors: float) -> str:
    """Why `features` and `train` would not get through, with the way out; empty where they would.

    Of missing and broken pictures ``max_errors`` percent may be left out, as in the stages.
    """
    if not corpus.captions:
        return NO_CAPTIONS
    usable = np.array([look.usable for look in looks], dtype=bool)
    if all(look.why == MISSING for look in looks):
        where = ", ".join(
            sorted({str(file_of(image.picture).parent) for image in corpus.images})[:3]
        )
        there = counted(len(looks), "picture")
        return f"none of the {there} is there; they were looked for in {where}: put them there"
    lost = {image.id for image, fit in zip(corpus.images, usable, strict=True) if not fit}
    told = (corpus, lost, max_errors, "pictures cannot be read")
    if problem := too_many_lost(*told, way="mend them"):
        return str(problem)
    try:
        require_splits(corpus.select(usable), TRAINED)
    except TencropError as error:
        return str(error)
    return str(too_many_lost(*told, need=TRAINED, way="mend them") or "")


def mend(
    corpus: Corpus, files: Files, names: OddNames, same: Sequence[Copies], alike: Sequence[Copies]
) -> list[str]:
    """A sentence for each thing to mend, with the first one by its name; the gravest first."""
    return [
        *_files(files),
        *_across(same, alike),
        *_names(names),
        *_splits(corpus),
    ]


def _files(files: Files) -> Iterator[str]:
    for faults, one, several, way in (
        (files.missing, *THERE, "put them there, or take their captions out"),
        (files.shut, *SHUT, "see to their permissions"),
        (files.broken, *BROKEN, "replace them, or take them out"),
    ):
        if faults:
            first, why = faults[0]
            yield f"{counted(len(faults), one, several)}, first {first!r} ({why}): {way}"


def _across(same: Sequence[Copies], alike: Sequence[Copies]) -> Iterator[str]:
    for copies, what, way in (
        (same, "the same file", "keep each file in one split"),
        (alike, "look alike", "look at them, and keep those that are one picture in one split"),
    ):
        across = [each for each in copies if each.across]
        if across:
            first = ", ".join(f"{split} {name!r}" for name, split in across[0].sides)
            groups = counted(len(across), "group of pictures", "groups of pictures")
            yield f"{groups} in different splits: {what}, first {first}: {way}"


def _names(names: OddNames) -> Iterator[str]:
    for odd, what in (
        (names.control, "holds a line break or another character that cannot be seen"),
        (names.spaces, "begins or ends with a space"),
    ):
        if odd:
            more = f" (and {len(odd) - 1} more)" if len(odd) > 1 else ""
            yield f"rename {odd[0]!r}{more}: it {what}"
    for groups, what in (
        (names.case, "differ only in capitals, and are one file on many a disk"),
        (names.unicode, "differ only in how their accents are written, and look the same"),
    ):
        if groups:
            listed = " or ".join(map(repr, groups[0]))
            more = f" (and {len(groups) - 1} more such groups)" if len(groups) > 1 else ""
            yield f"rename {listed}{more}: they {what}"


def _splits(corpus: Corpus) -> Iterator[str]:
    told = {corpus.images[owner].split for owner in set(corpus.owner.tolist())}
    if told and "test" not in told:
        there = ", ".join(split for split in SPLITS if split in told) or "none of the usual"
        yield f"no picture of the split 'test' has a caption (there are: {there}): put some into it"
