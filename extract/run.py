"""Stage one: a corpus and a backbone to a feature cache."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision

from core.errors import InputError, SettingError, choices
from core.files import file_sha256, json_sha256
from core.records import Corpus
from core.store import FeatureWriter
from core.store.verify import read_manifest
from extract.backbone import Backbone
from extract.batches import Extractor, Picture, memory_format
from extract.images import CROPS, DECODER, EXIF, quiet_decoder

KEEP = ("mean", "all")
DTYPES = ("float32", "float16")
THREADS = 8
CPU_BATCH, BATCH = 5, 128  # crops a call; a CPU pays for large batches with page faults


@dataclass(frozen=True)
class Extraction:
    """A complete cache, and what became of the pictures.

    Attributes:
        path: the cache's directory.
        pictures: all of the corpus, unreadable ones too.
        failures: (id, reason) of each picture without features.
        reused: how many pictures were there already.
    """

    path: Path
    pictures: int
    failures: tuple[tuple[str, str], ...]
    reused: int


def extract(
    corpus: Corpus,
    backbone: Backbone,
    root: Path,
    *,
    device: torch.device,
    layer: str = "pooled",
    crops: int = 10,
    keep: str = "mean",
    dtype: str = "float32",
    shard_size: int = 1024,
    batch_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Extraction:
    """Compute the features of every picture of ``corpus`` that are not in the cache yet.

    Args:
        corpus: only its pictures are read.
        backbone: its module is moved to ``device``.
        root: the folder of all caches.
        device: where the network runs.
        layer: ``pooled`` or ``grid``.
        crops: 1, 5 or 10 a picture.
        keep: ``mean`` over the crops, or ``all`` of them; of one crop the two are the same.
        dtype: ``float32`` or ``float16``.
        shard_size: pictures a shard.
        batch_size: crops a call of the network; by default what is fast on ``device``.
        progress: called with (pictures done, pictures in all).

    Raises:
        SettingError: an unknown option, or the mean of grids of several crops.
        InputError: no picture can be read.
        NumberError: a value would overflow float16.
        CacheError: another process writes this cache.
    """
    _check(backbone, layer, crops, keep, dtype)
    keep = "mean" if crops == 1 else keep
    size = batch_size or (CPU_BATCH if device.type == "cpu" else BATCH)
    network = backbone.module.to(device).to(memory_format=memory_format(device))
    report = progress or (lambda done, total: None)
    with quiet_decoder(), ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        pictures = _pictures(corpus, pool)
        extractor = Extractor(
            network, backbone.transform, layer, crops, keep == "mean", dtype, device, size, pool
        )
        fields = _fields(backbone, pictures, layer, crops, keep, dtype)
        with FeatureWriter.open(
            root,
            _name(corpus, backbone, layer, crops, keep),
            fields,
            [(picture.id, picture.sha256) for picture in pictures],
            shard_size=shard_size,
            made_with=_made_with(backbone, device, size),
        ) as writer:
            pending = writer.pending()
            reused = done = len(pictures) - sum(len(rows) for _, rows in pending)
            report(done, len(pictures))
            for number, rows in pending:
                values, failures = extractor.features(
                    pictures[rows.start : rows.stop],
                    backbone.layers[layer],
                    _from(done, len(pictures), report),
                )
                writer.commit(number, {layer: values}, failures)
                done += len(rows)
            path = writer.finish()
    return _outcome(path, len(pictures), reused)


def _check(backbone: Backbone, layer: str, crops: int, keep: str, dtype: str) -> None:
    for option, value, accepted in (
        ("layer", layer, tuple(backbone.layers)),
        ("crops", str(crops), tuple(map(str, CROPS))),
        ("keep", keep, KEEP),
        ("dtype", dtype, DTYPES),
    ):
        if value not in accepted:
            raise SettingError(f"unknown {option} {value!r}: {choices(value, accepted)}")
    if layer == "grid" and crops > 1 and keep == "mean":
        raise SettingError(
            f"the mean of {crops} grids means nothing: a position is another place in each crop; "
            "use --crops 1 or --keep all"
        )


def _from(before: int, total: int, report: Callable[[int, int], None]) -> Callable[[int], None]:
    return lambda count: report(before + count, total)


def _pictures(corpus: Corpus, pool: ThreadPoolExecutor) -> list[Picture]:
    def digest(path: Path) -> str:
        try:
            return file_sha256(path)
        except OSError:  # the reason is found when the picture is read
            return ""

    digests = pool.map(digest, [image.path for image in corpus.images])
    return [Picture(i.id, i.path, d) for i, d in zip(corpus.images, digests, strict=True)]


def _fields(
    backbone: Backbone, pictures: list[Picture], layer: str, crops: int, keep: str, dtype: str
) -> dict[str, Any]:
    return {
        "backbone": backbone.name,
        "weights": backbone.sha256,
        "layers": {layer: list(backbone.layers[layer])},
        "transform": asdict(backbone.transform),
        "crops": crops,
        "keep": keep,
        "dtype": dtype,
        "decoder": DECODER,
        "exif": EXIF,
        "corpus": json_sha256([[picture.id, picture.sha256] for picture in pictures]),
    }


def _made_with(backbone: Backbone, device: torch.device, batch_size: int) -> dict[str, Any]:
    return {
        "weights": backbone.weights,
        "device": str(device),
        "batch_size": batch_size,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }


def _name(corpus: Corpus, backbone: Backbone, layer: str, crops: int, keep: str) -> str:
    parts = (corpus.name, backbone.name, *([layer] if layer != "pooled" else []))
    return re.sub(r"[^\w.-]+", "_", "-".join((*parts, f"{crops}crop", keep)))


def _outcome(path: Path, pictures: int, reused: int) -> Extraction:
    listed = read_manifest(path)["failures"]
    failures = tuple((failure["id"], failure["reason"]) for failure in listed)
    if len(failures) == pictures:
        first, reason = failures[0]
        raise InputError(
            f"none of the {pictures} pictures has features, {first!r} for this reason: {reason}; "
            "check the folder and the pictures"
        )
    return Extraction(path, pictures, failures, reused)
