"""Plain pictures of a colour each, captions that name it, and a CNN of two layers."""

import numpy as np
import torch
from PIL import Image as Pillow
from torch import nn

from core.records import Caption, Corpus, Image
from extract.pixels import Pixels
from extract.transform import Transform

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}
SMALL = Transform(10, 8, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def pictured(folder):
    """(corpus, sources, modules): six training pictures and three others, two captions each."""
    folder.mkdir(parents=True, exist_ok=True)
    images, captions = [], []
    for number, split in enumerate(["train"] * 6 + ["val"] * 3):
        name, colour = f"{number}.png", list(COLOURS)[number % 3]
        pixels = np.full((12, 11, 3), COLOURS[colour], dtype=np.uint8)
        pixels[number] = 255
        Pillow.fromarray(pixels).save(folder / name)
        images.append(Image(name, folder / name, split))
        captions += [(name, Caption(f"{name}#{c}", f"{colour} {c}")) for c in range(2)]
    corpus = Corpus.build("colours", images, captions)
    return corpus, {"image": Pixels(corpus.images, SMALL)}, {"cnn": two_layers()}


def two_layers():
    """Pixels (B, 3, 8, 8) -> (B, 5), with the same weights each time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            *(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.Flatten())
        )
