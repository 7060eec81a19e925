"""A stranger's parts, one file each, as a folder laid out like the packages that they belong to."""

from pathlib import Path

BACKBONE = "shufflenet_v2_x0_5"
PARTS = {
    "core.corpora": "guest_format",
    "extract.backbones": "guest_family",
    "train.encoders.image": "guest_image",
    "train.encoders.text": "guest_text",
    "train.losses": "guest_loss",
    "train.samplers": "guest_sampler",
    "train.optimisers": "guest_optimiser",
    "train.schedules": "guest_schedule",
    "evaluate.metrics": "guest_measure",
    "evaluate.protocols": "guest_protocol",
    "pipeline.recipes": "guest_recipe",
}

SOURCES = {
    "core.corpora": '''"""A guest's format: lines of split, picture and caption."""

from core.errors import InputError
from core.records import Caption, Corpus, Image

NEEDS = "a folder with guest.txt and the pictures in shown/"
EXAMPLE = {
    "guest.txt": "".join(f"train|{name}.jpg|A guest\\n" for name in "cab"),
    **{f"shown/{name}.jpg": "" for name in "cab"},
}


def recognises(path):
    return (path / "guest.txt").is_file()


def read(path):
    if not recognises(path):
        raise InputError(f"{path}: no guest's corpus, which needs {NEEDS}; check the path")
    text = (path / "guest.txt").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines()]
    images = {name: Image(name, path / "shown" / name, split) for split, name, _ in rows}
    captions = [(name, Caption(f"{name}#{k}", told)) for k, (_, name, told) in enumerate(rows)]
    return Corpus.build(path.resolve().name, images.values(), captions)
''',
    "extract.backbones": '''"""A guest's family: the last map (7, 7, 1024) and its mean (1024)."""

from torch import nn

from extract.backbone import Network

NAMES = ("shufflenet_v2_x0_5",)
CLASSIFIER = "fc"


def cut(model):
    stages = (model.conv1, model.maxpool, model.stage2, model.stage3, model.stage4, model.conv5)
    return Network(nn.Sequential(*stages), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
''',
    "train.encoders.image": '''"""A guest's image encoder: one hidden layer."""

from pydantic import Field
from torch import nn

from core.settings import Settings


class Options(Settings):
    guest_width: int = Field(16, ge=1, lt=4096, description="how wide the guest's layer is")


class Hidden(nn.Module):
    def __init__(self, options, features, dim):
        super().__init__()
        self.into, self.out = nn.Linear(features, options.guest_width), nn.Linear(
            options.guest_width, dim
        )

    def forward(self, features):
        return self.out(self.into(features.mean(dim=1)).tanh())


def build(options, *, shapes, dim):
    return Hidden(options, shapes[0][-1], dim)
''',
    "train.encoders.text": '''"""A guest's text encoder: the mean of the words."""

import torch
from pydantic import Field
from torch import nn

from core.settings import Settings


class Options(Settings):
    guest_scale: float = Field(0.5, gt=0, le=2, description="how large the words begin")


class Mean(nn.Module):
    def __init__(self, options, words, dim):
        super().__init__()
        self.words = nn.Embedding(words, dim)
        nn.init.normal_(self.words.weight, std=options.guest_scale)

    def forward(self, tokens, lengths):
        inside = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]
        return (self.words(tokens) * inside[..., None]).sum(dim=1)


def build(options, *, words, dim):
    return Mean(options, len(words), dim)
''',
    "train.losses": '''"""A guest's loss: each pair is told from the others of the batch."""

import torch
from pydantic import Field
from torch import nn
from torch.nn.functional import cross_entropy

from core.settings import Settings


class Options(Settings):
    guest_heat: float = Field(0.1, gt=0, description="what scores are divided by")


class Contrast(nn.Module):
    def __init__(self, heat):
        super().__init__()
        self.heat = heat

    def forward(self, image, caption):
        scores = image @ caption.T / self.heat
        right = torch.arange(len(scores), device=scores.device)
        return cross_entropy(scores, right) + cross_entropy(scores.T, right)


def build(options, *, measured, dim):
    return Contrast(options.guest_heat)
''',
    "train.samplers": '''"""A guest's sampler: a new order each epoch, whole batches first."""

import numpy as np

from core.settings import Settings
from train.sampler import Sampler


class Options(Settings):
    """There is nothing to choose."""


class Shuffled(Sampler):
    def __init__(self, size, batch_size, seed):
        self.size, self.batch_size, self.seed = size, batch_size, seed

    def batches(self, epoch):
        order = np.random.default_rng((self.seed, epoch, 1)).permutation(self.size)
        cuts = range(self.batch_size, self.size, self.batch_size)
        return np.split(order.astype(np.int64), cuts)


def build(options, *, data, batch_size, seed):
    return Shuffled(len(data.id), batch_size, seed)
''',
    "train.optimisers": '''"""A guest's optimiser: plain steps with a memory."""

import torch
from pydantic import Field

from core.settings import Settings


class Options(Settings):
    lr: float = Field(0.01, gt=0, description="learning rate")
    guest_memory: float = Field(0.5, ge=0, lt=1, description="how much of the last step stays")


def build(options, groups):
    return torch.optim.SGD(groups, lr=options.lr, momentum=options.guest_memory)
''',
    "train.schedules": '''"""A guest's schedule: straight down to nothing."""

from core.settings import Settings


class Options(Settings):
    """There is nothing to choose."""


def build(options, *, epochs):
    return lambda done, scores: max(0.0, 1 - done / epochs)
''',
    "evaluate.metrics": '''"""A guest's measure: the mean reciprocal rank."""

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"guest_mrr": 100.0}
USES = "best"


def measure(hits: Hits, options: Settings):
    """``guest_mrr``: 100 / the rank of the best-placed right answer.

    Example:
        >>> measure(Hits.of([[1, 3], [4]], gallery=10), Settings())
        {'guest_mrr': array([100.,  25.])}
    """
    return {"guest_mrr": 100 / hits.best}
''',
    "evaluate.protocols": '''"""A guest's protocol: how far a caption's own image is ahead."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from core.errors import InputError
from core.predictions import Embeddings, Vectors
from core.settings import Settings
from evaluate.report import Report


class Options(Settings):
    factor: float = Field(1.0, gt=0, description="what the score is multiplied with")


@dataclass(frozen=True)
class Lead(Report):
    def scores(self):
        return {"score": self.score}

    def headline(self):
        return f"lead {self.score:.2f}"

    def table(self, title):
        return f"{title}: {self.headline()}"


def judge(prediction, options, *, device="cpu"):
    if not isinstance(prediction, Embeddings) or prediction.owner is None:
        kind = type(prediction).__name__
        raise InputError(f"the guest judges embeddings with captions, not {kind}; use retrieval")
    scores = prediction.caption.value @ prediction.image.value.T
    own = scores[np.arange(len(scores)), prediction.owner]
    lead = options.factor * float((own - scores.mean(axis=1)).mean())
    return Lead({"protocol": "own minus mean", "protocol_name": "guest_protocol"}, lead)


def example():
    one = np.eye(2, dtype=np.float32)
    return Embeddings(
        Vectors(np.array(["a", "b"]), one), Vectors(np.array(["a0", "b0"]), one), np.array([0, 1])
    )
''',
    "pipeline.recipes": """about = "A guest's recipe: every part of it is a guest"
epochs = 2
batch_size = 4

[task]
name = "paired"
embed_dim = 8
min_count = 1

[image]
name = "guest_image"

[text]
name = "guest_text"

[loss.told]
name = "guest_loss"

[sampler]
name = "guest_sampler"

[optimiser]
name = "guest_optimiser"

[schedule]
name = "guest_schedule"
""",
}


def write(folder: Path) -> Path:
    """The folder of all parts: ``folder/train/losses/guest_loss.py`` and so on."""
    for package, source in SOURCES.items():
        ending = "toml" if package == "pipeline.recipes" else "py"
        file = folder.joinpath(*package.split("."), f"{PARTS[package]}.{ending}")
        file.parent.mkdir(parents=True)
        file.write_text(source, encoding="utf-8")
    return folder
