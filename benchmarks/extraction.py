"""Stage one against the naive script and against ONNX Runtime: CPU-seconds of one thread.

    python -m benchmarks.extraction [--backbones NAME ...] [--crops 1 10] [--images N] [--rounds 2]

Each side is a process of its own with one thread, which waits while another works (A B C, A B C).
All read the same generated JPEG files (500 x 375) and give the same features; `benchmarks/sides.py`
says what each does. A ratio above 1 says that ours needs less; without onnxruntime its column is
null, with the reason.
"""

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import ImageFilter

from benchmarks.apart import Side
from benchmarks.timing import show, spread
from extract.families import names

SIDES = ("ours", "naive", "onnx")
IMAGES = {1: 32, 10: 8}
"""How many by crops: so many that what a cache costs once is a small part of the work."""


def draw(folder: Path, count: int) -> None:
    """Write ``count`` JPEG files of blurred noise, as detailed as photographs."""
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = generator.integers(0, 256, (375, 500, 3), dtype=np.uint8)
        picture = Pillow.fromarray(pixels).filter(ImageFilter.GaussianBlur(1.5))
        picture.save(folder / f"{number:04d}.jpg", quality=90)


def measure(backbone: str, crops: int, images: int, rounds: int) -> None:
    """Print the row of one backbone; ``relative_error`` is that of the worst picture."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        draw(folder, images)
        given = (backbone, str(crops), str(folder))
        every = {side: Side("benchmarks.sides", side, *given) for side in SIDES}
        for each in every.values():
            held.callback(each.close)
        there = {side: each for side, each in every.items() if "missing" not in each.began}
        found = [{side: each.run() for side, each in there.items()} for _ in range(rounds)]
        values = {side: np.load(told["file"]) for side, told in found[-1].items()}
        seconds = {side: [each[side]["cpu_s"] / images for each in found] for side in there}
        row = {
            "name": f"extraction/{backbone}/{crops}crop",
            "images": images,
            "rounds": rounds,
            "load": round(os.getloadavg()[0], 2),
            **{f"{side}_ratio": _ratio(seconds, side) for side in SIDES[1:]},
            **{f"{side}_cpu_s": spread(each) for side, each in seconds.items()},
            **{f"{side}_began_cpu_s": each.began["cpu_s"] for side, each in there.items()},
            "relative_error": _errors(values),
            **{
                f"{side}_missing": e.began["missing"]
                for side, e in every.items()
                if side not in there
            },
        }
    show(row)


def _ratio(seconds: dict[str, list[float]], side: str) -> dict[str, float] | None:
    if side not in seconds:
        return None
    return spread([b / a for a, b in zip(seconds["ours"], seconds[side], strict=True)])


def _errors(values: dict[str, Any]) -> dict[str, float]:
    """Of each other side, from the naive script's features: of the norm of a picture's."""
    naive = values.pop("naive")
    norm = np.linalg.norm(naive, axis=1)
    return {
        side: float(f"{(np.linalg.norm(found - naive, axis=1) / norm).max():.2e}")
        for side, found in values.items()
    }


def main() -> None:
    """Print one row a backbone and number of crops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbones", nargs="+", default=names(), choices=names(), metavar="NAME")
    parser.add_argument("--crops", type=int, nargs="+", default=[1, 10], choices=[1, 10])
    parser.add_argument("--images", type=int, help="default: 32 with one crop, 8 with ten")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.backbones:
        for crops in options.crops:
            measure(name, crops, options.images or IMAGES[crops], options.rounds)


if __name__ == "__main__":
    main()
