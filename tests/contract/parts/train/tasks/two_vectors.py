"""Two stored vectors an item, brought together by labels; there is no picture and no caption."""

import numpy as np
from pydantic import Field
from torch import nn
from torch.nn.functional import normalize
from train.examples.labelled import Labelled, all_of

from core.predictions import Embeddings, Vectors
from core.records import Corpus, Image
from core.settings import Settings
from core.sources import StoredVectors
from train.measured import Measured
from train.task import Task, evaluating

PARTS = {"loss": ("train.losses", "match"), "sampler": ("train.samplers", "pairs")}


class Options(Settings):
    """The options of the task."""

    width: int = Field(5, ge=1, description="width of the joint space")


class TwoVectors(Task):
    """A linear map a side."""

    gives = ("image", "caption", "label")

    def __init__(self, options, measured):
        super().__init__()
        self.dim, self._classes = options.width, measured.classes
        self.image = nn.Linear(*measured.shapes["image"], options.width)
        self.text = nn.Linear(*measured.shapes["text"], options.width)

    def read(self, part, sources):
        return Labelled(part, sources, self._classes)

    def forward(self, batch):
        image, text = normalize(self.image(batch.image)), normalize(self.text(batch.text))
        return {"image": image, "caption": text, "label": batch.label}

    def predict(self, data):
        with evaluating(self):
            given = self(all_of(data, self.image.weight.device))
        sides = (given[name].cpu().numpy() for name in ("image", "caption"))
        image, text = (Vectors(data.id, value, data.label) for value in sides)
        return Embeddings(image, text, protocol="by_label")


def sources(options):
    return {"image": "pooled", "text": "pooled"}


def measure(options, part, sources):
    return Measured.of(part, sources)


def build(recipe, measured, modules):
    return TwoVectors(recipe.task, measured)


def example(folder):
    """Items of three classes, which both vectors tell."""
    draw = np.random.default_rng(0)
    splits = ["train"] * 14 + ["val"] * 6
    labels = [("cat", "dog", "owl")[i % 3] for i in range(len(splits))]
    ids = [f"item{i:02d}" for i in range(len(splits))]
    images = [Image(i, None, s, (n,)) for i, s, n in zip(ids, splits, labels, strict=True)]
    centre = {n: (draw.normal(size=6), draw.normal(size=4)) for n in sorted(set(labels))}
    values = [
        np.stack([centre[n][side] + draw.normal(size=width) / 4 for n in labels])
        for side, width in ((0, 6), (1, 4))
    ]
    made = {
        name: StoredVectors(ids, value.astype(np.float32), {"by": f"another, {name}"})
        for name, value in zip(("image", "text"), values, strict=True)
    }
    return Corpus.build("items", images, []), made, {}
