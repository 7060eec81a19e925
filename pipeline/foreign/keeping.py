"""What was read of a foreign checkpoint, written: as a run, or as tensors, words and facts."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from core.errors import RunError
from core.files import write_bytes, write_json
from core.sealed import write_sealed
from core.sources import Source
from pipeline.foreign.reading import Foreign
from pipeline.foreign.vsepp import Fitting, epoch, named
from train.building import build_task, seeded
from train.identity import config_sha256
from train.measured import VOCABULARY, Measured
from train.outline import Outline
from train.record import CONFIG, FORMAT, LAST, MODEL, Record, metrics_bytes, write_record
from train.seen import Seen
from train.settled import settle

WEIGHTS, FACTS = "weights.safetensors", "foreign.json"
UNKNOWN = Seen([], [], {}, ())
"""What a foreign model was trained on: nobody knows."""


def require_empty(folder: Path) -> None:
    """Refuse to write over anything.

    Raises:
        RunError: something is there.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise RunError(f"{folder} is there already; choose another --out")


def facts_of(foreign: Foreign) -> dict[str, Any]:
    """Where it came from, and what it said of itself, as JSON values."""
    facts = {
        key: value for key, value in foreign.facts.items() if key not in ("model", "optimizer")
    }
    return {"file": foreign.file.name, "sha256": dict(foreign.digests), "facts": facts}


def keep_parts(foreign: Foreign, folder: Path) -> None:
    """Write the tensors under VSE++'s names, the words as ours, and the facts."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: tensor.contiguous() for n, tensor in named(foreign.tensors).items()}
    write_bytes(folder / WEIGHTS, safetensors.torch.save(tensors))
    if foreign.words:
        write_sealed(folder / VOCABULARY, foreign.words.to_json())
    write_json(folder / FACTS, facts_of(foreign))


def keep_run(
    foreign: Foreign,
    fit: Fitting,
    outline: Outline,
    source: Source,
    given: Mapping[str, Any],
    run: Path,
) -> None:
    """Write a finished run whose model these tensors are; what it has seen is not known.

    Args:
        foreign: what was read.
        fit: its tensors by our names.
        outline: of the recipe with its assignments.
        source: features such as it was trained on.
        given: where things are (see ``pipeline.memory.whereabouts.given_of``).
        run: an empty folder, or none.

    Raises:
        RunError: the tensors do not fit together.
    """
    measured = Measured({"image": tuple(source.shape)}, foreign.words)
    with seeded(0, torch.device("cpu")):
        task = build_task(outline.recipe(), measured, {})
    tensors = {name: tensor.contiguous() for name, tensor in fit.tensors.items()}
    try:
        task.load_state_dict({n.removeprefix("task."): t for n, t in tensors.items()})
    except RuntimeError as error:
        told = " ".join(str(error).split())[:200]
        raise RunError(f"{foreign.file} is no whole model: {told}; fetch it again") from None
    config = {
        "format": FORMAT,
        "about": f"converted from {foreign.file.name}: what it was trained on is not known",
        "given": {**given, "converted": facts_of(foreign)},
        "identity": {
            "settings": outline.settings,
            "seed": 0,
            "encoders": {"image": source.encoder},
            "seen": UNKNOWN.digest,
        },
        "sources": {
            "image": {
                "encoder": source.encoder,
                "made_by": dict(source.made_by),
                "settings": source.settings,
            }
        },
        "measured": measured.to_json(),
        "threads": torch.get_num_threads(),
    }
    model = safetensors.torch.save(tensors, {"format": FORMAT})
    run.mkdir(parents=True, exist_ok=True)
    write_bytes(run / MODEL, model)
    measured.write_words(run)
    UNKNOWN.write(run)
    write_sealed(run / CONFIG, config)
    record = _record(foreign, config_sha256(config), sha256(model).hexdigest())
    write_record(run / LAST, record)
    settle(run, record)


def _record(foreign: Foreign, config: str, model: str) -> Record:
    """As of a training that ended: its last epoch is the only one that is known."""
    done, told = epoch(foreign), foreign.facts.get("best_rsum")
    scores = {"score": float(told)} if isinstance(told, int | float) else {}
    history: list[dict[str, float]] = [{"epoch": done, **scores}]
    return Record(
        config,
        epoch=done,
        best_epoch=done,
        best=scores,
        validation=scores,
        history=history,
        model_sha256=model,
        metrics_sha256=sha256(metrics_bytes(history)).hexdigest(),
        done=True,
    )
