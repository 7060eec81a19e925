"""A small cache to write, break and compare; run as a script, a writer in another process."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.store import FeatureWriter

FIELDS: dict[str, Any] = {
    "backbone": "resnet50",
    "weights": "0" * 64,
    "layer": "pooled",
    "transform": {"resize": 256, "crop": 224, "mean": [0.485, 0.456, 0.406]},
    "crops": 10,
    "keep": "mean",
    "dtype": "float32",
    "decoder": "Pillow 13.0.0",
    "exif": True,
    "corpus": "1" * 64,
}
SHARD_SIZE = 4
PICTURES = [(f"{n:03d} ü.jpg", hashlib.sha256(b"%d" % n).hexdigest()) for n in range(11)]
IDS = [name for name, _ in PICTURES]
# In the first and the last shard.
FAILURES = {IDS[2]: "cannot identify the image file", IDS[10]: "image file is truncated"}


def features(
    ids: Iterable[str], shape: tuple[int, ...] = (1, 6), dtype: str = "float32"
) -> npt.NDArray[Any]:
    """Numbers that follow from the id alone; zeros for a picture that failed."""
    made = [
        np.random.default_rng(IDS.index(name)).standard_normal(shape) * (name not in FAILURES)
        for name in ids
    ]
    return np.stack(made).astype(dtype)


def commit(writer: FeatureWriter, number: int, rows: range, **kind: Any) -> None:
    """Commit one shard of the made-up features."""
    ids = writer.ids[rows.start : rows.stop]
    layer = "grid" if len(kind.get("shape", ())) == 4 else "pooled"
    writer.commit(number, {layer: features(ids, **kind)}, FAILURES)


def write(
    root: Path,
    *,
    fields: dict[str, Any] = FIELDS,
    name: str = "toy",
    shard_size: int = SHARD_SIZE,
    **kind: Any,
) -> Path:
    """Do what stage one does: commit what is pending, then finish."""
    with FeatureWriter.open(root, name, fields, PICTURES, shard_size=shard_size) as writer:
        for number, rows in writer.pending():
            commit(writer, number, rows, **kind)
        return writer.finish()


def contents(cache: Path) -> dict[str, bytes]:
    """Every file of a cache but the lock."""
    return {path.name: path.read_bytes() for path in cache.iterdir() if path.name != ".lock"}


def hold(root: Path) -> None:
    """Commit one shard, wait for a line on stdin with the lock held, then write the rest."""
    with FeatureWriter.open(root, "toy", FIELDS, PICTURES, shard_size=SHARD_SIZE) as writer:
        (number, rows), *rest = writer.pending()
        commit(writer, number, rows)
        sys.stdout.write("holding\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for number, rows in rest:
            commit(writer, number, rows)
        writer.finish()


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
