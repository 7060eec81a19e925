"""What a run has seen: the items it was trained and chosen on, by id and by digest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import RunError, fault
from core.files import ListDigest, json_sha256
from core.records import Corpus
from core.sealed import is_as_written, read_sealed, write_sealed
from core.sources import Source, of_captions
from train.record import MEND

FILE, VAL = "seen.json", "val"
FORMAT = "tencrop-seen/1"
DIGITS = 16
"""So many hexadecimal digits of a file's SHA-256 are kept: two of a billion files are alike in
these by a chance of 3 in a hundred; one pair of files by 5e-20."""

Items = list[tuple[str, str]]
"""(id, the first digits of the file's SHA-256, or nothing where there is no file)."""


@dataclass(frozen=True)
class Seen:
    """The items of the training and of the validation part, and what the corpus said.

    ``captions`` has a digest of ids, labels and sentences a split; ``splits`` are those that were
    trained on.
    """

    train: Items
    val: Items
    captions: Mapping[str, str]
    splits: tuple[str, ...]

    @staticmethod
    def of(corpus: Corpus, parts: tuple[Corpus, Corpus], sources: Mapping[str, Source]) -> "Seen":
        """What a training on ``parts`` of ``corpus`` is about to see."""
        train, val = (items(part, sources) for part in parts)
        splits = tuple(sorted({image.split for image in parts[0].images}))
        return Seen(train, val, captions_by_split(corpus), splits)

    def joined(self, former: "Seen") -> "Seen":
        """With the items that ``former`` has seen, each once; the corpus is that of this one."""
        train, val = {*self.train, *former.train}, {*self.val, *former.val}
        return replace(self, train=sorted(train), val=sorted(val))

    @property
    def known(self) -> bool:
        """Whether it is known at all: of a model that somebody else trained nothing is."""
        return bool(self.train or self.val)

    @property
    def digest(self) -> str:
        """The SHA-256 of the items and of what was said of them; other splits do not enter."""
        said = [self.captions.get(split, "") for split in (*self.splits, VAL)]
        return json_sha256([self.train, self.val, said])

    def trained_on(self, asked: Items) -> list[str]:
        """The ids of ``asked`` that were trained on (see ``common``)."""
        return common(self.train, asked)

    def chosen_on(self, asked: Items) -> list[str]:
        """The ids of ``asked`` that the best epoch was chosen on."""
        return common(self.val, asked)

    def named_alike(self, asked: Items) -> list[str]:
        """The ids of ``asked`` that training pictures have, of which the file is another."""
        ids, known = dict(self.train), set(self.trained_on(asked))
        return [image_id for image_id, _ in asked if image_id in ids and image_id not in known]

    def changed(self, corpus: Corpus) -> list[str]:
        """The splits trained and chosen on of which ``corpus`` says another thing by now."""
        now = captions_by_split(corpus)
        told = (*self.splits, VAL)
        return [name for name in told if self.captions.get(name) != now.get(name)]

    def write(self, run: Path) -> None:
        """Write ``seen.json`` into ``run``."""
        write_sealed(run / FILE, {"format": FORMAT, **self._content()})

    def mend(self, run: Path, say: Callable[[str], None]) -> None:
        """Write ``seen.json`` unless a sound one is there: that one tells what was at the time."""
        try:
            there = Seen.read(run, self.digest)
            if not is_as_written(run / FILE):
                there.write(run)
        except RunError as error:
            self.write(run)
            say(f"{fault(error)}: written again, with what the corpus says today of other splits")

    @staticmethod
    def read(run: Path, digest: str) -> "Seen":
        """What ``write`` wrote, of the items with this ``digest``.

        Raises:
            RunError: missing, damaged, changed, or of another run.
        """
        try:
            found = read_sealed(run / FILE)
            train, val = ([(str(i), str(d)) for i, d in found[k]] for k in ("train", "val"))
            seen = Seen(train, val, dict(found["captions"]), tuple(found["splits"]))
            # Earlier versions wrote a digest of another name, of all but itself and the format.
            stated = found.get("sha256", json_sha256(seen._content()))
            sound = stated == json_sha256(seen._content()) and found["format"] == FORMAT
        except FileNotFoundError:
            raise RunError(f"{run / FILE} is missing; {MEND}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{run / FILE} is damaged ({error}); {MEND}") from error
        if not sound or seen.digest != digest:
            raise RunError(f"{run / FILE} is not what this run has seen; {MEND}")
        return seen

    def _content(self) -> dict[str, Any]:
        splits = {"captions": dict(self.captions), "splits": list(self.splits)}
        return {"train": self.train, "val": self.val, **splits}


def items(part: Corpus, sources: Mapping[str, Source]) -> Items:
    """The pictures of ``part`` that some source has, with the digests that the sources know.

    A source of captions has none: of these the digests of the splits tell (``captions_by_split``).
    """
    ids = [image.id for image in part.images]
    known: dict[str, str] = {}
    for source in (each for each in sources.values() if not of_captions(each.made_by)):
        rows = source.rows(ids)
        there = [(image_id, row) for image_id, row in zip(ids, rows, strict=True) if row >= 0]
        digests = source.digests(rows[rows >= 0])
        for (image_id, _), digest in zip(there, digests, strict=True):
            known[image_id] = known.get(image_id) or digest[:DIGITS]
    return sorted(known.items())


def captions_by_split(corpus: Corpus) -> dict[str, str]:
    """A digest a split of its pictures' ids and labels, and of their captions."""
    told = {image.split: ListDigest() for image in corpus.images}
    for image in corpus.images:
        told[image.split].add([image.id, *image.labels])
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        image = corpus.images[owner]
        told[image.split].add([image.id, caption.id, caption.text])
    return {split: digest.hexdigest() for split, digest in sorted(told.items())}


def common(seen: Sequence[tuple[str, str]], asked: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of ``asked`` that are among ``seen``: the same file, under whatever name.

    Where the digest of one of the two is not known, the same id counts.
    """
    digests = {digest for _, digest in seen if digest}
    ids = dict(seen)
    return [
        image_id
        for image_id, digest in asked
        if (digest in digests if digest and ids.get(image_id, digest) else image_id in ids)
    ]
