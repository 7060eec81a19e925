"""From settings, a corpus and a cache to what the loop needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch

from core.errors import SettingError
from core.plugins import load
from core.records import Corpus
from core.store import FeatureCache
from core.text import Vocabulary
from train.loop import Data, Phase
from train.settings import TrainSettings
from train.task import Task


class Setup(NamedTuple):
    """What ``fit`` takes, the words, and how many captions lost some."""

    task: Task
    data: Data
    phases: list[Phase]
    words: Vocabulary
    cut: int


def set_up(
    settings: TrainSettings,
    parts: tuple[Corpus, Corpus],
    cache: FeatureCache,
    shape: tuple[int, ...],
    *,
    seed: int,
    device: torch.device,
) -> Setup:
    """Build the vocabulary of the training captions, the task, and the data of both parts."""
    texts = (caption.text for caption in parts[0].captions)
    words = Vocabulary.build(texts, min_count=settings.min_count)
    task = build_task(settings, shape, words)
    train, val = (task.read(part, cache) for part in parts)
    task.prepare(train)
    sampler = load("train.samplers", settings.plugin("sampler"))
    size = settings.batch_size
    batches = sampler.build(settings.sampler, owner=train.owner, batch_size=size, seed=seed)
    phases = [Phase(phase.epochs, phase.loss.to(device)) for phase in _phases(settings)]
    return Setup(task.to(device), Data(train, val, batches), phases, words, train.cut + val.cut)


def build_task(settings: TrainSettings, shape: tuple[int, ...], words: Vocabulary) -> Task:
    """The task with fresh weights, for features of ``shape`` a picture."""
    plugin = load("train.tasks", settings.task)
    task: Task = plugin.build(settings, shape=shape, vocabulary=words)
    return task


def corpus_parts(corpus: Corpus, settings: TrainSettings) -> tuple[Corpus, Corpus]:
    """What is trained on, and what is validated on.

    Raises:
        InputError: one of them is empty.
    """
    names = ("train", "restval") if settings.restval else ("train",)
    return corpus.split(*names), corpus.split("val")


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's own generators, seeded inside and as before outside."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def _phases(settings: TrainSettings) -> list[Phase]:
    name = settings.plugin("loss")
    plugin = load("train.losses", name)
    warm = min(settings.warmup_epochs, settings.epochs)
    main = Phase(settings.epochs - warm, plugin.build(settings.loss))
    if not warm:
        return [main]
    if not hasattr(plugin, "warm_up"):
        raise SettingError(f"warmup_epochs = {warm}: {name!r} has no warm-up; set it to 0")
    return [Phase(warm, plugin.build(plugin.warm_up(settings.loss))), main]
