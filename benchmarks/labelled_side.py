"""One side of the comparison of DSCMR's step, in a process of its own: started by `labelled_step`.

- ``ours``: as ``train.loop`` takes a step, with the allocator as the command line has it.
- ``port``: the public code's step, as who runs that has it.
- ``port-kept``: the same, with the allocator as the command line has it.

Both draw the same vectors, begin with the same weights, and take the same batches.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.apart import answer
from benchmarks.dscmr import Network, Port
from core.records import Caption, Corpus, Image
from core.sources import CAPTIONS, StoredVectors
from pipeline import recipe_files
from pipeline.allocator import keep_freed_memory
from train.building import Built, build, seeded
from train.plan import Plan
from train.recipe import resolve

CPU = torch.device("cpu")
CLASSES, BATCH = 10, 100
"""The recipe's batch."""
Take = Callable[[npt.NDArray[np.int64]], float]
"""A step on the items with these numbers: its loss."""


def taking(side: str, items: int, widths: tuple[int, int], assignments: list[str]) -> Take:
    """The step of a side, ours or that of a port, on ``items`` drawn pairs; the recipe is dscmr."""
    draw, number = np.random.default_rng(0), np.arange(items) % CLASSES
    centres = [
        (draw.standard_normal((CLASSES, w)), draw.standard_normal((items, w))) for w in widths
    ]
    values = [(centre[number] + noise).astype(np.float32) for centre, noise in centres]
    recipe = resolve(recipe_files.read("dscmr"), assignments)
    plan = Plan.of(*_stored(values, number.tolist()), recipe)
    with seeded(0, CPU):
        built = build(plan, {}, CPU)
    if side == "ours":
        return _ours(built, recipe.clip)
    image, text = values
    label = np.eye(CLASSES, dtype=np.float32)[number]
    return Port(_network(built, widths), image, text, label).step


def _ours(built: Built, clip: float) -> Take:
    learner, data = built.learner, built.data.train
    learner.enter(learner.phases[0])

    def take(rows: npt.NDArray[np.int64]) -> float:
        batch = data.batch(rows, CPU, np.random.default_rng(0))
        loss = learner.step(learner.visit(batch), clip).loss
        learner.require_moved("the benchmark", data.id[rows])
        return loss

    return take


def _network(built: Built, widths: tuple[int, int]) -> Network:
    weights = built.learner.task.state_dict()
    joint = weights["shared.joint.weight"]
    network = Network(*widths, joint.shape[1], joint.shape[0], CLASSES)
    short = {n.replace("project.", "").replace("shared.", ""): w for n, w in weights.items()}
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


def main(side: str, given: str) -> None:
    """Answer each line on stdin with so many steps: their ``losses``, and ``cpu_s``.

    ``given`` is JSON of ``items``, ``widths``, ``steps`` and ``assignments``.
    """
    told = json.loads(given)
    torch.set_num_threads(1)
    if side != "port":
        keep_freed_memory()
    take = taking(side, told["items"], tuple(told["widths"]), told["assignments"])
    order = np.random.default_rng(1)

    def work() -> dict[str, Any]:
        start = time.process_time()
        batches = (order.choice(told["items"], BATCH, replace=False) for _ in range(told["steps"]))
        losses = [take(rows) for rows in batches]
        return {"cpu_s": time.process_time() - start, "losses": losses}

    answer({}, work)


if __name__ == "__main__":
    main(*sys.argv[1:])
