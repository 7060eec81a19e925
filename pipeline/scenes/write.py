"""Writing a folder of scenes: first the pictures, then ``scenes.json``, which lists them all."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.corpora.scenes import FORMAT, LISTING
from core.errors import InputError
from core.files import json_sha256, read_json, replace_file, write_json
from core.records import SPLITS
from pipeline.scenes.draw import draw
from pipeline.scenes.sentences import describe
from pipeline.scenes.twins import TWINS, imagine
from pipeline.scenes.world import Scene


def write_scenes(
    folder: Path,
    *,
    train: int,
    val: int,
    test: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draw pictures into ``folder/images`` and list them, with five captions each, in scenes.json.

    The same seed and counts give the same bytes, and larger counts keep the earlier pictures. A
    picture that is there is not drawn again, so that an interrupted drawing goes on. No two scenes
    are equal in what captions tell: not in one split, and not across splits.

    Args:
        folder: is made where it is not there.
        train: pictures of this split, at least 0; so are ``val`` and ``test``.
        val: see ``train``.
        test: see ``train``.
        seed: another seed, other scenes.
        progress: is called with (pictures done, pictures in all).

    Raises:
        InputError: a count is negative, or the folder holds scenes with another seed or counts.
    """
    counts = dict(zip(SPLITS, (train, val, test), strict=True))
    for split, count in counts.items():
        if count < 0:
            raise InputError(f"{split} = {count}: choose 0 or more pictures")
    if _there(folder, seed, counts):
        return
    pictures = []
    for split in SPLITS:
        for number, scene in enumerate(scenes(split, counts[split], seed=seed)):
            pictures.append(_picture(folder, scene, split, number, seed))
            if progress:
                progress(len(pictures), sum(counts.values()))
    listing = {"format": FORMAT, "seed": seed, "counts": counts, "pictures": pictures}
    write_json(folder / LISTING, listing)


def scenes(split: str, count: int, *, seed: int) -> Iterator[Scene]:
    """The first ``count`` scenes of a split, twins together; a larger count continues them.

    What captions may tell of twins decides by its hash which split they may be in, so that no
    split has another's words; within a split, twins like earlier ones are imagined anew.
    """
    seen: set[str] = set()
    for number in range(0, count, TWINS):
        rng = random.Random(f"{FORMAT} {seed} {split} {number}")
        while True:
            twins = imagine(rng)
            digest = json_sha256(twins[0].bag())
            if digest not in seen and _split_of(digest) == split:
                break
        seen.add(digest)
        yield from twins[: count - number]


def captions(split: str, number: int, *, seed: int) -> random.Random:
    """What scene ``number`` of a split is described with: the same for twins."""
    return random.Random(f"{FORMAT} {seed} {split} {number - number % TWINS} captions")


def _split_of(digest: str) -> str:
    return {0: "val", 1: "test"}.get(int(digest[:8], 16) % 8, "train")


def _picture(folder: Path, scene: Scene, split: str, number: int, seed: int) -> dict[str, Any]:
    name = f"{split}-{number:05d}-seed{seed}.png"
    path = folder / "images" / name
    if not path.exists():
        with replace_file(path) as stream:
            draw(scene).save(stream, "PNG", compress_level=1)
    texts = [sentence.text for sentence in describe(scene, captions(split, number, seed=seed))]
    return {"id": name, "file": f"images/{name}", "split": split, "captions": texts}


def _there(folder: Path, seed: int, counts: dict[str, int]) -> bool:
    listing = folder / LISTING
    if not listing.exists():
        return False
    try:
        found = read_json(listing)
        drawn = (found["format"], found["seed"], found["counts"])
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{listing} is damaged; remove it to write it anew") from None
    if drawn != (FORMAT, seed, counts):
        raise InputError(
            f"{listing} has format {drawn[0]}, seed {drawn[1]}, counts {drawn[2]}, not {FORMAT}, "
            f"{seed}, {counts}; draw into another folder, or remove that file to change this one"
        )
    return True
