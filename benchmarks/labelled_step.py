"""A training step of DSCMR, against a plain port of the public code.

Both begin with the same weights and take the same batches, and must have the same losses. Vectors
are drawn: of VGG19's width with a sentence CNN's, as published, and of the Wikipedia set's widths.
Times are CPU-seconds of one thread.

    python -m benchmarks.labelled_step
"""

import argparse
import time
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.dscmr import Network, Port
from benchmarks.timing import compare, show
from core.records import Caption, Corpus, Image
from core.sources import CAPTIONS, StoredVectors
from pipeline import recipe_files
from train.building import build, seeded
from train.plan import Plan
from train.recipe import resolve

CPU = torch.device("cpu")
CLASSES, BATCH, APART = 10, 100, 1e-3
"""The recipe's batch; two losses may differ by this share: steps add up what rounding does."""
WIDTHS = {"published": (4096, 300), "wikipedia": (128, 10)}


class Sides:
    """Ours and the port, on ``items`` drawn pairs."""

    def __init__(self, items: int, widths: tuple[int, int], *assignments: str):
        """Both with the weights of ours; the recipe is dscmr."""
        draw, number = np.random.default_rng(0), np.arange(items) % CLASSES
        values = [
            (draw.standard_normal((CLASSES, w))[number] + draw.standard_normal((items, w))).astype(
                np.float32
            )
            for w in widths
        ]
        recipe = resolve(recipe_files.read("dscmr"), assignments)
        plan = Plan.of(*_stored(values, number.tolist()), recipe)
        with seeded(0, CPU):
            built = build(plan, {}, CPU)
        self.learner, self.data, self.clip = built.learner, built.data.train, recipe.clip
        self.learner.enter(self.learner.phases[0])
        label = np.eye(CLASSES, dtype=np.float32)[number]
        self.port = Port(self._network(widths), values[0], values[1], label)
        self.losses: dict[str, list[float]] = {"ours": [], "port": []}
        self._orders = {side: np.random.default_rng(1) for side in self.losses}

    def steps(self, side: str, many: int) -> None:
        """``many`` steps of a side, on batches that are the same for both."""
        take = self._step if side == "ours" else self.port.step
        for _ in range(many):
            rows = self._orders[side].choice(len(self.data.id), BATCH, replace=False)
            self.losses[side].append(take(rows))

    def _step(self, rows: Any) -> float:
        """As ``train.loop`` takes it."""
        batch = self.data.batch(rows, CPU, np.random.default_rng(0))
        loss = self.learner.step(self.learner.visit(batch), self.clip).loss
        self.learner.require_moved("the benchmark", self.data.id[rows])
        return loss

    def _network(self, widths: tuple[int, int]) -> Network:
        ours = self.learner.task.state_dict()
        joint = ours["shared.joint.weight"]
        network = Network(*widths, joint.shape[1], joint.shape[0], CLASSES)
        short = {name.replace("project.", "").replace("shared.", ""): w for name, w in ours.items()}
        network.load_state_dict(short)
        return network


def _stored(values: list[Any], number: list[int]) -> tuple[Corpus, dict[str, StoredVectors]]:
    """A pair an item for training, and the first of each class over again for validation."""
    ids = [f"p{row:06d}" for row in range(len(number))]
    val = [f"v{row:06d}" for row in range(CLASSES)]
    images = [Image(i, None, "train", (f"c{n}",)) for i, n in zip(ids, number, strict=True)]
    images += [Image(i, None, "val", (f"c{row}",)) for row, i in enumerate(val)]
    captions = [(image.id, Caption(f"{image.id}#0", "drawn")) for image in images]
    every = [np.concatenate([side, side[:CLASSES]])[:, None] for side in values]
    image = StoredVectors([each.id for each in images], every[0], {"drawn": 1})
    text = StoredVectors([c.id for _, c in captions], every[1], {"drawn": 1, **CAPTIONS})
    return Corpus.build("drawn", images, captions), {"image": image, "text": text}


def measure(name: str, items: int, *, steps: int, rounds: int, given: tuple[str, ...] = ()) -> Any:
    """The row of vectors of one width.

    Raises:
        SystemExit: the two have other losses.
    """
    sides = Sides(items, WIDTHS[name], *given)
    row = compare(
        "labelled_step",
        partial(sides.steps, "ours", steps),
        partial(sides.steps, "port", steps),
        rounds=rounds,
        clock=time.process_time,
        widths=list(WIDTHS[name]),
        items=items,
        batch=BATCH,
        steps=steps,
    )
    ours, port = (np.array(sides.losses[side]) for side in ("ours", "port"))
    if not np.allclose(ours, port, rtol=APART):
        raise SystemExit(f"{name}: losses differ by {np.abs(ours / port - 1).max():.2g}")
    return {**row, "first_loss": float(ours[0]), "apart": float(np.abs(ours / port - 1).max())}


def main() -> None:
    """Print one row a pair of widths."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.set_num_threads(1)
    for name in WIDTHS:
        show(measure(name, 2173, steps=10, rounds=5))


if __name__ == "__main__":
    main()
