"""A work folder with made-up caches and runs, as the stages write them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.sealed import write_sealed
from core.store import FeatureWriter
from pipeline.memory.whereabouts import noted
from tests.caches import fields_of
from train.identity import config_sha256
from train.record import (
    FORMAT,
    LAST,
    METRICS,
    MODEL,
    PREVIOUS,
    Record,
    metrics_bytes,
    write_record,
)
from train.seen import FILE as SEEN

PICTURES = [(f"{n}.jpg", f"{n:064x}") for n in range(10)]
KINDS = {"backbone": "vgg19", "crops": 10}


def cache(work: Path, corpus: str = "photos", *, shards: int = 3, **fields: Any) -> Path:
    """A cache of ten pictures in shards of four; complete with three of these."""
    made = fields_of(PICTURES, {"pooled": [6]}, **{**KINDS, **fields})
    name = f"{corpus}-{made['backbone']}-{made['crops']}crop-mean"
    with FeatureWriter.open(
        work / "features", name, made, PICTURES, shard_size=4, made_with={"weights": "random"}
    ) as writer:
        for number, rows in writer.pending()[:shards]:
            writer.commit(number, {"pooled": np.ones((len(rows), 1, 6), np.float32)}, {})
        return writer.finish() if shards == 3 else writer.path


def tensors(count: int) -> bytes:
    """A tensor file of one tensor of ``count`` bytes, by the format's description."""
    about = {"task.x": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}
    header = json.dumps(about).encode()
    return len(header).to_bytes(8, "little") + header + b"0" * count


def run(
    work: Path,
    name: str = "photos-vgg19-10crop-mean-vse++w-seed3-01234567",
    *,
    of: Path | None = None,
    done: int = 2,
    epochs: int = 2,
    at: Path | None = None,
) -> Path:
    """A run with ``done`` of ``epochs`` epochs, each of which took 100 seconds."""
    path = at or work / "runs" / name
    path.mkdir(parents=True)
    things = {"data": work.parent / "photos", "cache": of or work / "features" / "gone"}
    config = {
        "format": FORMAT,
        "about": "",
        "given": {**noted(path, things), "recipe": "vse++w"},
        "identity": {"settings": {"epochs": epochs}, "seed": 3},
        "sources": {"image": {"made_by": {"keep": "mean", **KINDS}}},
        "measured": {},
        "threads": 1,
    }
    write_sealed(path / "config.json", config)
    if done:
        history = [{"epoch": n + 1, "score": 50.0 - n, "seconds": 100.0} for n in range(done)]
        ended = Record(
            config_sha256=config_sha256(config),
            epoch=done,
            best_epoch=1,
            best={"score": 50.0},
            history=history,
            model_sha256="0" * 64,
            done=done == epochs,
        )
        for record in (LAST, PREVIOUS):
            write_record(path / record, ended)
        (path / MODEL).write_bytes(tensors(1000))
        (path / METRICS).write_bytes(metrics_bytes(history))
        write_sealed(path / SEEN, {})
    return path
