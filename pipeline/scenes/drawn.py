"""The generated scenes, for whoever names no pictures: where, how many, and what suits them."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.said.progress import bar

NAME = "scenes-demo"
COUNTS = {"train": 2000, "val": 300, "test": 300}
SUITED = {"backbone": "alexnet", "weights": "random", "crops": "1", "recipe": "demo"}
"""Minutes, without a network; one crop, since ten wipe out left and right, which captions tell."""


def place(work: Path) -> Path:
    """Where they are drawn."""
    return work / NAME


def suited(given: Iterable[str]) -> dict[str, str]:
    """The options that are chosen for them beside those of the names ``given``.

    Whoever names a backbone gets its trained weights.

    Example:
        >>> suited(["backbone"])
        {'crops': '1', 'recipe': 'demo'}
    """
    named = {*given, *({"weights"} if "backbone" in given else ())}
    return {name: value for name, value in SUITED.items() if name not in named}


def draw(work: Path) -> Path:
    """Draw what is not there yet, and return the folder.

    Raises:
        InputError: other scenes lie there.
    """
    from pipeline.scenes.write import write_scenes  # which nobody needs whose pictures are there

    with bar("draw", sum(COUNTS.values()), "picture") as progress:
        write_scenes(place(work), **COUNTS, seed=0, progress=progress)
    return place(work)
