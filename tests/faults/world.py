"""What faults are tried on: twelve pictures, and the three stages as a user types them."""

from pathlib import Path

import numpy as np
from PIL import Image

STAGES = (
    *("features", "features-resumed", "features-again"),
    *("train", "train-resumed", "train-again"),
    *("evaluate", "evaluate-again"),
)
"""In this order: each on its own, from where a kill has left it, and where all is there."""
BACKBONE = "shufflenet_v2_x0_5"
SPLITS = ("train",) * 6 + ("val",) * 3 + ("test",) * 3
WORDS = ("red", "green", "blue", "dog", "ball", "tree")
SMALL = ("epochs=3", "phase.warm.epochs=1", "lr=0.03", "batch_size=4", "min_count=1")
NARROW = ("embed_dim=8", "word_dim=4")
SEED = "3"  # of its three epochs the second is the best: a model is written over, and one is not


def draw(data: Path) -> None:
    """A corpus of twelve pictures of noise with a sentence or two each."""
    (data / "images").mkdir(parents=True)
    drawn = np.random.default_rng(0)
    rows = ["image,caption,split"]
    for number, split in enumerate(SPLITS):
        pixels = drawn.integers(0, 256, (18, 18, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(data / "images" / f"{number:02d}.png")
        for _ in range(1 + number % 2):
            sentence = " ".join(drawn.choice(WORDS, size=4))
            rows.append(f"{number:02d}.png,{sentence},{split}")
    (data / "captions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def command(stage: str, root: Path) -> list[str]:
    """What is typed for ``stage`` in ``root``, where the stages before it are done."""
    data, work, run = root / "data", root / "work", run_of(root)
    at_work = ["--work", str(work), "--device", "cpu"]
    name = stage.partition("-")[0]
    if name == "features":
        made = ["--backbone", BACKBONE, "--weights", "random", "--crops", "1", "--shard-size", "4"]
        return ["features", str(data), *made, *at_work]
    if name == "train":
        cache = next((work / "features").glob("*-1crop-mean-*"))
        recipe = ["--recipe", "demo", "--seed", SEED]
        recipe += [word for key in (*SMALL, *NARROW) for word in ("--set", key)]
        given = ["--data", str(data), "--run", str(run), "--save-every", "0"]
        return ["train", str(cache), *given, *recipe, *at_work]
    return ["evaluate", str(run), "--no-page", *at_work]


def run_of(root: Path) -> Path:
    """The run's directory."""
    return root / "work" / "run"
