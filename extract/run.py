"""Stage one: a corpus and a backbone to a feature cache."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torchvision

from core.files import plain_name
from core.records import Corpus
from core.store import FeatureWriter
from core.store.manifest import MANIFEST
from extract.backbone import Backbone, Calls
from extract.batches import Extractor
from extract.begun import Pending, Say, as_begun, manner_to_go_on, threads
from extract.calls import full_precision, memory_format, usual
from extract.code import code_of
from extract.digests import Missing, Picture, with_digests
from extract.engine.choice import engine
from extract.found import THREADS, Extraction, fields, find, outcome
from extract.images import quiet_decoder
from extract.manner import Manner, as_made_with
from extract.settings import SUFFIXES, FeatureSettings
from extract.stated import made_by


def extract(
    corpus: Corpus,
    backbone: Backbone,
    root: Path,
    settings: FeatureSettings,
    *,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
    pictures: list[Picture] | None = None,
    missing: Missing = lambda names, total: None,
    begun: Callable[[Path, int], None] = lambda path, there: None,
    say: Say = lambda note: None,
) -> Extraction:
    """Compute the features of every picture of ``corpus`` that are not in the cache yet.

    A complete cache is found before anything is locked or written.

    Args:
        corpus: only its pictures are read.
        backbone: what ``settings`` name, built; its module is moved to ``device``.
        root: the folder of all caches.
        settings: what is computed and kept; of one crop, both values of ``keep`` are the same.
        device: where the network runs.
        progress: called with (pictures done, pictures in all).
        pictures: those of ``corpus`` where they were digested before (see ``extract.found``).
        missing: called with "id: why" of each picture that is not there and the number of all; may
            raise, before anything is written.
        begun: called once with the cache's directory and how many pictures are there, before any
            other is computed.
        say: told sentences for a person.

    Raises:
        SettingError: a layer that the backbone lacks, the mean of grids of several crops, or no
            fused engine where it is asked for.
        InputError: no picture can be read, or one that is there fails to be.
        CacheError: one may not write there, or it was begun with other libraries, other code of the
            backbone, or an engine that is not here.
        NumberError: a value would overflow float16, or a picture vanish in it.
        BusyError: another process writes this cache.
    """
    wanted = settings.canonical()
    report = progress or (lambda done, total: None)
    workers = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))
    with quiet_decoder(), full_precision(device), workers as pool:
        if pictures is None:
            pictures = with_digests(corpus.images, pool, missing)
        made = made_by(backbone, wanted)
        found = find(root, made, pictures)
        if found:
            begun(found.path, len(pictures))
            report(len(pictures), len(pictures))
            return found
        network = backbone.module.to(device).to(memory_format=memory_format(device))
        size, crop = wanted.batch_size, backbone.transform.crop
        shapes = {layer: backbone.layers[layer] for layer in wanted.layers}
        calls = Calls.both(size) if size else usual(network, device)
        prepare = partial(
            engine, network=network, device=device, crop=crop, calls=calls, layers=wanted.layers
        )
        ready = prepare(wanted.engine)
        made_with = _made_with(backbone, settings, device, calls, ready.name)
        with FeatureWriter.open(
            root,
            _name(corpus, backbone, wanted),
            fields(made, pictures),
            [(picture.id, picture.sha256) for picture in pictures],
            shard_size=wanted.shard_size,
            made_with=made_with,
        ) as writer:
            if writer.lost:
                say(f"{writer.path / MANIFEST} was lost: it is written again, as the shards tell")
            pending = writer.pending()
            manner = manner_to_go_on(writer, pending, made_with, say, batch=bool(size))
            writer.noted = {**made_with, **writer.made_with, **as_made_with(manner)}
            with threads(manner.threads):
                begun(writer.path, len(pictures) - sum(len(rows) for _, rows in pending))
                ready = as_begun(writer.path, manner, ready, prepare)
                if pending and ready.why:
                    say(f"plain torch computes, not the fused engine: {ready.why}")
                extractor = Extractor(
                    ready.network, backbone.transform, wanted, device, manner.calls, pool
                )
                reused = _write(writer, pending, extractor, pictures, shapes, report)
            path = writer.finish()
    return outcome(path, len(pictures), reused)


def _write(
    writer: FeatureWriter,
    pending: Pending,
    extractor: Extractor,
    pictures: list[Picture],
    shapes: Mapping[str, tuple[int, ...]],
    report: Callable[[int, int], None],
) -> int:
    """Commit the shards that are missing; return how many pictures were there before."""
    reused = done = len(pictures) - sum(len(rows) for _, rows in pending)
    report(done, len(pictures))
    for number, rows in pending:
        part = pictures[rows.start : rows.stop]
        advance = _from(done, len(pictures), report)
        values, failures = extractor.features(part, shapes, advance)
        writer.commit(number, values, failures)
        done += len(rows)
    return reused


def _from(before: int, total: int, report: Callable[[int, int], None]) -> Callable[[int], None]:
    return lambda count: report(before + count, total)


def _made_with(
    backbone: Backbone, settings: FeatureSettings, device: torch.device, calls: Calls, engine: str
) -> dict[str, Any]:
    return {
        "weights": backbone.weights,
        "settings": _again(backbone, settings),
        "device": str(device),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "code": code_of(backbone.name),
        **as_made_with(Manner(torch.get_num_threads(), engine, calls)),
    }


def _again(backbone: Backbone, settings: FeatureSettings) -> dict[str, Any]:
    """``settings`` as JSON, such that they make the same from any other folder."""
    file = Path(settings.weights)
    weights = str(file.resolve()) if file.suffix in SUFFIXES else settings.weights
    return settings.model_dump(mode="json") | {"backbone": backbone.name, "weights": weights}


def _name(corpus: Corpus, backbone: Backbone, wanted: FeatureSettings) -> str:
    layers = wanted.layers if wanted.layer != "pooled" else ()
    parts = (corpus.name, backbone.name, *layers, f"{wanted.crops}crop", wanted.keep)
    return plain_name("-".join(parts))
