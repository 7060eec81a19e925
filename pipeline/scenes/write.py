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
from pipeline.scenes.world import Scene, imagine


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
    """The first ``count`` scenes of a split; a larger count continues the same sequence.

    What captions may tell of a scene decides by its hash which split it may be in, so that no
    split repeats another's; within a split, a scene like an earlier one is imagined anew.
    """
    seen: set[str] = set()
    for number in range(count):
        rng = random.Random(f"{FORMAT} {seed} {split} {number}")
        while True:
            scene = imagine(rng)
            digest = json_sha256(scene.truth())
            if digest not in seen and _split_of(digest) == split:
                break
        seen.add(digest)
        yield scene


def _split_of(digest: str) -> str:
    return {0: "val", 1: "test"}.get(int(digest[:8], 16) % 8, "train")


def _picture(folder: Path, scene: Scene, split: str, number: int, seed: int) -> dict[str, Any]:
    name = f"{split}-{number:05d}-seed{seed}.png"
    path = folder / "images" / name
    if not path.exists():
        with replace_file(path) as stream:
            draw(scene).save(stream, "PNG", compress_level=1)
    rng = random.Random(f"{FORMAT} {seed} {split} {number} captions")
    captions = [sentence.text for sentence in describe(scene, rng)]
    return {"id": name, "file": f"images/{name}", "split": split, "captions": captions}


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
