"""Who is a right answer to whom, as files say it: ECCV Caption's, CxC's, or one's own table."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files import read_regular

Answers = Mapping[str, frozenset[str]]
TO_TEXT, TO_IMAGE = "image_to_caption", "caption_to_image"
"""What the name of a JSON file holds, by who asks in it."""
COLUMNS = ("image", "caption")
SCORES = ("agg_score", "score")
LEAST = 3.0
"""From this score on a pair of CxC is right (Parekh et al. 2021, section 3)."""
WAYS_OUT = "see docs/protocols.md, Extended"


@dataclass(frozen=True, slots=True)
class Positives:
    """The ids of the right answers, each as its file has it.

    ``i2t``: the captions that are right for each image that asks; ``t2i``: the images that are
    right for each caption that asks. Neither follows from the other.
    """

    i2t: Answers
    t2i: Answers


def read_positives(files: Sequence[Path], least: float = LEAST) -> Positives:
    """What all ``files`` say together.

    Args:
        files: each ``.json`` or ``.csv``, as docs/protocols.md describes them.
        least: the least score of a right pair, in tables that have scores.

    Raises:
        InputError: a file cannot be read, is none of these, or names no right answer.
    """
    found: dict[str, dict[str, set[str]]] = {w: defaultdict(set) for w in (TO_TEXT, TO_IMAGE)}
    for file in files:
        several = False
        for way, asks, answer in _READERS.get(file.suffix.lower(), _unknown)(file, least):
            found[way][asks].add(answer)
            several = True
        if not several:
            raise InputError(
                f"{file} names no right answer (with scores: none of {least:g} or more); {WAYS_OUT}"
            )
    to_text, to_image = ({a: frozenset(b) for a, b in way.items()} for way in found.values())
    return Positives(to_text, to_image)


def _json(file: Path, _least: float) -> Iterator[tuple[str, str, str]]:
    """Way, who asks and a right answer, of an object: id -> list of ids."""
    way = next((way for way in (TO_TEXT, TO_IMAGE) if way in file.name), None)
    if way is None:
        raise InputError(
            f"{file}: the name does not say who asks; rename it so that it holds {TO_TEXT} or "
            f"{TO_IMAGE}"
        )
    try:
        told = json.loads(_text(file))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON ({error}); mend it") from None
    if not isinstance(told, dict):
        raise InputError(f"{file}: no object of ids; {WAYS_OUT}")
    for asks, answers in told.items():
        if not isinstance(answers, list) or not all(map(_is_id, answers)):
            raise InputError(f"{file}: the answers to {asks!r} are no list of ids; {WAYS_OUT}")
        yield from ((way, asks, str(answer)) for answer in answers)


def _csv(file: Path, least: float) -> Iterator[tuple[str, str, str]]:
    """Both ways of each pair of a table, if its score says so."""
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if any(header.count(name) != 1 for name in COLUMNS):
            raise InputError(f"{file}:1: the header needs the columns image and caption once each")
        image, caption = map(header.index, COLUMNS)
        score = next((header.index(name) for name in SCORES if name in header), None)
        for row in filter(None, reader):
            where = f"{file}:{reader.line_num}"
            if len(row) != len(header):
                raise InputError(f"{where}: {len(row)} fields where the header has {len(header)}")
            if score is None or _score(row[score], where) >= least:
                yield TO_TEXT, row[image], row[caption]
                yield TO_IMAGE, row[caption], row[image]
    except csv.Error as error:
        raise InputError(f"{file}:{reader.line_num}: {error}; mend the quoting") from None


_READERS = {".json": _json, ".csv": _csv}


def _unknown(file: Path, _least: float) -> Iterator[tuple[str, str, str]]:
    raise InputError(f"{file} is neither .json nor .csv; {WAYS_OUT}")


def _text(file: Path) -> str:
    try:
        return read_regular(file).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}; check the file and its permissions") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: not UTF-8 text; save the file as UTF-8") from None


def _score(told: str, where: str) -> float:
    try:
        score = float(told)
    except ValueError:
        score = float("nan")
    if not isfinite(score):
        raise InputError(f"{where}: {told[:40]!r} is no score; mend it, or leave the column out")
    return score


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
