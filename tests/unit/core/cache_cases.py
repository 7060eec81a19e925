"""A small cache to write, break and compare; run as a script, a writer in another process."""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import write_json
from core.sealed import read_sealed, write_sealed
from core.store import FeatureWriter, cache_key, directory_name
from tests.caches import fields_of

SHARD_SIZE = 4
PICTURES = [(f"{n:03d} ü.jpg", hashlib.sha256(b"%d" % n).hexdigest()) for n in range(11)]
IDS = [name for name, _ in PICTURES]
FIELDS: dict[str, Any] = fields_of(
    PICTURES,
    {"pooled": [6]},
    backbone="resnet50",
    weights="0" * 64,
    transform={"resize": 256, "crop": 224, "mean": [0.485, 0.456, 0.406]},
    crops=10,
    decoder="Pillow 13.0.0",
    exif=True,
)
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


def fields_for(shape: tuple[int, ...] = (1, 6), dtype: str = "float32") -> dict[str, Any]:
    """What the fields say of features of this shape (crops, ...) and dtype."""
    kept, *one = shape
    layer = "grid" if len(shape) == 4 else "pooled"
    crops = {"crops": kept, "keep": "all"} if kept > 1 else {}
    return {"layers": {layer: one}, "dtype": dtype} | crops


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
    made = fields | fields_for(**kind) if kind else fields
    with FeatureWriter.open(root, name, made, PICTURES, shard_size=shard_size) as writer:
        for number, rows in writer.pending():
            commit(writer, number, rows, **kind)
        return writer.finish()


def contents(cache: Path) -> dict[str, bytes]:
    """Every file of a cache but the lock."""
    return {path.name: path.read_bytes() for path in cache.iterdir() if path.name != ".lock"}


def flip(path: Path, position: int) -> None:
    """Change one bit of a file, in its place: one that is written anew waits for the disk."""
    with path.open("r+b", buffering=0) as stream:
        (byte,) = os.pread(stream.fileno(), 1, position // 8)
        os.pwrite(stream.fileno(), bytes([byte ^ 1 << position % 8]), position // 8)


def edit(path: Path, **changes: object) -> None:
    """Change a sealed file and give it its right digest again."""
    write_sealed(path, read_sealed(path) | changes)


def edit_fields(cache: Path, **changes: object) -> Path:
    """Change what the manifest says makes the numbers, and make key and name fit again."""
    fields = read_sealed(cache / "cache.json")["fields"] | changes
    key = cache_key(fields)
    edit(cache / "cache.json", fields=fields, key=key)
    for file in cache.glob("*.json"):
        if file.name != "cache.json":
            edit(file, key=key)
    return cache.rename(cache.parent / directory_name("toy", key))


def put_shard(cache: Path, number: int, content: bytes) -> None:
    """Replace a shard by other bytes, with all digests rewritten."""
    file = cache / f"shard-{number:05d}.h5"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    edit(file.with_suffix(".json"), sha256=digest)
    shards = read_sealed(cache / "cache.json")["shards"]
    shards[number]["sha256"] = digest
    edit(cache / "cache.json", shards=shards)


def unseal(cache: Path) -> None:
    """Make of a cache one of an earlier version, whose .json had neither digest nor key."""
    for file in cache.glob("*.json"):
        content = read_sealed(file)
        if file.name != "cache.json":
            del content["key"]
        write_json(file, content)


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
