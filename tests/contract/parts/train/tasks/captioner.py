"""A decoder: a sentence from a picture's features, a word at a time; there is no common space."""

from typing import NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from core.predictions import Decoding
from core.settings import Settings
from core.text import Vocabulary
from train.examples.pairs import Pairs
from train.measured import Measured
from train.task import Task, evaluating

PARTS = {"loss": ("train.losses", "next_word"), "sampler": ("train.samplers", "pairs")}


class Options(Settings):
    """The options of the decoder."""

    layer: str = Field("pooled", description="which layer of the feature cache is read")
    width: int = Field(6, ge=1, description="width of the state")
    min_count: int = Field(1, ge=1, description="rarer training words are unknown")


class State(NamedTuple):
    hidden: Tensor


class Captioner(Task):
    """The picture is the first state of a GRU cell."""

    gives = ("logits", "target")

    def __init__(self, options, measured):
        super().__init__()
        self._measured = measured
        words = len(measured.vocabulary)
        self.first = nn.Linear(measured.shapes["image"][-1], options.width)
        self.embedding = nn.Embedding(words, options.width)
        self.cell = nn.GRUCell(options.width, options.width)
        self.out = nn.Linear(options.width, words)

    def read(self, part, sources):
        return Pairs(part, [sources["image"]], self._measured.vocabulary, max_tokens=9)

    def forward(self, batch):
        hidden, logits = self._begin(*batch.features), []
        for word in batch.tokens[:, :-1].unbind(1):
            hidden = self.cell(self.embedding(word), hidden)
            logits.append(self.out(hidden))
        return {"logits": torch.stack(logits, 1), "target": batch.tokens[:, 1:]}

    def predict(self, data):
        """Start and step compute when they are called, with the weights of that moment."""

        def start():
            with evaluating(self):
                (features,) = data.features[np.arange(len(data.features))]
                return State(self._begin(features.to(self.out.weight.device)))

        def step(state, words):
            with evaluating(self):
                word = torch.as_tensor(words, device=state.hidden.device)
                hidden = self.cell(self.embedding(word), state.hidden)
                return self.out(hidden), State(hidden)

        told = [[] for _ in data.image_id]
        for row, owner in enumerate(data.owner):
            tokens, length = data.tokens.padded(np.array([row]))
            told[owner].append(tokens[0, : int(length)].tolist())
        return Decoding(data.image_id, told, start, step, protocol="exact")

    def _begin(self, features):
        return torch.tanh(self.first(features.flatten(1, -2).mean(1)))


def sources(options):
    return {"image": options.layer}


def measure(options, part, sources):
    texts = (caption.text for caption in part.captions)
    return Measured.of(part, sources, words=Vocabulary.build(texts, min_count=options.min_count))


def build(recipe, measured, modules):
    return Captioner(recipe.task, measured)
