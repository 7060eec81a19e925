"""Pictures as pixels through a CNN that learns too, and their captions in the same space."""

import numpy as np
import torch
from PIL import Image as Pillow
from pydantic import Field
from torch import nn
from torch.nn.functional import normalize

from core.predictions import Embeddings, Vectors
from core.records import Caption, Corpus, Image
from core.settings import Settings
from core.text import Vocabulary
from extract.pixels import Pixels
from extract.transform import Transform
from train.examples.pairs import Pairs
from train.measured import Measured
from train.task import Task, evaluating

PARTS = {
    "text": ("train.encoders.text", "gru"),
    "loss": ("train.losses", "hinge"),
    "sampler": ("train.samplers", "pairs"),
}
SMALL = Transform(10, 8, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


class Options(Settings):
    """The options of the task."""

    width: int = Field(6, ge=1, description="width of the joint space")


class Tuned(Task):
    """``cnn`` comes from outside: pixels (B, 3, S, S) -> (B, F)."""

    gives = ("image", "caption", "image_id")

    def __init__(self, options, measured, cnn, text):
        super().__init__()
        self.cnn, self.text, self._measured = cnn, text, measured
        self.dim = options.width
        features = cnn.eval()(torch.zeros(1, *measured.shapes["image"])).shape[1]
        self.project = nn.Linear(features, options.width)

    def read(self, part, sources):
        return Pairs(part, [sources["image"]], self._measured.vocabulary, max_tokens=9)

    def forward(self, batch):
        caption = normalize(self.text(batch.tokens, batch.lengths))
        return {"image": self._seen(*batch.features), "caption": caption, "image_id": batch.image}

    def predict(self, data):
        device = self.project.weight.device
        tokens, lengths = data.tokens.padded(np.arange(len(data.id)))
        with evaluating(self):
            image = [self._seen(pixels.to(device)).cpu() for (pixels,) in data.features.blocks(4)]
            caption = normalize(self.text(tokens.to(device), lengths.to(device))).cpu()
        sides = Vectors(data.image_id, torch.cat(image).numpy()), Vectors(data.id, caption.numpy())
        return Embeddings(*sides, data.owner)

    def _seen(self, pixels):
        return normalize(self.project(self.cnn(pixels)))


def sources(options):
    return {"image": "pixels"}


def measure(options, part, sources):
    texts = (caption.text for caption in part.captions)
    return Measured.of(part, sources, words=Vocabulary.build(texts, min_count=1))


def build(recipe, measured, modules):
    text = recipe.part("text").build(
        recipe.section("text"), words=measured.vocabulary, dim=recipe.task.width
    )
    return Tuned(recipe.task, measured, modules["cnn"], text)


def example(folder):
    """Plain pictures of a colour each, and a CNN of two layers."""
    folder.mkdir(parents=True, exist_ok=True)
    colours = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}
    images, captions = [], []
    for number, split in enumerate(["train"] * 6 + ["val"] * 3):
        name = f"{number}.png"
        colour = list(colours)[number % 3]
        pixels = np.full((12, 11, 3), colours[colour], dtype=np.uint8)
        pixels[number] = 255
        Pillow.fromarray(pixels).save(folder / name)
        images.append(Image(name, folder / name, split))
        captions += [(name, Caption(f"{name}#{c}", f"{colour} {c}")) for c in range(2)]
    corpus = Corpus.build("colours", images, captions)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.Flatten()
        return corpus, {"image": Pixels(corpus.images, SMALL)}, {"cnn": nn.Sequential(*layers)}
