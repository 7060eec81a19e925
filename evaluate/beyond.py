"""Both ways of asking where files say what is right; without files, the owners do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.positives import Answers, read_positives
from evaluate.matched import CAPTION, IMAGE, Matched, NamedRows, listed, owned
from evaluate.right import Right
from evaluate.scores.face import Scores
from evaluate.standing import CAPTIONS, IMAGES
from evaluate.way import Way

NAMED = 100
"""So many of the ids that a corpus lacks are named in a report; all are counted."""
ASKS = {"i2t": IMAGES, "t2i": CAPTIONS}


@dataclass(frozen=True, slots=True)
class Beyond:
    """``ways``: each that somebody asks, by its name, and who is right there.

    ``told``: JSON facts. ``unknown`` has of images and captions how ``many`` ids of the files are
    not there, and the ``first`` of them; ``ways`` of each way ``queries``, ``lost`` (right answers
    of theirs that are not there), ``without_own`` (queries some own answer of which is not right).
    """

    ways: Mapping[str, tuple[Way, Right]]
    told: Mapping[str, Any]

    @staticmethod
    def of(scores: Scores, files: Sequence[Path], least: float) -> "Beyond":
        """Read ``files`` (see ``core.positives``) and find their ids among those of ``scores``.

        Raises:
            InputError: a file cannot be read, or none of its pairs is there.
        """
        return _of_files(scores, files, least) if files else _of_owners(scores)


def _of_owners(scores: Scores) -> Beyond:
    own = zip(ASKS, owned(scores.sides.owner), strict=True)
    ways = {
        name: _way(scores, name, {row: sorted(right[row]) for row in sorted(right)})
        for name, right in own
    }
    return Beyond(ways, {"unknown": _unknown([], []), "ways": {}})


def _of_files(scores: Scores, files: Sequence[Path], least: float) -> Beyond:
    told, sides = read_positives(files, least), scores.sides
    images, captions = NamedRows(sides.image_id, IMAGE), NamedRows(sides.caption_id, CAPTION)
    i2t = Matched.of(told.i2t, images, captions)
    t2i = Matched.of(told.t2i, captions, images)
    asked = {name: each for name, each in (("i2t", i2t), ("t2i", t2i)) if each.answers}
    if not asked:
        raise InputError(
            f"{' and '.join(map(str, files))}: no right pair is of this split; its first image is "
            f"{str(sides.image_id[0])!r}, its first caption {str(sides.caption_id[0])!r}, and "
            f"{_first(told.t2i or told.i2t)}; name the files of this corpus, or its split"
        )
    own = dict(zip(ASKS, owned(sides.owner), strict=True))
    rows = {
        name: {
            "queries": len(each.answers),
            "lost": each.lost,
            "without_own": each.without(own[name]),
        }
        for name, each in asked.items()
    }
    unknown = _unknown([*i2t.asking, *t2i.answering], [*i2t.answering, *t2i.asking])
    ways = {name: _way(scores, name, each.answers) for name, each in asked.items()}
    return Beyond(ways, {"unknown": unknown, "ways": rows})


def _way(scores: Scores, name: str, answers: Mapping[int, list[int]]) -> tuple[Way, Right]:
    way = Way(scores, ASKS[name])
    return way, listed(answers, len(way.asking), way.gallery)


def _unknown(images: Sequence[str], captions: Sequence[str]) -> dict[str, dict[str, Any]]:
    told = {"image": sorted(set(images)), "caption": sorted(set(captions))}
    return {noun: {"many": len(ids), "first": ids[:NAMED]} for noun, ids in told.items()}


def _first(told: Answers) -> str:
    asks, answers = next(iter(told.items()))
    return f"the files ask with {asks!r} for {min(answers)!r}"
