"""A training step against the public one, and our recurrent encoders against torch's own.

    python -m benchmarks.train_step [--rounds 9] [--threads 1]
    python -m benchmarks.train_step --device cuda [--precision bfloat16]

CPU-seconds in one process, in alternation, the allocator as the command line has it; on a GPU
seconds by the watch, once it has done what was launched, both sides on that GPU.

- ``train_step``: recipe vse++ against `benchmarks/vsepp.py`: the same first weights and the same
  captions in the same batches; loading counts on both sides. ``losses`` are both sides' of each
  step, ``loading`` is the share of our step that it takes to load a batch.
- ``encoder``: word vectors and a recurrent network over the batches' captions, forwards and
  backwards, against torch's own network over a packed sequence with the same weights.
- ``epoch``: so many captions in our steps, one after another; on a GPU as many as COCO's or
  Flickr30k's 29,000 pictures have, 145,000.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import captions, torchs_own
from benchmarks.timing import clock_of, compare, show, spread
from benchmarks.vsepp import Loader, Port, Towers
from core.records import Corpus
from core.sources import Rows, StoredVectors
from pipeline.allocator import keep_freed_memory
from pipeline.device import resolve as at
from train.building import build, seeded
from train.encoders.text import gru, lstm
from train.examples.pairs import Pairs
from train.plan import Plan
from train.recipe import resolve

BATCH, FEATURES, CLIP = 128, 2048, 2.0
CPU = torch.device("cpu")
EPOCH = 145_000


class Ours:
    """A training as `train.training` builds it."""

    def __init__(
        self,
        corpus: Corpus,
        min_count: int,
        dim: int,
        device: torch.device = CPU,
        precision: str = "float32",
    ):
        """Every picture's features are drawn, to unit length; recipe vse++."""
        draw, ids = np.random.default_rng(0), [image.id for image in corpus.images]
        values = draw.random((len(ids), 1, FEATURES), dtype=np.float32) ** 4
        values /= np.linalg.norm(values, axis=2, keepdims=True)
        source = StoredVectors(ids, values, {"drawn": FEATURES})
        given = [f"embed_dim={dim}", f"min_count={min_count}", f"precision={precision}"]
        recipe = resolve({}, given)
        plan = Plan.of(corpus, {"image": source}, recipe)
        with seeded(0, device):
            built = build(plan, {}, device)
        self.dim, self.learner, self.device = dim, built.learner, device
        self.clock, self.precision = clock_of(device), precision
        self.learner.enter(self.learner.phases[0])
        assert isinstance(built.data.train, Pairs), "recipe vse++ is of pairs"
        self.part, self.data = plan.parts[0], built.data.train
        self.features = values[source.rows([image.id for image in self.part.images]), 0]
        self.words = built.measured.vocabulary
        self.loading: list[float] = []

    def step(self, rows: Rows) -> float:
        """As ``train.loop`` takes it."""
        start = self.clock()
        batch = self.data.batch(rows, self.device, np.random.default_rng(0))
        self.loading.append(self.clock() - start)
        loss = self.learner.step(self.learner.visit(batch), CLIP).loss
        self.learner.require_moved("the benchmark", self.data.id[rows])
        return loss


def port_of(ours: Ours) -> Port:
    """The public step, from our weights."""
    weights = {name.removeprefix("text."): w for name, w in ours.learner.task.state_dict().items()}
    towers = Towers(len(ours.words), weights["embedding.weight"].shape[1], FEATURES, ours.dim)
    towers.load_state_dict({n.replace("image.project", "image"): w for n, w in weights.items()})
    towers.to(ours.device)
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
        clock=ours.clock,
        captions=captions,
        device=str(ours.device),
        precision=ours.precision,
        words=len(ours.words),
        dim=ours.dim,
        mean_tokens=round(float(ours.data.tokens.lengths.mean()), 2),
    )
    seconds = "cpu_s" if ours.device.type == "cpu" else "s"
    for side in ("ours", "plain"):
        row[f"{side}_captions_per_{seconds}"] = round(BATCH / row[f"{side}_s"]["median"], 1)
    row["loading"] = round(spread(ours.loading[1:])["median"] / row["ours_s"]["median"], 5)
    show(row | {"losses": losses})


def measure_encoder(
    name: str, encoder: gru.GRU | lstm.LSTM, ours: Ours, *, rounds: int, captions: str
) -> None:
    """Print the row of an encoder alone, forwards and backwards."""
    encoder.to(ours.device)
    plain, drawn = torchs_own.Packed(encoder, len(ours.words)).to(ours.device), _batches(ours)
    padded = [ours.data.tokens.padded(next(drawn)) for _ in range(rounds + 1)]
    batches = [(tokens.to(ours.device), lengths) for tokens, lengths in padded]
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
        clock=ours.clock,
        device=str(ours.device),
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


def measure_epoch(ours: Ours, many: int, *, captions: str) -> None:
    """Print the row of ``many`` captions in our steps, whatever the number that there is."""
    batches = _batches(ours)
    ours.step(next(batches))  # not counted: what is made at the first step
    steps, start, watch = -(-many // BATCH), ours.clock(), time.perf_counter()
    for _ in range(steps):
        ours.step(next(batches))
    seconds = ours.clock() - start
    row = {"name": "epoch", "captions": captions, "device": str(ours.device), "steps": steps}
    row |= {"precision": ours.precision, "watch_s": round(time.perf_counter() - watch, 3)}
    show(row | {"seconds": round(seconds, 3), "captions_per_s": round(steps * BATCH / seconds, 1)})


def measure(
    corpus: Corpus,
    min_count: int,
    *,
    rounds: int,
    dim: int,
    device: torch.device = CPU,
    precision: str = "float32",
    epoch: int = 0,
) -> None:
    """Print all rows of one sort of captions; that of an epoch where it has so many captions."""
    ours = Ours(corpus, min_count, dim, device, precision)
    measure_step(ours, rounds=rounds, captions=corpus.name)
    if epoch:
        measure_epoch(ours, epoch, captions=corpus.name)
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
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--precision", default="float32", help="of ours: float32 or bfloat16")
    parser.add_argument("--epoch", type=int, help="captions of an epoch; 145,000 on a GPU, else 0")
    given = parser.parse_args()
    keep_freed_memory()
    device = at(given.device)
    epoch = (0 if device.type == "cpu" else EPOCH) if given.epoch is None else given.epoch
    for threads in given.threads:
        torch.set_num_threads(threads)
        for corpus, min_count in captions.corpora():
            measure(
                corpus,
                min_count,
                rounds=given.rounds,
                dim=given.dim,
                device=device,
                precision=given.precision,
                epoch=epoch,
            )


if __name__ == "__main__":
    main()
