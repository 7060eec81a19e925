"""The only training loop: phases of epochs, each validated and committed."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import NumberError, SettingError
from core.predictions import Prediction
from core.sources import Rows
from train.checkpoint import Checkpoints, Record
from train.culprits import some, suspects
from train.learner import Learner
from train.phases import Phase
from train.task import Examples

Validate = Callable[[Prediction], Mapping[str, float]]
"""A prediction -> scores by name; the highest ``score`` is kept."""


class Progress(Protocol):
    """Told after every step; what it raises ends the training, which can be resumed."""

    def __call__(
        self,
        epoch: int,
        step: int,
        steps: int,
        *,
        loss: float,
        examples_per_second: float,
        validation: Mapping[str, float],
    ) -> None:
        """``epoch`` and ``step`` count from 1; ``validation`` is the last one's, at first empty."""


@dataclass(frozen=True)
class Data:
    """What is trained on, what is validated on, and the seed of what is drawn at each visit."""

    train: Examples
    val: Examples
    seed: int


def fit(
    learner: Learner,
    data: Data,
    *,
    clip: float,
    validate: Validate,
    progress: Progress,
    checkpoints: Checkpoints,
) -> Record:
    """Train until the last phase ends, going on from the last committed epoch.

    After each epoch the task predicts ``data.val``; the weights with the highest ``score`` of
    ``validate`` are kept, the earlier ones of two equals. The task of a new run has begun; without
    phases, what its ``begin`` solved is epoch 0.

    Raises:
        NumberError: a loss, a gradient or a validation score is not finite; the last committed
            epoch stays.
    """
    record = checkpoints.resume(learner.restore)
    if not (learner.phases or record.history):
        record = _commit(learner, data, record, 0, {}, validate, checkpoints)
    for phase in learner.phases:
        for epoch in range(max(phase.first, record.epoch + 1), phase.first + phase.epochs):
            began = time.perf_counter()
            learner.enter(phase)
            steps = _steps(learner, data, phase, epoch, record, clip)
            row = _watch(steps, epoch, record.validation, progress)
            row["train_seconds"] = time.perf_counter() - began
            record = _commit(learner, data, record, epoch, row, validate, checkpoints)
    return checkpoints.finish(record)


class _Taken(NamedTuple):
    """A step that was taken: its number, of how many, its loss and terms, examples and rate."""

    number: int
    of: int
    loss: float
    terms: Mapping[str, float]
    examples: int
    rate: float


def _steps(
    learner: Learner, data: Data, phase: Phase, epoch: int, record: Record, clip: float
) -> Iterator[_Taken]:
    assert learner.sampler is not None, "phases come with a sampler"
    learner.sampler.look(epoch, lambda: learner.task.predict(data.train))
    batches = _large_enough(learner.sampler.batches(epoch), learner)
    scores = [row["score"] for row in record.history[phase.scheduled :]]
    learner.train()
    for number, rows in enumerate(batches, start=1):
        done = epoch - 1 - phase.scheduled + (number - 1) / len(batches)
        rate = learner.set_rate(phase.factor(done, scores))
        draw = np.random.default_rng((data.seed, epoch, number))
        outputs = learner.task(data.train.batch(rows, learner.device, draw))
        step = learner.step(outputs, clip)
        if not step.finite:
            culprits = data.train.id[rows[suspects(outputs)]]
            raise NumberError(
                f"epoch {epoch}, step {number}: the loss is {step.loss} and its gradient's norm "
                f"{step.norm} on {some(culprits)}; train with a lower lr, or check the features "
                "with `cache verify`; the last finished epoch is kept"
            )
        if step.costs is not None:
            learner.sampler.told(rows, step.costs)
        yield _Taken(number, len(batches), step.loss, step.terms, len(rows), rate)


def _watch(
    steps: Iterator[_Taken], epoch: int, validation: Mapping[str, float], progress: Progress
) -> dict[str, float]:
    """A row of the metrics: the mean loss of the steps, their examples, the last one's rate."""
    began, examples, taken = time.perf_counter(), 0, list[_Taken]()
    for step in steps:
        taken.append(step)
        examples += step.examples
        progress(
            epoch,
            step.number,
            step.of,
            loss=step.loss,
            examples_per_second=examples / (time.perf_counter() - began),
            validation=validation,
        )
    row = {"loss": _mean([t.loss for t in taken]), "lr": taken[-1].rate}
    for name in taken[0].terms if len(taken[0].terms) > 1 else ():
        row[f"loss_{name}"] = _mean([t.terms[name] for t in taken])
    return row | {"examples": examples}


def _commit(
    learner: Learner,
    data: Data,
    record: Record,
    epoch: int,
    row: Mapping[str, float],
    validate: Validate,
    checkpoints: Checkpoints,
) -> Record:
    """Validate the epoch and make it count."""
    began = time.perf_counter()
    scores = dict(validate(learner.task.predict(data.val)))
    if not math.isfinite(scores["score"]):
        raise NumberError(
            f"epoch {epoch}: the validation's score is {scores['score']}; train with a lower lr"
        )
    seconds = row.get("train_seconds", 0.0) + time.perf_counter() - began
    whole = {"epoch": epoch, **row, **scores, "seconds": seconds}
    return checkpoints.commit(record.after(epoch, scores, whole), learner.tensors())


def least_batch(*parts: nn.Module) -> int:
    """How many examples a batch needs: batch norm has no statistics of a single one."""
    inner = (module for part in parts for module in part.modules())
    return 2 if any(isinstance(module, _BatchNorm) for module in inner) else 1


def _large_enough(batches: Sequence[Rows], learner: Learner) -> Sequence[Rows]:
    """The batches that can be trained on."""
    least = least_batch(learner.task, learner.losses)
    kept = [rows for rows in batches if len(rows) >= least]
    if not kept:
        raise SettingError(f"no batch has {least} examples; use a larger batch_size or more data")
    return kept


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
