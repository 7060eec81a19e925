"""The digest of each picture, taken once, before anything is computed."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from core.errors import InputError
from core.files import IrregularFile
from core.places import Place, file_of, order_of, place_sha256
from core.records import Image

TOGETHER = 64  # small files that a thread is given at once: to hand one over costs as much
PAUSES = (0.1, 0.5)  # seconds before a file that could not be read is tried again

Missing = Callable[[Sequence[str], int], None]
Progress = Callable[[int, int], None]


class Picture(NamedTuple):
    """A picture: its id, where it is, and its digest (empty where there is none)."""

    id: str
    place: Place
    sha256: str


def with_digests(
    images: Sequence[Image],
    pool: Executor,
    missing: Missing = lambda names, total: None,
    progress: Progress = lambda done, total: None,
) -> list[Picture]:
    """Each image with the SHA-256 of its file, "" where there is no regular file.

    Args:
        images: what to read.
        pool: hashes.
        missing: called with "id: why" of those without a file and the number of all, and may
            raise, before anything is written: a cache of the mended corpus has another key.
        progress: called with (pictures read, pictures in all) as they are read.

    Raises:
        InputError: a file is there and cannot be read, or no picture has a file.
    """
    places = [image.picture for image in images]
    order = sorted(range(len(places)), key=lambda row: order_of(places[row]))
    parts = [order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER)]
    by_row: dict[int, tuple[str, str]] = {}
    progress(0, len(places))
    for part, digests in zip(
        parts, pool.map(lambda part: [_digest(places[row]) for row in part], parts), strict=True
    ):
        by_row.update(zip(part, digests, strict=True))
        progress(len(by_row), len(places))
    found = [by_row[row] for row in range(len(places))]
    names = [f"{i.id}: {why}" for i, (_, why) in zip(images, found, strict=True) if why]
    if len(names) == len(images):
        first = f", {names[0]}" if names else ""
        where = f" {file_of(places[0]).parent}" if places else ""
        raise InputError(
            f"none of the {len(images)} pictures is there{first}; check the folder{where}"
        )
    missing(names, len(images))
    return [Picture(i.id, i.picture, digest) for i, (digest, _) in zip(images, found, strict=True)]


def _digest(place: Place) -> tuple[str, str]:
    """(digest, "") or ("", why there is no file to read)."""
    for pause in (*PAUSES, None):
        try:
            return place_sha256(place), ""
        except IrregularFile as error:
            return "", str(error.strerror)
        except FileNotFoundError:
            return "", "missing file"
        except OSError as error:
            if pause is None:
                raise InputError(
                    f"{place} cannot be read ({error.strerror}); mend that and run the same "
                    "command again"
                ) from error
            time.sleep(pause)
    raise AssertionError("the last pause is None")
