"""Stage two as a function from a corpus and a cache to a run, and a run read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.embeddings import Embeddings
from core.errors import CacheError, RunError, SettingError
from core.records import Corpus
from core.store import FeatureCache
from train.checkpoint import Checkpoints, Record, find_finished, read_model, read_record
from train.config import (
    config_sha256,
    describe,
    open_run,
    read_config,
    read_vocabulary,
    write_vocabulary,
)
from train.data import layer_shape
from train.loop import Progress, Validate, fit
from train.provenance import check_same_pictures
from train.settings import TrainSettings, resolve
from train.setup import build_task, corpus_parts, seeded, set_up
from train.task import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run.

    ``best`` are the validation's scores at ``best_epoch``; ``missing`` the ids of the pictures of
    the training and validation splits without features; ``cut`` the captions that lost words.
    """

    run: Path
    epochs: int
    best_epoch: int
    best: Mapping[str, float]
    missing: tuple[str, ...]
    cut: int


def train(
    corpus: Corpus,
    cache: FeatureCache,
    settings: TrainSettings,
    run: Path,
    *,
    seed: int,
    device: torch.device,
    validate: Validate,
    progress: Progress,
    facts: Mapping[str, Any],
) -> Outcome:
    """Train a model, go on with an interrupted run, or find the finished one.

    Args:
        corpus: all splits; ``train`` (and ``restval`` if set) is trained on, ``val`` chooses.
        cache: the features of the corpus's pictures.
        settings: what ``train.settings.resolve`` gave.
        run: the directory to write.
        seed: at least 0; on one machine's CPU, all that the weights' bits follow from.
        device: where to compute.
        validate: embeddings of ``val`` -> scores, ``rsum`` among them; the highest is kept.
        progress: told after every step.
        facts: what ``config.json`` shall tell besides; not compared when a run goes on.

    Raises:
        CacheError: the cache is of another corpus.
        BusyError: another process is writing the run.
        RunError: ``run`` was made with other settings, or is damaged.
        NumberError: training met a number that is not finite.
    """
    if seed < 0:
        raise SettingError(f"seed = {seed}: choose 0 or more")
    check_same_pictures(corpus, cache)
    shape = layer_shape(cache, settings.layer)
    parts = corpus_parts(corpus, settings)
    config = describe(settings, seed=seed, shape=shape, corpus=corpus, cache=cache)
    with open_run(run, config, about=settings.about, facts=facts):
        record = find_finished(run)
        if record is None:
            with seeded(seed, device):
                setup = set_up(settings, parts, cache, shape, seed=seed, device=device)
                fresh = Record(config_sha256(config), setup.words.digest, setup.cut)
                checkpoints = Checkpoints(run, fresh)
                write_vocabulary(run, setup.words)
                record = fit(
                    setup.task,
                    setup.data,
                    setup.phases,
                    settings=settings,
                    validate=validate,
                    progress=progress,
                    checkpoints=checkpoints,
                )
    ids = [image.id for part in parts for image in part.images]
    missing = tuple(i for i, row in zip(ids, cache.rows(ids), strict=True) if row < 0)
    return Outcome(run, record.epoch, record.best_epoch, record.best, missing, record.cut)


@dataclass(frozen=True)
class Trained:
    """The best model of a run."""

    run: Path
    settings: TrainSettings
    config: Mapping[str, Any]
    task: Task

    def embed(self, corpus: Corpus, cache: FeatureCache) -> Embeddings:
        """Encode the pictures of ``corpus`` (a split, say) that have features, and its captions.

        Raises:
            CacheError: the model was trained on another cache, or the cache is of another corpus.
        """
        expected = self.config["cache_key"]
        if cache.key != expected:
            raise CacheError(
                f"{self.run} was trained on the cache with key {expected[:8]}, and {cache.path} "
                f"has key {cache.key[:8]}; evaluate with the cache of the run, or train on this one"
            )
        check_same_pictures(corpus, cache)
        return self.task.embed(self.task.read(corpus, cache))


def load(run: Path, device: torch.device) -> Trained:
    """The best model so far of the run in ``run``.

    Raises:
        RunError: there is no run, or it is damaged.
    """
    config = read_config(run)
    record = read_record(run)
    if record.config_sha256 != config_sha256(config):
        raise RunError(f"{run}/config.json was changed; delete {run} and run `train` again")
    settings = resolve(config["settings"])
    with seeded(0, torch.device("cpu")):
        words = read_vocabulary(run, record.vocabulary_sha256)
        task = build_task(settings, tuple(config["feature_shape"]), words)
    tensors = read_model(run, record)
    try:
        task.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(
            f"{run} was trained by another version of this program; train again"
        ) from error
    return Trained(run, settings, config, task.to(device).eval())
