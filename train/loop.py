"""The only training loop: phases of epochs, each validated and committed."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import NumberError, SettingError
from core.predictions import Prediction
from core.sources import Rows
from train.checkpoint import Checkpoints, Complete
from train.culprits import some, suspects
from train.epoch import Epoch
from train.finite import KEPT
from train.guard import Guard
from train.learner import Learner, Step
from train.phases import Phase
from train.ranks.states import held, learner_state, record_heard, record_told, resumed
from train.ranks.told import Told
from train.record import Record
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
        mean_loss: float,
        examples_per_second: float,
        validation: Mapping[str, float],
    ) -> None:
        """``epoch`` and ``step`` count from 1.

        ``loss`` is the step's, divided by how many numbers it sums (``train.losses``), and
        ``mean_loss`` the mean of the epoch's steps so far, those before an interruption too;
        ``validation`` is the last one's, at first empty.
        """


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
    checkpoints: Checkpoints | None,
    guard: Guard,
    complete: Complete | None = None,
) -> Record:
    """Train until the last phase ends, going on from the last committed state.

    After each epoch the task predicts ``data.val``; the weights with the highest ``score`` of
    ``validate`` are kept, the earlier ones of two equals. The task of a new run has begun; without
    phases, what its ``begin`` solved is epoch 0. ``guard`` watches for a collapse. ``complete`` may
    add to the best model at the end. Of the learner's ranks the first alone draws batches,
    validates and has ``checkpoints``.

    Raises:
        NumberError: a loss, a gradient, a weight, a state, a validation's vector or its score is
            not finite; the last committed state stays.
    """
    ranks, states = learner.ranks, checkpoints
    record, tensors = ranks.first(lambda: held(states).resume(), learner_state(learner), resumed)
    if tensors:
        learner.restore(tensors)
    left = Epoch.restored(tensors) if record.step else None
    loop = _Loop(learner, data, clip, validate, progress, checkpoints, guard)
    if not (learner.phases or record.history):
        record = loop.commit(record, 0, {})
    for phase in learner.phases:
        for number in range(max(phase.first, record.epoch + 1), phase.first + phase.epochs):
            acting = guard.phase(phase, record.history)
            learner.enter(acting)
            epoch, left = left or loop.begin(number), None
            loop.run(acting, number, epoch, record)
            record = loop.commit(record, number, epoch.row(), acting, epoch.means)
    return ranks.first(lambda: held(states).finish(record, complete), record_told, record_heard)


@dataclass(frozen=True)
class _Loop:
    """What stays the same from epoch to epoch."""

    learner: Learner
    data: Data
    clip: float
    validate: Validate
    progress: Progress
    checkpoints: Checkpoints | None
    guard: Guard

    def begin(self, number: int) -> Epoch:
        """Draw the batches; of several ranks the first does, and all begin with its state."""
        self.learner.ranks.level(self.learner)
        return self.learner.ranks.first(
            lambda: self.draw(number),
            lambda epoch: Told(None, epoch.tensors()),
            lambda told: Epoch.restored(told.tensors),
        )

    def draw(self, number: int) -> Epoch:
        """Let the sampler look at the model, and draw the batches."""
        sampler = self.learner.sampler
        assert sampler is not None, "phases come with a sampler"
        sampler.look(number, lambda: self.learner.task.predict(self.data.train))
        return Epoch(_large_enough(sampler.batches(number), self.learner))

    def run(self, phase: Phase, number: int, epoch: Epoch, record: Record) -> None:
        """Take the steps that are left, and commit a state whenever one is due."""
        self.learner.train()
        scores = [row["score"] for row in record.history[phase.scheduled :]]
        self._expect(number, epoch)
        began, before, examples = time.perf_counter(), epoch.seconds, 0
        for rows in epoch.batches[epoch.step :]:
            done = number - 1 - phase.scheduled + epoch.step / len(epoch.batches)
            rate = self.learner.set_rate(phase.factor(done, scores, len(epoch.batches)))
            epoch.take(self.step(number, epoch.step + 1, rows), rate)
            examples += len(rows)
            passed = time.perf_counter() - began
            epoch.seconds = before + passed
            if self.checkpoints and self.checkpoints.due and epoch.step < len(epoch.batches):
                tensors = self.learner.tensors() | epoch.tensors()
                self.checkpoints.commit(replace(record, step=epoch.step), tensors)
            self.progress(
                number,
                epoch.step,
                len(epoch.batches),
                loss=epoch.means[-1],
                mean_loss=epoch.mean_loss,
                examples_per_second=examples / passed,
                validation=record.validation,
            )

    def step(self, epoch: int, number: int, rows: Rows) -> Step:
        """Take one step, and tell the sampler what it cost."""
        learner, train = self.learner, self.data.train
        outputs = learner.ranks.outputs(
            learner.task, train, rows, learner.device, self._seed(epoch, number), learner.visit
        )
        step = learner.step(outputs, self.clip)
        if not step.finite:
            culprits = train.id[rows[suspects(outputs, len(rows))]]
            raise NumberError(
                f"epoch {epoch}, step {number}: the loss is {step.loss} and its gradient's norm "
                f"{step.norm} on {some(culprits)}; {KEPT}; train with a lower lr, or check the "
                "features with `cache verify`"
            )
        learner.require_moved(f"epoch {epoch}, step {number}", train.id[rows])
        costs, sampler = step.costs, learner.sampler
        if costs is not None and sampler is not None and len(costs) == len(rows):
            sampler.told(rows, costs)
        return step

    def _expect(self, number: int, epoch: Epoch) -> None:
        """Tell examples that want to know which batches are left, so that they read them ahead."""
        if coming := getattr(self.data.train, "coming", None):
            left = enumerate(epoch.batches[epoch.step :], start=epoch.step + 1)
            task, train, visit = self.learner.task, self.data.train, self.learner.ranks.visit
            coming(visit(task, train, rows, self._seed(number, step)) for step, rows in left)

    def _seed(self, epoch: int, number: int) -> tuple[int, int, int]:
        return self.data.seed, epoch, number

    def commit(
        self,
        record: Record,
        epoch: int,
        row: Mapping[str, float],
        phase: Phase | None = None,
        means: Sequence[float] = (),
    ) -> Record:
        """Validate the epoch and make it count; of several ranks the first does, for all."""
        ranks = self.learner.ranks
        judged = partial(self.judge, record, epoch, row, phase, means)
        return ranks.first(judged, record_told, record_heard)

    def judge(
        self,
        record: Record,
        epoch: int,
        row: Mapping[str, float],
        phase: Phase | None,
        means: Sequence[float],
    ) -> Record:
        """The record of the epoch, validated and committed."""
        began = time.perf_counter()
        with self.learner.averaged():
            scores = dict(self.validate(self.learner.task.predict(self.data.val)))
        if not math.isfinite(scores["score"]):
            raise NumberError(
                f"epoch {epoch}: the validation's score is {scores['score']}; train with a lower lr"
            )
        seconds = row.get("train_seconds", 0.0) + time.perf_counter() - began
        whole = {"epoch": epoch, **row, **scores, "seconds": seconds}
        if phase:
            whole |= self.guard.look(phase, means, whole, record.history)
        now = record.after(epoch, scores, whole)
        return held(self.checkpoints).commit(now, self.learner.tensors())


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
