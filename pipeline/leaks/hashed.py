"""The hashes of pictures that are known by their digests: those that are kept, the others made."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.matrices import Row
from core.places import file_of
from core.records import Image
from pipeline.leaks.kept import KnownHashes, kept
from pipeline.leaks.looks import MISSING, Look, look_at
from pipeline.leaks.training import Pictures
from pipeline.said.progress import bar
from train.seen import DIGITS

GONE = "not in the corpus by now"
ANOTHER = "another file by now"
NO_FILE = "no file is known"
ABSENT = (MISSING, GONE)
"""Why a picture has no hash that may be put back."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """Of each side the hashes by the pictures' ids; of all others together how many, by reason."""

    sides: Sequence[Mapping[str, int]]
    unseen: Mapping[str, int]


def hashed(sides: Sequence[Pictures], work: Path) -> Hashed:
    """The hash of each picture whose file has the digest that it had.

    One that is kept in ``work`` is taken, wherever the file is: nothing is read. The others are
    made of the files, and kept where ``work`` is a folder.
    """
    with kept(work, makes=False) as hashes:
        known = _by_digits(hashes)
        why = _look(dict(_lacking(sides, known)), hashes, known)
    found = [{name: known[d] for name, d in side.items if d in known} for side in sides]
    unseen = (why.get(digest) or _lacks(digest, image) for digest, image in _lacking(sides, known))
    return Hashed(found, Counter(unseen))


def absent(sides: Sequence[Pictures], work: Path) -> int:
    """How many pictures have no hash that is kept, and no file by now that may give one."""
    with kept(work, makes=False) as hashes:
        known = _by_digits(hashes)
    told = ((_lacks(digest, image), image) for digest, image in _lacking(sides, known))
    return sum(why == GONE or (not why and not _is_there(image)) for why, image in told)


def _by_digits(hashes: KnownHashes) -> dict[str, int]:
    return {digest[:DIGITS]: hash for digest, hash in hashes.known.items()}


def _lacking(
    sides: Sequence[Pictures], known: Mapping[str, int]
) -> Iterator[tuple[str, Image | None]]:
    """The digest of each picture of which no hash is known, and the picture where it is now."""
    for side in sides:
        for name, digest in side.items:
            if digest not in known:
                yield digest, side.images.get(name)


def _lacks(digest: str, image: Image | None) -> str:
    """Why there is nothing to look at; empty where there may be."""
    if not digest or (image and (image.place is None or isinstance(image.place, Row))):
        return NO_FILE
    return "" if image else GONE


def _look(
    wanted: Mapping[str, Image | None], hashes: KnownHashes, known: dict[str, int]
) -> dict[str, str]:
    """Look at the pictures of these digests; why one has no hash that is ``known`` by then."""
    there = {d: image for d, image in wanted.items() if image and not _lacks(d, image)}
    looks = _looks(there, hashes)
    # A system that fails once is asked again: what is written down is to last.
    failed = {d: there[d] for d, look in looks.items() if look.why not in ("", MISSING)}
    looks |= _looks(failed, hashes)
    why = {}
    for digest, look in looks.items():
        if look.hash is not None and look.sha256.startswith(digest):
            known[digest] = look.hash
        else:
            why[digest] = look.why or ANOTHER
    return why


def _looks(wanted: Mapping[str, Image], hashes: KnownHashes) -> dict[str, Look]:
    with bar("likeness", len(wanted), "picture") as progress:
        looks = look_at(list(wanted.values()), hashes.known, progress, hashes.add)
    return dict(zip(wanted, looks, strict=True))


def _is_there(image: Image | None) -> bool:
    return bool(image and image.place and file_of(image.place).exists())
