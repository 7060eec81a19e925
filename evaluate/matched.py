"""Right answers that files name, found among the images and captions that are asked about."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.positives import Answers
from evaluate.hits import Ints
from evaluate.right import Listed
from evaluate.scores.sides import Names

IMAGE = re.compile(r"(?:(?:.*/)?COCO_\w+_)?(\d+)(?:\.\w+)?")
CAPTION = re.compile(r"(?:COCO_\w+:sentid:)?(\d+)")


class NamedRows:
    """The rows of N ids, which a file may call by another name.

    Where an id stands as it is, it is that; else MSCOCO's numbers count, as of
    ``COCO_val2014_000000391895.jpg`` and ``COCO_val2014:sentid:770337``. A number that two ids have
    is none's.
    """

    def __init__(self, ids: Names, number: re.Pattern[str]) -> None:
        """``ids`` (N,); ``number`` finds that of MSCOCO in an id, where it is one."""
        self._number = number
        self._row: dict[str | int, int] = {str(i): row for row, i in enumerate(ids)}
        rows = defaultdict[int, list[int]](list)
        for row, name in enumerate(ids):
            if found := number.fullmatch(str(name)):
                rows[int(found[1])].append(row)
        self._row |= {of: several[0] for of, several in rows.items() if len(several) == 1}

    def of(self, name: str) -> int | None:
        """The row of an id of a file; None where there is none."""
        if name in self._row:
            return self._row[name]
        found = self._number.fullmatch(name)
        return self._row.get(int(found[1])) if found else None


@dataclass(frozen=True, slots=True)
class Matched:
    """One way of asking: rows of those who ask, and for each the rows of the right answers.

    ``answers``: by the row of who asks, those that are there, rising; none of them empty.
    ``asking, answering``: the ids of the files that are not there, each once, sorted. ``lost``: how
    many right answers of those who are there are not.
    """

    answers: dict[int, list[int]]
    asking: list[str]
    answering: list[str]
    lost: int

    @staticmethod
    def of(told: Answers, asking: NamedRows, answering: NamedRows) -> "Matched":
        """Find what the files tell."""
        answers = defaultdict[int, set[int]](set)
        unasked, unknown, lost = set[str](), set[str](), 0
        for name, right in told.items():
            row = asking.of(name)
            found = {each: answering.of(each) for each in right}
            away = {each for each, place in found.items() if place is None}
            unknown |= away
            if row is None:
                unasked.add(name)
                continue
            lost += len(away)
            answers[row] |= {place for place in found.values() if place is not None}
        there = {row: sorted(answers[row]) for row in sorted(answers) if answers[row]}
        return Matched(there, sorted(unasked), sorted(unknown), lost)

    def without(self, own: dict[int, set[int]]) -> int:
        """How many of those who ask lack one of their ``own`` among the right answers."""
        return sum(not own.get(row, set()) <= set(right) for row, right in self.answers.items())


def listed(answers: Mapping[int, list[int]], queries: int, gallery: int) -> Listed:
    """The right answers of so many who could ask, among so many candidates, by rising rows."""
    many: Ints = np.zeros(queries + 1, dtype=np.int64)
    for row, right in answers.items():
        many[row + 1] = len(right)
    found = [each for right in answers.values() for each in right]
    return Listed(np.array(found, dtype=np.int64), np.cumsum(many), gallery)


def owned(owner: Ints) -> Iterator[dict[int, set[int]]]:
    """Whose each answer is: the captions of each image, then the image of each caption."""
    captions = defaultdict[int, set[int]](set)
    for caption, image in enumerate(owner.tolist()):
        captions[image].add(caption)
    yield dict(captions)
    yield {caption: {image} for caption, image in enumerate(owner.tolist())}
