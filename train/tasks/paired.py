"""Pictures and captions in one space: each caption belongs to one picture (VSE++)."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from core.embeddings import Embeddings
from core.plugins import load
from core.records import Corpus
from core.store import FeatureCache
from core.text import Vocabulary
from train.data import Batch, Pairs
from train.settings import TrainSettings
from train.task import Task

EMBED_BATCH = 256


class Paired(Task):
    """An image encoder and a text encoder.

    Attributes:
        image: features (B, crops, ...) -> (B, D).
        text: tokens (B, T), lengths (B,) -> (B, D).
    """

    def __init__(
        self, settings: TrainSettings, words: Vocabulary, *, image: nn.Module, text: nn.Module
    ):
        """Use ``build``."""
        super().__init__()
        self.image, self.text = image, text
        self._settings, self._vocabulary = settings, words

    def read(self, corpus: Corpus, cache: FeatureCache) -> Pairs:
        """Join a part of a corpus to the features that this task was built for."""
        options = self._settings
        return Pairs(
            corpus, cache, self._vocabulary, layer=options.layer, max_tokens=options.max_tokens
        )

    def prepare(self, data: Pairs) -> None:
        """Let the image encoder measure the training pictures, where it wants to."""
        measure = getattr(self.image, "prepare", None)
        if measure is not None:
            measure(data.features.blocks(EMBED_BATCH))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """What a loss takes: image (B, D), caption (B, D), the picture's row (B,)."""
        return self.image(batch.features), self.text(batch.tokens, batch.lengths), batch.image

    def embed(self, data: Pairs, *, batch_size: int = EMBED_BATCH) -> Embeddings:
        """Encode every picture, with captions or not, and every caption, in the corpus's order.

        Raises:
            NumberError: a vector is not finite.
        """
        device = next(self.parameters()).device
        with _evaluating(self):
            images = [self.image(b.to(device)).cpu() for b in data.features.blocks(batch_size)]
            captions = self._captions(data, device, batch_size)
        return Embeddings(
            image_id=data.image_id,
            image_vector=torch.cat(images).numpy(),
            caption_id=data.caption_id,
            caption_vector=captions.numpy(),
            owner=data.owner,
        )

    def _captions(self, data: Pairs, device: torch.device, batch_size: int) -> Tensor:
        order = np.argsort(data.tokens.lengths, kind="stable")
        parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
        padded = [data.tokens.padded(rows) for rows in parts]
        encoded = [self.text(tokens.to(device), n.to(device)).cpu() for tokens, n in padded]
        result = torch.empty(len(order), encoded[0].shape[1])
        result[torch.from_numpy(order)] = torch.cat(encoded)
        return result


def build(settings: TrainSettings, *, shape: tuple[int, ...], vocabulary: Vocabulary) -> Paired:
    """The task for features of ``shape`` (crops, ...) a picture; weights from torch's generator."""
    image = load("train.encoders.image", settings.plugin("image"))
    text = load("train.encoders.text", settings.plugin("text"))
    dim = settings.embed_dim
    return Paired(
        settings,
        vocabulary,
        image=image.build(settings.image, shape=shape, embed_dim=dim),
        text=text.build(settings.text, words=len(vocabulary), embed_dim=dim),
    )


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(training)
