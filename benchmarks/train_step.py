"""A training step against the public one, and our recurrent encoders against torch's own.

    python -m benchmarks.train_step [--rounds 9] [--threads 1]

CPU-seconds in one process, in alternation, the allocator as the command line has it.

- ``train_step``: recipe vse++ against `benchmarks/vsepp.py`: the same first weights and the same
  captions in the same batches; loading counts on both sides. ``losses`` are both sides' of each
  step, ``loading`` is the share of our step that it takes to load a batch.
- ``encoder``: word vectors and a recurrent network over the batches' captions, forwards and
  backwards, against torch's own network over a packed sequence with the same weights.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import captions, torchs_own
from benchmarks.timing import compare, show, spread
from benchmarks.vsepp import Loader, Port, Towers
from core.records import Corpus
from core.sources import Rows, StoredVectors
from pipeline.allocator import keep_freed_memory
from train.building import build, seeded
from train.encoders.text import gru, lstm
from train.examples.pairs import Pairs
from train.plan import Plan
from train.recipe import resolve

BATCH, FEATURES, CLIP = 128, 2048, 2.0
CPU = torch.device("cpu")


class Ours:
    """A training as `train.training` builds it."""

    def __init__(self, corpus: Corpus, min_count: int, dim: int):
        """Every picture's features are drawn, to unit length; recipe vse++."""
        draw, ids = np.random.default_rng(0), [image.id for image in corpus.images]
        values = draw.random((len(ids), 1, FEATURES), dtype=np.float32) ** 4
        values /= np.linalg.norm(values, axis=2, keepdims=True)
        source = StoredVectors(ids, values, {"drawn": FEATURES})
        recipe = resolve({}, [f"embed_dim={dim}", f"min_count={min_count}"])
        plan = Plan.of(corpus, {"image": source}, recipe)
        with seeded(0, CPU):
            built = build(plan, {}, CPU)
        self.dim, self.learner = dim, built.learner
        self.learner.enter(self.learner.phases[0])
        assert isinstance(built.data.train, Pairs), "recipe vse++ is of pairs"
        self.part, self.data = plan.parts[0], built.data.train
        self.features = values[source.rows([image.id for image in self.part.images]), 0]
        self.words = built.measured.vocabulary
        self.loading: list[float] = []

    def step(self, rows: Rows) -> float:
        """As ``train.loop`` takes it."""
        start = time.process_time()
        batch = self.data.batch(rows, CPU, np.random.default_rng(0))
        self.loading.append(time.process_time() - start)
        return self.learner.step(self.learner.task(batch), CLIP).loss


def port_of(ours: Ours) -> Port:
    """The public step, from our weights."""
    weights = {name.removeprefix("text."): w for name, w in ours.learner.task.state_dict().items()}
    towers = Towers(len(ours.words), weights["embedding.weight"].shape[1], FEATURES, ours.dim)
    towers.load_state_dict({n.replace("image.project", "image"): w for n, w in weights.items()})
    texts = [caption.text for caption in ours.part.captions]
    loader = Loader(ours.features, ours.part.owner, texts, ours.words.index)
    return Port(towers, loader, lr=2e-4, clip=CLIP, margin=0.2)


def measure_step(ours: Ours, *, rounds: int, captions: str) -> None:
    """Print the row of a whole step."""
    port = port_of(ours)
    losses: dict[str, list[float]] = {"ours": [], "port": []}
    sides = {"ours": (ours.step, _batches(ours)), "port": (port.step, _batches(ours))}

    def step(side: str) -> None:
        take, batches = sides[side]
        losses[side].append(round(take(next(batches)), 6))

    row = compare(
        "train_step",
        lambda: step("ours"),
        lambda: step("port"),
        rounds=rounds,
        clock=time.process_time,
        captions=captions,
        words=len(ours.words),
        dim=ours.dim,
        mean_tokens=round(float(ours.data.tokens.lengths.mean()), 2),
    )
    for side in ("ours", "plain"):
        row[f"{side}_captions_per_cpu_s"] = round(BATCH / row[f"{side}_s"]["median"], 1)
    row["loading"] = round(spread(ours.loading[1:])["median"] / row["ours_s"]["median"], 5)
    show(row | {"losses": losses})


def measure_encoder(
    name: str, encoder: gru.GRU | lstm.LSTM, ours: Ours, *, rounds: int, captions: str
) -> None:
    """Print the row of an encoder alone, forwards and backwards."""
    plain, drawn = torchs_own.Packed(encoder, len(ours.words)), _batches(ours)
    batches = [ours.data.tokens.padded(next(drawn)) for _ in range(rounds + 1)]
    found: dict[str, Tensor] = {}

    def run(side: str, module: nn.Module) -> Callable[[], None]:
        left = iter(batches)

        def once() -> None:
            module.zero_grad(set_to_none=True)
            found[side] = module(*next(left))
            torch.autograd.backward(found[side].square().sum())

        return once

    row = compare(
        "encoder",
        run("ours", encoder),
        run("plain", plain),
        rounds=rounds,
        clock=time.process_time,
        encoder=name,
        captions=captions,
    )
    far = (found["ours"] - found["plain"]).norm() / found["plain"].norm()
    show(row | {"difference": float(f"{far.item():.2g}")})


def _batches(ours: Ours) -> Iterator[Rows]:
    """The same endless batches at each call."""
    draw = np.random.default_rng(1)
    while True:
        yield draw.choice(len(ours.data.id), BATCH, replace=False)


def measure(corpus: Corpus, min_count: int, *, rounds: int, dim: int) -> None:
    """Print all rows of one sort of captions."""
    ours = Ours(corpus, min_count, dim)
    measure_step(ours, rounds=rounds, captions=corpus.name)
    both = gru.Options.model_validate({"directions": 2})
    encoders: dict[str, gru.GRU | lstm.LSTM] = {
        "gru, both directions": gru.build(both, words=ours.words, dim=dim),
        "lstm": lstm.build(lstm.Options.model_validate({}), words=ours.words, dim=dim),
    }
    for name, encoder in encoders.items():
        measure_encoder(name, encoder, ours, rounds=rounds, captions=corpus.name)


def main() -> None:
    """Print one row a sort of captions and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--dim", type=int, default=1024)
    given = parser.parse_args()
    keep_freed_memory()
    for threads in given.threads:
        torch.set_num_threads(threads)
        for corpus, min_count in captions.corpora():
            measure(corpus, min_count, rounds=given.rounds, dim=given.dim)


if __name__ == "__main__":
    main()
