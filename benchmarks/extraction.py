"""Pictures a second of stage one against the plain torchvision loop, as JSON rows.

    python -m benchmarks.extraction [BACKBONE ...] [--crops 10] [--images 16] [--rounds 3]

Both sides read the same generated JPEG files (500 x 375) and give the same features (the error is
in the row), in turn, in one process; the ratio of each round is taken, then its median. The plain
loop is what a script does: eight pictures a call, each crop cut and normalised by itself.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Pillow
from PIL import ImageFilter
from torchvision import transforms

from core.records import Corpus, Image
from core.store import FeatureCache
from extract.backbone import Backbone
from extract.backbones import build
from extract.images import Transform
from extract.run import extract

PICTURES_A_CALL = 8


def draw(folder: Path, count: int) -> Corpus:
    """Write ``count`` JPEG files of blurred noise, as detailed as photographs."""
    generator = np.random.default_rng(0)
    images = []
    for number in range(count):
        path = folder / f"{number:04d}.jpg"
        pixels = generator.integers(0, 256, (375, 500, 3), dtype=np.uint8)
        picture = Pillow.fromarray(pixels).filter(ImageFilter.GaussianBlur(1.5))
        picture.save(path, quality=90)
        images.append(Image(path.name, path, "train"))
    return Corpus.build("drawn", images, [])


def plain(
    corpus: Corpus, backbone: Backbone, crops: int, device: torch.device
) -> npt.NDArray[np.float32]:
    """(pictures, D): the mean over crops, by torchvision's transforms alone."""
    module = backbone.module.to(device).to(memory_format=torch.contiguous_format)
    prepare = pipeline(backbone.transform, crops)
    found = []
    for start in range(0, len(corpus.images), PICTURES_A_CALL):
        part = corpus.images[start : start + PICTURES_A_CALL]
        batch = torch.stack([prepare(Pillow.open(image.path).convert("RGB")) for image in part])
        values = module(batch.flatten(0, 1).to(device), "pooled").cpu()
        found.append(values.reshape(len(part), crops, -1).mean(1).numpy())
    return np.concatenate(found)


def pipeline(transform: Transform, crops: int) -> Callable[[Pillow.Image], torch.Tensor]:
    """The transforms that a script would write."""
    finish = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(transform.mean, transform.std)]
    )
    cut = {1: transforms.CenterCrop, 5: transforms.FiveCrop, 10: transforms.TenCrop}[crops]
    both = transforms.Compose([transforms.Resize(transform.resize), cut(transform.crop)])

    def prepare(picture: Pillow.Image) -> torch.Tensor:
        found = both(picture)
        return torch.stack([finish(crop) for crop in (found if crops > 1 else [found])])

    return prepare


def compare(
    name: str, crops: int, images: int, rounds: int, device: torch.device
) -> dict[str, Any]:
    """One row: the ratio of pictures a second, ours over the plain loop's."""
    backbone = build(name, "random")
    ratios, ours, theirs, error = [], [], [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        corpus = draw(Path(folder), images)
        for number in range(rounds + 1):
            start = time.perf_counter()
            expected = plain(corpus, backbone, crops, device)
            middle = time.perf_counter()
            made = extract(
                corpus, backbone, Path(folder) / f"work-{number}", device=device, crops=crops
            )
            end = time.perf_counter()
            cache = FeatureCache(made.path)
            found = cache.read("pooled", cache.rows(cache.ids))[:, 0]
            norms = np.linalg.norm(expected, axis=1)
            error = max(error, float((np.linalg.norm(found - expected, axis=1) / norms).max()))
            if number:  # the first round warms up
                ratios.append((middle - start) / (end - middle))
                ours.append(images / (end - middle))
                theirs.append(images / (middle - start))
    return {
        "name": f"extraction/{name}/{crops}crop",
        "ratio": {
            "median": round(statistics.median(ratios), 2),
            "min": round(min(ratios), 2),
            "max": round(max(ratios), 2),
        },
        "images_per_s": round(statistics.median(ours), 2),
        "plain_images_per_s": round(statistics.median(theirs), 2),
        "relative_error": error,
        "images": images,
        "rounds": rounds,
        "device": str(device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def main() -> None:
    """Print one row a backbone."""
    parser = argparse.ArgumentParser(description="stage one against the plain torchvision loop")
    parser.add_argument("backbones", nargs="*", default=["squeezenet1_1", "mobilenet_v2"])
    parser.add_argument("--crops", type=int, default=10, choices=[1, 5, 10])
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    for name in options.backbones:
        row = compare(
            name, options.crops, options.images, options.rounds, torch.device(options.device)
        )
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
