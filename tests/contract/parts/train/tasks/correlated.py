"""Canonical correlations (Hotelling 1936): solved before the first epoch, nothing is stepped."""

import torch
from pydantic import Field
from train.examples.labelled import Labelled, all_of
from train.tasks.two_vectors import example, sources

from core.predictions import Embeddings, Vectors
from core.settings import Settings
from train.measured import Measured
from train.task import Task, evaluating

__all__ = ["PARTS", "Options", "build", "example", "measure", "sources"]

PARTS = {}


class Options(Settings):
    """The options of the solution."""

    width: int = Field(3, ge=1, description="so many of the largest correlations")
    ridge: float = Field(0.1, gt=0, description="added to the variances")


class Correlated(Task):
    """A mean and a linear map a side, as buffers."""

    def __init__(self, options, measured):
        super().__init__()
        self.dim, self.options, self._classes = options.width, options, measured.classes
        for side in ("image", "text"):
            (size,) = measured.shapes[side]
            self.register_buffer(f"{side}_mean", torch.zeros(size))
            self.register_buffer(f"{side}_map", torch.zeros(size, options.width))

    def read(self, part, sources):
        return Labelled(part, sources, self._classes)

    def begin(self, data):
        batch = all_of(data, torch.device("cpu"))
        sides = {"image": batch.image.double(), "text": batch.text.double()}
        means = {name: value.mean(0) for name, value in sides.items()}
        flat = {name: value - means[name] for name, value in sides.items()}
        white = {name: self._whitening(value) for name, value in flat.items()}
        across = white["image"].T @ flat["image"].T @ flat["text"] @ white["text"]
        left, _, right = torch.linalg.svd(across)
        for side, axes in (("image", left), ("text", right.T)):
            getattr(self, f"{side}_mean").copy_(means[side])
            getattr(self, f"{side}_map").copy_(white[side] @ axes[:, : self.dim])

    def predict(self, data):
        with evaluating(self):
            batch = all_of(data, self.image_map.device)
            image = (batch.image - self.image_mean) @ self.image_map
            text = (batch.text - self.text_mean) @ self.text_map
        sides = (Vectors(data.id, v.cpu().numpy(), data.label) for v in (image, text))
        return Embeddings(*sides, protocol="labels")

    def _whitening(self, flat):
        variance, axes = torch.linalg.eigh(flat.T @ flat)
        return axes / (variance + self.options.ridge).sqrt()


def measure(options, part, sources):
    return Measured.of(part, sources)


def build(recipe, measured, modules):
    return Correlated(recipe.task, measured)
