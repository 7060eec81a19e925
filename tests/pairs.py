"""Folders of vectors of both sides with labels, drawn small."""

from pathlib import Path
from typing import Any

import numpy as np

MANY = {"train": 40, "val": 12, "test": 15}
CLASSES = 3


def drawn(split: str, *, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
    """``images`` (N, 6), ``texts`` (N, 4) float32 and ``labels`` (N,) int64, all there."""
    rng = np.random.default_rng([seed, *split.encode()])
    labels = np.arange(MANY[split]) % CLASSES
    of = {"images": 6, "texts": 4}
    found = {
        side: (np.eye(width)[labels] + 0.3 * rng.normal(size=(len(labels), width))).astype("f4")
        for side, width in of.items()
    }
    return {**found, "labels": labels}


def folder(path: Path, *splits: str, **changed: Any) -> Path:
    """``train_images.npy`` ... of the splits (all by default); ``changed`` are told by their names.

    What is changed to None is not there.
    """
    path.mkdir(parents=True, exist_ok=True)
    every = {f"{s}_{name}": v for s in splits or MANY for name, v in drawn(s).items()}
    for name, values in {**every, **changed}.items():
        if values is not None:
            np.save(path / f"{name}.npy", values)
    return path
