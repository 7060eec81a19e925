"""A run read back: its best model, and what it may be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from core.errors import CacheError, RunError
from core.predictions import Prediction
from core.records import Caption, Corpus
from core.sources import TEXT, Source, of_captions, refuse_other_encoder
from core.splitting import split_all
from core.text_words import Splitter
from core.vectors import Vectors
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
        self._require(sources, captions=True, pictures=True)
        prediction = self.task.predict(self.task.read(part, sources))
        return self.gallery.extend(require_galleried(prediction)) if self.gallery else prediction

    def images(self, part: Corpus, sources: Mapping[str, Source]) -> Vectors:
        """The pictures of ``part`` alone, with captions or without, that have features.

        Returns:
            (N, D) float32 as ``predict`` has them but for the gallery's bias, which ``bias`` gives:
            unit vectors, compared as ``task.similarity`` says.

        Raises:
            SettingError: the task encodes no picture alone.
            CacheError: a source of pictures is missing, or of another encoder; or holds none.
        """
        self._require(sources, pictures=True)
        return self.task.images(part, sources)

    def captions(
        self,
        captions: Sequence[Caption],
        sources: Mapping[str, Source],
        splitter: Splitter = split_all,
    ) -> Vectors:
        """Captions alone, of any picture or of none; see ``images``.

        Args:
            captions: N, at least one.
            sources: of a run that reads stored vectors of captions, these; others may be there.
            splitter: of the corpus.

        Raises:
            SettingError: the task encodes no sentence alone.
            CacheError: a source of captions is missing, or of another encoder, or lacks a caption.
        """
        self._require(sources, captions=True)
        return self.task.captions(captions, sources, splitter)

    def texts(
        self, sentences: Sequence[str], sources: Mapping[str, Source] | None = None
    ) -> Vectors:
        """Sentences of nobody: ``captions`` whose ids are their numbers, from ``"0"`` on."""
        captions = [Caption(str(number), text) for number, text in enumerate(sentences)]
        return self.captions(captions, sources or {})

    def bias(
        self, side: Literal["image", "caption"], candidates: Vectors
    ) -> npt.NDArray[np.float32] | None:
        """What each candidate has added to its score; None of a run without a bias.

        Args:
            side: of the candidates, which answer; the other side asks.
            candidates: (N, D) of ``images`` or ``captions``.

        Returns:
            (N,) float32: ``b`` of ``train.gallery.bias``, as ``predict`` has it in its vectors.
        """
        if self.gallery is None:
            return None
        of = self.gallery.of_pictures if side == "image" else self.gallery.of_captions
        return of(candidates).to(torch.float32).numpy()

    def _require(
        self, sources: Mapping[str, Source], *, captions: bool = False, pictures: bool = False
    ) -> None:
        """Refuse a source that is missing, or not made as the run's own; of the sides asked for."""
        for name, origin in origins(self.run, self.config).items():
            spoken = name.partition(".")[0] == TEXT or of_captions(origin["made_by"])
            if not (captions if spoken else pictures):
                continue
            if name not in sources:
                raise CacheError(f"{self.run} reads a source {name!r}; give it one of this name")
            refuse_other_encoder(name, origin["made_by"], sources[name])


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
