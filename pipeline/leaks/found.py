"""All that was found of what leaks from a training into what is asked: the leak report."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.files import write_bytes
from core.wording import counted
from pipeline.leaks.alike import NONE_LEFT, NOT_ASKED, UNKNOWN, Alike
from pipeline.leaks.copies import RADIUS
from pipeline.leaks.training import Pairs
from pipeline.leaks.words import Words

LEAKS = "leaks.csv"
HEAD = ("leak", "asked", "trained_on", "bits")
MANY = 0.05
"""From this share of unknown words on it is said."""
GONE = "the corpus of the training is not there"


@dataclass(frozen=True, slots=True)
class Leaks:
    """What was found.

    ``pictures`` and ``captions`` are asked about, of the latter those of pictures that were not
    trained on. ``identical`` and ``same`` are (what is asked about, what was trained on), of
    pictures and of captions; None where nobody knows (``why`` of captions). ``words`` are those
    of each run, None where it reads none.
    """

    pictures: int
    captions: int
    identical: Pairs | None
    alike: Alike
    same: Pairs | None
    why: str
    words: Sequence[Words | None]

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the report; docs/protocols.md lists them."""
        words = [told and told.to_json() for told in self.words]
        return {
            "identical": None if self.identical is None else len(self.identical),
            "alike": self.alike.to_json(),
            "captions": {
                "same": None if self.same is None else len(self.same),
                "compared": self.captions,
                "why": self.why,
            },
            "unknown_words": words[0] if len(words) == 1 else words,
        }

    def save(self, folder: Path) -> dict[str, str]:
        """Write ``leaks.csv``, a row a leak; its name and SHA-256. Without any there is no file."""
        rows = list(self._rows())
        if not rows:
            (folder / LEAKS).unlink(missing_ok=True)
            return {}
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n").writerows([HEAD, *rows])
        data = stream.getvalue().encode("utf-8", "backslashreplace")
        write_bytes(folder / LEAKS, data)
        return {LEAKS: sha256(data).hexdigest()}

    def _rows(self) -> Iterator[tuple[str, str, str, int | str]]:
        for asked, trained in self.identical or ():
            yield "same file", asked, trained, 0
        for asked, trained, bits in self.alike.pairs:
            yield "look alike", asked, trained, bits
        for asked, trained in self.same or ():
            yield "same caption", asked, trained, ""

    def notes(self) -> list[str]:
        """Sentences for a person: what leaks, what was not looked at, and words never seen."""
        return [*self._told(), *self._unseen(), *self._words()]

    def _told(self) -> Iterator[str]:
        told = []
        if near := self.alike.pairs:
            first, trained, _ = near[0]
            told.append(
                f"{len(near):,} of {counted(self.pictures, 'picture')} look like one that was "
                f"trained on ({RADIUS} of 64 bits or fewer apart; first {first!r} ~ {trained!r})"
            )
        if self.same:
            told.append(
                f"{len(self.same):,} of {counted(self.captions, 'caption')} say word for word what "
                "a training caption says"
            )
        if told:
            yield f"{', and '.join(told)}: {LEAKS} beside the report lists them"

    def _unseen(self) -> Iterator[str]:
        if self.alike.why not in ("", NOT_ASKED, UNKNOWN, NONE_LEFT):
            yield f"whether pictures look alike was not looked at: {self.alike.why}"
        if unseen := self.alike.unseen:
            reasons = "; ".join(f"{many:,}: {why}" for why, many in sorted(unseen.items()))
            yield (
                f"{counted(sum(unseen.values()), 'picture')} could not be looked at for likeness "
                f"({reasons})"
            )
        if self.why not in ("", UNKNOWN):
            yield f"captions were not compared with those of the training: {self.why}"

    def _words(self) -> Iterator[str]:
        for number, words in enumerate(self.words, start=1):
            if words and words.share > MANY:
                run = f"run {number}" if len(self.words) > 1 else "this run"
                yield (
                    f"{100 * words.share:.1f} % of the words of these captions "
                    f"({words.unseen:,} of {words.words:,}, {words.distinct:,} different ones) are "
                    f"none that {run} knows, most often {', '.join(words.most)}"
                )
