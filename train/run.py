"""Stage two as a function from a corpus and a cache to a run, and a run read back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.embeddings import Embeddings
from core.errors import CacheError, RunError, SettingError
from core.files import json_sha256
from core.plugins import load as load_plugin
from core.records import Corpus
from core.store import FeatureCache
from core.text import Vocabulary
from train.checkpoint import read_model, read_record
from train.config import compared, describe, open_run, read_config, read_vocabulary
from train.data import layer_shape
from train.loop import Data, Phase, Progress, Validate, fit
from train.provenance import check_same_pictures
from train.settings import TrainSettings, resolve
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
        CacheError: the cache is of another corpus, or the run is being written.
        RunError: ``run`` was made with other settings, or is damaged.
        NumberError: training met a number that is not finite.
    """
    if seed < 0:
        raise SettingError(f"seed = {seed}: choose 0 or more")
    check_same_pictures(corpus, cache)
    part = corpus.split("train", "restval") if settings.restval else corpus.split("train")
    texts = (caption.text for caption in part.captions)
    words = Vocabulary.build(texts, min_count=settings.min_count)
    with _seeded(seed, device):
        task = _build(settings, layer_shape(cache, settings.layer), words)
        data = _data(task, settings, part, corpus.split("val"), cache, seed=seed)
        task.prepare(data.train)
        config = describe(settings, seed=seed, corpus=corpus, cache=cache, words=words)
        with open_run(run, config, words, about=settings.about, facts=facts) as checkpoints:
            record = fit(
                task.to(device),
                data,
                [Phase(phase.epochs, phase.loss.to(device)) for phase in _phases(settings)],
                settings=settings,
                validate=validate,
                progress=progress,
                checkpoints=checkpoints,
            )
    missing = data.train.missing + data.val.missing
    cut = data.train.cut + data.val.cut
    return Outcome(run, record.epoch, record.best_epoch, record.best, missing, cut)


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
    if record.config_sha256 != json_sha256(compared(config)):
        raise RunError(f"{run}/config.json was changed; delete {run} and run `train` again")
    settings = resolve(config["settings"])
    with _seeded(0, torch.device("cpu")):
        words = read_vocabulary(run, config)
        task = _build(settings, tuple(config["feature_shape"]), words)
    task.load_state_dict(read_model(run, record))
    return Trained(run, settings, config, task.to(device).eval())


def _build(settings: TrainSettings, shape: tuple[int, ...], words: Vocabulary) -> Task:
    plugin = load_plugin("train.tasks", settings.task)
    task: Task = plugin.build(settings, shape=shape, vocabulary=words)
    return task


def _data(
    task: Task,
    settings: TrainSettings,
    train_part: Corpus,
    val_part: Corpus,
    cache: FeatureCache,
    *,
    seed: int,
) -> Data:
    train_data, val_data = task.read(train_part, cache), task.read(val_part, cache)
    sampler = load_plugin("train.samplers", settings.plugin("sampler"))
    batches = sampler.build(
        settings.sampler, owner=train_data.owner, batch_size=settings.batch_size, seed=seed
    )
    return Data(train_data, val_data, batches)


def _phases(settings: TrainSettings) -> list[Phase]:
    name = settings.plugin("loss")
    plugin = load_plugin("train.losses", name)
    warm = min(settings.warmup_epochs, settings.epochs)
    main = Phase(settings.epochs - warm, plugin.build(settings.loss))
    if not warm:
        return [main]
    if not hasattr(plugin, "warm_up"):
        raise SettingError(f"warmup_epochs = {warm}: {name!r} has no warm-up; set it to 0")
    return [Phase(warm, plugin.build(plugin.warm_up(settings.loss))), main]


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's own generators, seeded inside and as before outside."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
