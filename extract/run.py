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
from extract.batches import Extractor, Picture, Wanted, full_precision, memory_format
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
        NumberError: a value would overflow float16, or a picture vanish in it.
        BusyError: another process writes this cache.
    """
    wanted = _checked(backbone, Wanted(layer, crops, keep, dtype))
    size = batch_size or (CPU_BATCH if device.type == "cpu" else BATCH)
    network = backbone.module.to(device).to(memory_format=memory_format(device))
    report = progress or (lambda done, total: None)
    workers = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))
    with quiet_decoder(), full_precision(device), workers as pool:
        pictures = _pictures(corpus, pool)
        extractor = Extractor(network, backbone.transform, wanted, device, size, pool)
        with FeatureWriter.open(
            root,
            _name(corpus, backbone, wanted),
            _fields(backbone, pictures, wanted),
            [(picture.id, picture.sha256) for picture in pictures],
            shard_size=shard_size,
            made_with=_made_with(backbone, device, size),
        ) as writer:
            reused = _write(writer, extractor, pictures, backbone.layers[layer], report)
            path = writer.finish()
    return _outcome(path, len(pictures), reused)


def _write(
    writer: FeatureWriter,
    extractor: Extractor,
    pictures: list[Picture],
    shape: tuple[int, ...],
    report: Callable[[int, int], None],
) -> int:
    """Commit the shards that are missing; return how many pictures were there before."""
    pending = writer.pending()
    reused = done = len(pictures) - sum(len(rows) for _, rows in pending)
    report(done, len(pictures))
    for number, rows in pending:
        part = pictures[rows.start : rows.stop]
        advance = _from(done, len(pictures), report)
        values, failures = extractor.features(part, shape, advance)
        writer.commit(number, {extractor.wanted.layer: values}, failures)
        done += len(rows)
    return reused


def _checked(backbone: Backbone, wanted: Wanted) -> Wanted:
    """``wanted``, with the one word for one crop, whose mean is itself."""
    layer, crops, keep, dtype = wanted
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
    return wanted._replace(keep="mean") if crops == 1 else wanted


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


def _fields(backbone: Backbone, pictures: list[Picture], wanted: Wanted) -> dict[str, Any]:
    return {
        "backbone": backbone.name,
        "weights": backbone.sha256,
        "layers": {wanted.layer: list(backbone.layers[wanted.layer])},
        "transform": asdict(backbone.transform),
        "crops": wanted.crops,
        "keep": wanted.keep,
        "dtype": wanted.dtype,
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


def _name(corpus: Corpus, backbone: Backbone, wanted: Wanted) -> str:
    layer = [wanted.layer] if wanted.layer != "pooled" else []
    parts = (corpus.name, backbone.name, *layer, f"{wanted.crops}crop", wanted.keep)
    return re.sub(r"[^\w.-]+", "_", "-".join(parts))


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
