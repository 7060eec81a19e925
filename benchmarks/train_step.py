"""A training step of VSE++ with `last_state` against the same step with a plain ``nn.GRU``.

Everything else is the same on both sides: word vectors, linear image encoder, hardest negatives,
clipping, Adam, weights and batches. Two sorts of captions, since what captions share decides the
ratio: Flickr8k's (where ``$TENCROP_DATA/flickr8k`` is), and words drawn without grammar, which
share little more than ``<start>`` (a lower bound). ``cpu_ratio`` compares the processor's time
instead of the clock's: with one thread, the number to read on a machine that is busy.

    python -m benchmarks.train_step [--rounds 7] [--threads 1 2]
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from benchmarks.timing import compare, show
from core.corpora import flickr_tokens
from core.predictions import Prediction
from core.records import Corpus
from core.sources import Source
from core.text import END, SPECIALS, START, Vocabulary
from train.encoders.image import linear
from train.encoders.text import gru
from train.examples.pairs import Batch
from train.examples.tokens import Tokens
from train.learner import Learner
from train.losses import hinge
from train.measured import Measured
from train.phases import build_phases
from train.recipe import resolve
from train.recurrent import last_state, packed_last_state
from train.task import Task

FLICKR8K = Path(os.environ.get("TENCROP_DATA", "../shared/data")) / "flickr8k"
BATCH, DIM, FEATURES, CLIP = 128, 1024, 2048, 2.0
Read = Callable[[Tensor, Tensor, nn.Module, nn.GRU], Tensor]


class Towers(Task[Any]):
    """VSE++'s two encoders; ``state`` is how the text side gets its last state."""

    gives = ("image", "caption", "image_id")

    def __init__(self, words: Vocabulary, state: Read):
        """The same weights at each call."""
        super().__init__()
        torch.manual_seed(0)
        self.image = linear.build(
            linear.Options.model_validate({}), shapes=[(1, FEATURES)], dim=DIM
        )
        self.text = gru.build(gru.Options.model_validate({}), words=words, dim=DIM)
        self.state = state

    def read(self, part: Corpus, sources: Mapping[str, Source]) -> Any:
        """Not asked for: the batches are drawn here."""
        raise NotImplementedError

    def predict(self, data: Any) -> Prediction:
        """Not asked for: only steps are timed."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """What the loss takes."""
        state = self.state(batch.tokens, batch.lengths, self.text.embedding, self.text.gru)
        return {
            "image": normalize(self.image(*batch.features), dim=1),
            "caption": normalize(state, dim=1),
            "image_id": batch.image,
        }


def real_captions() -> tuple[list[list[int]], Vocabulary]:
    """Flickr8k's captions as numbers, and their words."""
    texts = [caption.text for caption in flickr_tokens.read(FLICKR8K).captions]
    words = Vocabulary.build(texts)
    return words.encode_all(texts, max_tokens=60).rows, words


def drawn_captions(words: int = 8500, count: int = 20_000) -> tuple[list[list[int]], Vocabulary]:
    """About 12 words a caption, each drawn by Zipf's law and none from the one before it."""
    draw = np.random.default_rng(0)
    odds = 1 / np.arange(1, words - len(SPECIALS) + 1)
    lengths = draw.normal(12, 4, count).round().clip(4, 40).astype(int)
    drawn = draw.choice(len(odds), lengths.sum(), p=odds / odds.sum()) + len(SPECIALS)
    parts = np.split(drawn, lengths.cumsum()[:-1])
    names = (f"w{number}" for number in range(words - len(SPECIALS)))
    known = Vocabulary((*SPECIALS, *names), 1)
    return [[START, *part.tolist(), END] for part in parts], known


def batches(tokens: Tokens) -> Iterator[Batch]:
    """The same endless batches at each call: captions drawn, features of their own pictures."""
    draw = np.random.default_rng(1)
    while True:
        rows = draw.choice(len(tokens.lengths), BATCH, replace=False)
        features = torch.from_numpy(draw.random((BATCH, 1, FEATURES), dtype=np.float32))
        yield Batch((features,), *tokens.padded(rows), torch.arange(BATCH))


class Stepper:
    """One side of the comparison."""

    def __init__(self, words: Vocabulary, tokens: Tokens, read: Read):
        """Fresh weights, and the batches from their beginning."""
        self.model, phases = Towers(words, read), build_phases(resolve({}))
        loss = hinge.build(hinge.Options.model_validate({}), measured=Measured({}), dim=DIM)
        losses = nn.ModuleDict({"hinge": loss})
        self.learner = Learner(self.model, losses, phases, None, device=torch.device("cpu"))
        self.learner.enter(phases[0])
        self.batches, self.loss = batches(tokens), 0.0
        self.next = next(self.batches)
        self.cpu: list[float] = []

    def __call__(self) -> None:
        """Take a step."""
        start = time.process_time()
        self.loss = self.learner.step(self.model(self.next), CLIP).loss
        self.cpu.append(time.process_time() - start)
        self.next = next(self.batches)


def measure(name: str, captions: list[list[int]], words: Vocabulary, rounds: int) -> None:
    """Print one row."""
    tokens = Tokens(captions)
    ours, plain = (Stepper(words, tokens, read) for read in (last_state, packed_last_state))
    row = compare("train_step", ours, plain, rounds=rounds, captions=name, words=len(words))
    row["mean_tokens"] = round(float(tokens.lengths.mean()), 2)
    for side in ("ours", "plain"):
        row[f"{side}_captions_per_s"] = round(BATCH / row[f"{side}_s"]["median"], 1)
    ratios = [b / a for a, b in zip(ours.cpu[1:], plain.cpu[1:], strict=True)]
    row["cpu_ratio"] = {
        key: round(value(ratios), 3)
        for key, value in (("median", statistics.median), ("min", min), ("max", max))
    }
    row["last_loss"] = {"ours": ours.loss, "plain": plain.loss}
    show(row)


def main() -> None:
    """Print one row a sort of captions and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    corpora = {"drawn": drawn_captions()}
    if FLICKR8K.is_dir():
        corpora["flickr8k"] = real_captions()
    for threads in given.threads:
        torch.set_num_threads(threads)
        for name, (captions, words) in corpora.items():
            measure(name, captions, words, given.rounds)


if __name__ == "__main__":
    main()
