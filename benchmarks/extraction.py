"""Stage one against the plain torchvision loop: pictures to cached features.

    python -m benchmarks.extraction [BACKBONE ...] [--crops 10] [--images 16] [--rounds 3]

Both sides read the same generated JPEG files (500 x 375) and give the same features. The plain loop
is what a script does: eight pictures a call, each crop cut and normalised by itself.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Pillow
from PIL import ImageFilter
from torchvision import transforms

from benchmarks.timing import compare, show
from core.places import file_of
from core.records import Corpus, Image
from core.store import FeatureCache
from extract.backbone import Backbone
from extract.catalogue import build
from extract.images import Transform
from extract.run import extract
from extract.settings import FeatureSettings

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
        batch = torch.stack(
            [prepare(Pillow.open(file_of(image.picture)).convert("RGB")) for image in part]
        )
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


def measure(name: str, crops: int, images: int, rounds: int, device: torch.device) -> None:
    """Print the row of one backbone; ``relative_error`` is that of the worst picture."""
    settings = FeatureSettings.model_validate(
        {"backbone": name, "weights": "random", "crops": crops}
    )
    backbone = build(settings.backbone, settings.weights)
    with tempfile.TemporaryDirectory() as folder:
        corpus = draw(Path(folder), images)

        def ours() -> npt.NDArray[np.float32]:
            root = Path(tempfile.mkdtemp(dir=folder))  # a cache that is there would be reused
            cache = FeatureCache(extract(corpus, backbone, root, settings, device=device).path)
            return cache.read("pooled", cache.rows(cache.ids))[:, 0]

        expected = plain(corpus, backbone, crops, device)
        error = np.linalg.norm(ours() - expected, axis=1) / np.linalg.norm(expected, axis=1)
        row = compare(
            f"extraction/{name}/{crops}crop",
            ours,
            lambda: plain(corpus, backbone, crops, device),
            rounds=rounds,
            images=images,
            device=str(device),
            relative_error=float(error.max()),
        )
    show(row)


def main() -> None:
    """Print one row a backbone."""
    parser = argparse.ArgumentParser(description="stage one against the plain torchvision loop")
    parser.add_argument("backbones", nargs="*", default=["squeezenet1_1", "mobilenet_v2"])
    parser.add_argument("--crops", type=int, default=10, choices=[1, 5, 10])
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = torch.device(options.device)
    for name in options.backbones:
        measure(name, options.crops, options.images, options.rounds, device)


if __name__ == "__main__":
    main()
