"""A run read back: its best model, and what it may be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.errors import CacheError, RunError
from core.predictions import Prediction
from core.records import Corpus
from core.sources import Source, refuse_other_encoder
from train.building import build_task, seeded
from train.checkpoint import read_best
from train.gallery.bank import require_galleried
from train.gallery.bias import Gallery
from train.identity import read_config, read_settings, require_one_run
from train.learner import under
from train.measured import Measured
from train.origins import origins
from train.record import Record
from train.schema import Recipe
from train.seen import Seen
from train.task import Modules, Task


@dataclass(frozen=True)
class Trained:
    """The best model of a run; ``gallery`` is None where it has no bias of one, or not yet."""

    run: Path
    recipe: Recipe
    config: Mapping[str, Any]
    record: Record
    seen: Seen
    task: Task[Any]
    gallery: Gallery | None = None

    def predict(self, part: Corpus, sources: Mapping[str, Source]) -> Prediction:
        """Predict the items of ``part``, of this or of any other corpus.

        With the gallery's bias each vector has two numbers more (``train.gallery.bias``), and is no
        unit vector.

        Raises:
            CacheError: a source is missing, or of another encoder than the one trained on.
        """
        for name, origin in origins(self.run, self.config).items():
            if name not in sources:
                raise CacheError(f"{self.run} reads a source {name!r}; give it one of this name")
            refuse_other_encoder(name, origin["made_by"], sources[name])
        prediction = self.task.predict(self.task.read(part, sources))
        return self.gallery.extend(require_galleried(prediction)) if self.gallery else prediction


def load(run: Path, device: torch.device, modules: Modules | None = None) -> Trained:
    """The best model so far of the run in ``run``.

    Raises:
        RunError: there is no run, or it is damaged.
    """
    config = read_config(run)
    record, tensors = read_best(run)
    require_one_run(run, config, record)
    recipe = read_settings(run, config["identity"]["settings"])
    measured = Measured.read(run, config["measured"])
    with seeded(0, torch.device("cpu")):
        task = build_task(recipe, measured, modules or {})
    try:
        task.load_state_dict(under("task.", tensors))
        gallery = Gallery.read(record.gallery, tensors) if record.gallery else None
    except (RuntimeError, KeyError) as error:
        raise RunError(
            f"{run} was trained by another version of this program; train into another --run"
        ) from error
    seen = Seen.read(run, config["identity"]["seen"])
    return Trained(run, recipe, config, record, seen, task.to(device).eval(), gallery)
