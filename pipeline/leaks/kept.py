"""The hashes of pictures, kept in WORK by the digests of their files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.leftovers import tidy
from core.sealed import read_sealed, write_sealed
from core.work_folder import LIKENESS
from pipeline.said.progress import say

NAME = LIKENESS
FORMAT = "tencrop-likeness/1"


class KnownHashes:
    """What was hashed before and now: a mapping of digests to hashes, written when it grew."""

    def __init__(self, known: Mapping[str, int]):
        """What a file held."""
        self.known = dict(known)
        self.new: dict[str, int] = {}

    def add(self, sha256: str, hash: int) -> None:
        """Note the hash of a picture whose file has this digest."""
        self.new[sha256] = hash


@contextmanager
def kept(work: Path, *, makes: bool = True) -> Iterator[KnownHashes]:
    """The hashes in ``work``; new ones are there when the block ends, by an interruption too.

    ``makes`` tells whether ``work`` is made where it is not there; else nothing is kept then.

    A file that is damaged is said and begun again, one that cannot be written is said. Of two
    commands at once the later one's are kept, and the other's computed again one day.
    """
    file = work / NAME
    hashes = KnownHashes(_read(file))
    try:
        yield hashes
    finally:
        if hashes.new and (makes or work.is_dir()):
            _write(file, hashes)


def _read(file: Path, told: Callable[[str], None] = say) -> dict[str, int]:
    try:
        content = read_sealed(file)
        if content.pop("format") != FORMAT:
            raise ValueError("it is of another format")
        return {str(digest): int(hash, 16) for digest, hash in content["hashes"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        told(f"{file} cannot be used ({why}): its pictures are hashed again")
        return {}


def _write(file: Path, hashes: KnownHashes) -> None:
    both = {**_read(file, lambda note: None), **hashes.known, **hashes.new}
    told = {digest: f"{hash:016x}" for digest, hash in both.items()}
    try:
        tidy(file.parent)
        write_sealed(file, {"format": FORMAT, "hashes": told})
    except OSError as error:
        say(f"{file} was not written ({error.strerror}): these pictures are hashed again next time")
