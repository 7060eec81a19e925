"""The only training loop: phases of epochs, each validated and committed."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.embeddings import Embeddings
from core.errors import NumberError
from train.checkpoint import Checkpoints, Record
from train.data import Pairs, Rows
from train.settings import TrainSettings
from train.state import State
from train.task import Task

Validate = Callable[[Embeddings], Mapping[str, float]]


class Progress(Protocol):
    """Told after every step; what it raises ends the training, which can be resumed."""

    def __call__(
        self,
        epoch: int,
        step: int,
        steps: int,
        *,
        loss: float,
        captions_per_second: float,
        validation: Mapping[str, float],
    ) -> None:
        """``epoch`` and ``step`` count from 1; ``validation`` is the last one's, at first empty."""


@dataclass(frozen=True)
class Phase:
    """So many epochs with one loss."""

    epochs: int
    loss: nn.Module


@dataclass(frozen=True)
class Data:
    """What is trained on, cut into batches by ``batches(epoch)``, and what is validated on."""

    train: Pairs
    val: Pairs
    batches: Callable[[int], Sequence[Rows]]


def fit(
    task: Task,
    data: Data,
    phases: Sequence[Phase],
    *,
    settings: TrainSettings,
    validate: Validate,
    progress: Progress,
    checkpoints: Checkpoints,
) -> Record:
    """Train until the last phase ends, going on from the last committed epoch.

    Adam over the weights of the task and of the losses; the rate decays in steps; the gradient's
    global norm is clipped. After each epoch the task embeds ``data.val``; the weights with the
    highest ``rsum`` of ``validate`` are kept, the earlier ones of two equals.

    Raises:
        NumberError: a loss, a gradient or a validation score is not finite; the last committed
            epoch stays.
    """
    losses = [phase.loss for phase in phases for _ in range(phase.epochs)]
    state = State(task, nn.ModuleList(phase.loss for phase in phases), lr=settings.lr)
    record = checkpoints.resume(state.restore)
    for epoch in range(record.epoch + 1, len(losses) + 1):
        began = time.perf_counter()
        rate = settings.lr * settings.lr_decay ** ((epoch - 1) // settings.lr_decay_every)
        state.set_rate(rate)
        steps = _steps(state, data, losses[epoch - 1], epoch, settings.clip)
        loss, captions = _watch(steps, epoch, record.validation, progress)
        trained = time.perf_counter() - began
        scores = _scores(validate(task.embed(data.val)), epoch)
        row = {"epoch": epoch, "loss": loss, "lr": rate, "captions": captions, **scores}
        row |= {"train_seconds": trained, "seconds": time.perf_counter() - began}
        record = checkpoints.commit(record.after(epoch, scores, row), state.tensors())
    return checkpoints.finish(record)


class _Step(NamedTuple):
    number: int
    of: int
    loss: float
    captions: int


def _steps(
    state: State, data: Data, loss_of: nn.Module, epoch: int, clip: float
) -> Iterator[_Step]:
    state.task.train()
    batches = data.batches(epoch)
    for number, rows in enumerate(batches, start=1):
        outputs = state.task(data.train.batch(rows).to(state.device))
        loss, norm = state.step(loss_of(*outputs), clip)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            culprits = data.train.caption_id[rows[_suspects(outputs)]]
            raise NumberError(
                f"epoch {epoch}, step {number}: the loss is {loss} and its gradient's norm {norm} "
                f"on the captions {_some(culprits)}; train with a lower lr, or check the features "
                "with `cache verify`; the last finished epoch is kept"
            )
        yield _Step(number, len(batches), loss, len(rows))


def _watch(
    steps: Iterator[_Step], epoch: int, validation: Mapping[str, float], progress: Progress
) -> tuple[float, int]:
    """The mean loss of the steps, and their captions."""
    began, losses, captions = time.perf_counter(), [], 0
    for step in steps:
        losses.append(step.loss)
        captions += step.captions
        progress(
            epoch,
            step.number,
            step.of,
            loss=step.loss,
            captions_per_second=captions / (time.perf_counter() - began),
            validation=validation,
        )
    return math.fsum(losses) / len(losses), captions


def _scores(scores: Mapping[str, float], epoch: int) -> dict[str, float]:
    if not math.isfinite(scores["rsum"]):
        raise NumberError(
            f"epoch {epoch}: the validation's rsum is {scores['rsum']}; train with a lower lr"
        )
    return dict(scores)


def _suspects(outputs: Sequence[Tensor]) -> npt.NDArray[np.bool_]:
    """The rows (B,) whose own vectors are not finite; all, where each is."""
    bad = ~torch.stack([o.detach().reshape(len(o), -1).isfinite().all(dim=1) for o in outputs])
    rows = bad.any(dim=0).cpu().numpy()
    return rows if rows.any() else ~rows


def _some(ids: npt.NDArray[np.str_], shown: int = 5) -> str:
    more = f" and {len(ids) - shown} more" if len(ids) > shown else ""
    return ", ".join(repr(str(i)) for i in ids[:shown]) + more
