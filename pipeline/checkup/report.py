"""All that is found of a corpus, as one object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.corpora import Recognised
from core.records import Corpus
from pipeline.checkup.counts import Counts
from pipeline.checkup.odd_names import OddNames
from pipeline.checkup.trial import Estimate
from pipeline.leaks.copies import RADIUS, Copies
from pipeline.leaks.looks import MISSING, Look
from pipeline.leaks.words import Words

FORMAT = "tencrop-corpus/1"


@dataclass(frozen=True, slots=True)
class Files:
    """The files of the pictures: how many bytes there are, and (id, why) of those with a fault.

    ``missing`` are not there, ``shut`` cannot be opened, ``broken`` are no pictures.
    """

    bytes: int
    missing: tuple[tuple[str, str], ...]
    shut: tuple[tuple[str, str], ...]
    broken: tuple[tuple[str, str], ...]

    @staticmethod
    def of(corpus: Corpus, looks: Sequence[Look]) -> "Files":
        """Those of the pictures of ``corpus``, in their order."""
        told = [(image.id, look) for image, look in zip(corpus.images, looks, strict=True)]
        faults = [(name, look) for name, look in told if look.why]
        return Files(
            sum(look.bytes for look in looks),
            tuple((name, look.why) for name, look in faults if look.why == MISSING),
            tuple((n, look.why) for n, look in faults if not look.sha256 and look.why != MISSING),
            tuple((name, look.why) for name, look in faults if look.sha256),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of a corpus.

    ``mend`` are sentences, what to mend first. ``lacking`` says why no training could begin, with
    the way out; it is empty where one could. ``estimates`` are one a backbone that is asked about,
    none where no picture can be read.
    """

    corpus: Corpus
    recognised: Recognised
    counts: Counts
    files: Files
    names: OddNames
    same: tuple[Copies, ...]
    alike: tuple[Copies, ...]
    words: dict[str, Words]
    estimates: tuple[Estimate, ...]
    mend: tuple[str, ...]
    lacking: str

    def to_json(self) -> dict[str, Any]:
        """As JSON values; docs/looking.md lists them."""
        estimates = [estimate.to_json() for estimate in self.estimates]
        return {
            "format": FORMAT,
            "corpus": self.corpus.name,
            **recognition(self.recognised),
            "notes": list(self.corpus.notes),
            "pictures": len(self.corpus.images),
            "captions": len(self.corpus.captions),
            **self.counts.to_json(),
            "files": asdict(self.files),
            "names": asdict(self.names),
            "same": [copies.to_json() for copies in self.same],
            "alike": [copies.to_json() for copies in self.alike],
            "radius": RADIUS,
            "words": {split: words.to_json() for split, words in self.words.items()},
            "estimate": next(iter(estimates), None),
            "estimates": estimates,
            "mend": list(self.mend),
            "lacking": self.lacking,
        }


def recognition(found: Recognised) -> dict[str, Any]:
    """What the path was recognised as, as JSON values."""
    return {
        "path": str(found.path),
        "formats": list(found.formats),
        "seen": found.seen,
        "advice": found.advice,
    }
