"""What a report says before anything is measured: of which run, on what, by which program."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.files import json_sha256
from core.records import Corpus
from core.sources import Source, each_view
from core.store import FeatureCache
from evaluate.report import Report
from pipeline.corpus import one_key
from pipeline.memory.machine import Machine
from pipeline.memory.program import program
from train.opened import Opened
from train.record import Record
from train.seen import captions_by_split

_SAID = ("backbone", "encoder", "crops", "keep", "dtype")
"""What an encoder is for a person, beside its layers and its weights."""


def circumstances(
    opened: Opened,
    caches: Sequence[FeatureCache],
    sources: Mapping[str, Source],
    part: Corpus,
    machine: Machine,
) -> dict[str, Any]:
    """JSON facts of one split, ``part``, that together decide what will be measured.

    No path is among them. The fields are listed in docs/protocols.md.
    """
    config = opened.config
    identity, given = config["identity"], config["given"]
    (asked,) = captions_by_split(part).values()
    return {
        "run": opened.run.resolve().name,
        "epochs": opened.outline.epochs,
        **how_far(opened.record),
        "recipe": {
            "name": Path(given.get("recipe", "")).stem,
            "sha256": json_sha256(identity["settings"]),
        },
        "seed": identity["seed"],
        **_noise(identity),
        "cache": caches[0].key if len(caches) == 1 else [cache.key for cache in caches],
        "shards": one_key([_shards(cache) for cache in caches]),
        "encoders": {name: _encoder(source) for name, source in sources.items()},
        "corpus": {"name": part.name, "sha256": asked},
        **with_what(machine, config),
        **program(),
    }


def _noise(identity: Mapping[str, Any]) -> dict[str, Any]:
    """The share of wrong labels that a run was trained with, where it was with some."""
    share = identity["settings"].get("task", {}).get("label_noise")
    return {"label_noise": share} if share else {}


def how_far(record: Record) -> dict[str, Any]:
    """Of which state of a run the model is; and its gallery's bias, where it has one."""
    return {
        "epoch": record.best_epoch,
        "epochs_done": record.epoch,
        "finished": record.done,
        "model": record.model_sha256,
        **({"gallery": record.gallery} if record.gallery else {}),
    }


def with_what(machine: Machine, config: Mapping[str, Any]) -> dict[str, Any]:
    """What computes the answer; ``config`` is of the run."""
    return {
        "threads": {"evaluation": machine.threads, "training": config["threads"]},
        "device": machine.device,
        "torch": machine.torch,
    }


def lines(report: Report, runs: Sequence[Mapping[str, Any]]) -> str:
    """What a person needs beside the table: what was asked, then a line a run.

    Args:
        report: of all runs.
        runs: what ``circumstances`` gave of each.
    """
    asked = [f"split {runs[0]['split']}", report.setting(), report.chance()]
    of = ["run"] if len(runs) == 1 else [f"run {number}:" for number in range(1, len(runs) + 1)]
    told = [f"{which} {_run(facts)}" for which, facts in zip(of, runs, strict=True)]
    return "\n".join(["; ".join(filter(None, asked)), *told])


def _run(facts: Mapping[str, Any]) -> str:
    state = "finished" if facts["finished"] else f"not finished ({facts['epochs_done']} done)"
    epoch = f"epoch {facts['epoch']} of {facts['epochs']}, " if facts["epochs"] else ""
    model = f"model {facts['model'][:8]}"
    noise = [f"label noise {facts['label_noise']}"] if "label_noise" in facts else []
    return "; ".join([facts["run"], f"{epoch}{state}", *noise, model, _named(facts["cache"])])


def _shards(cache: FeatureCache) -> str:
    return json_sha256([shard["sha256"] for shard in cache.manifest["shards"]])


def _named(cache: str | list[str]) -> str:
    """The caches in a line, each by the first digits of its key."""
    keys = [cache] if isinstance(cache, str) else cache
    return f"{'caches' if len(keys) > 1 else 'cache'} {' '.join(key[:8] for key in keys)}"


def _encoder(source: Source) -> dict[str, Any]:
    """What a source is; of views what all share, and under ``views`` the rest of each."""
    views = each_view({"made_by": source.made_by, "settings": source.settings})
    told = [_told(view["made_by"], view["settings"] or {}) for view in views]
    if len(views) == 1:
        return {"sha256": source.encoder, **told[0]}
    for said, view in zip(told, views, strict=True):
        if sizes := view["made_by"].get("transform"):
            said["transform"] = f"{sizes['resize']}:{sizes['crop']}"
    shared = {
        key: one for key, one in told[0].items() if all(each.get(key) == one for each in told)
    }
    own = [{key: one for key, one in each.items() if key not in shared} for each in told]
    return {"sha256": source.encoder, **shared, "views": own}


def _told(made_by: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: made_by[key] for key in _SAID if key in made_by}
    if "layers" in made_by:
        said["layer"] = "+".join(made_by["layers"])
    if "weights" in chosen:
        said["weights"] = Path(chosen["weights"]).name
    return said
