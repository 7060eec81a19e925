"""The states of a run, each written whole or not at all.

    RUN/
      last.json            how far it is, and the digests of the tensor files (``train.record``)
      previous.json        the same, one state before: what is left if the last state is damaged;
                           once all is done, a copy of last.json
      best-*.safetensors   ``task.*`` and ``loss.*`` after the best epoch; once all is done they are
                           model.safetensors
      last-*.safetensors   ``task.*`` and ``loss.*`` of a state that is not the best
      state-*.safetensors  what the next step needs besides these (see ``train.learner``)
      metrics.jsonl        a line an epoch

A state counts once ``last.json`` names its files, which are on disk before that; what no record
names is taken away after it. So a kill at any point leaves a state that can be gone on from.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
from torch import Tensor

from core.errors import RunError
from core.files import keep_bytes, read_regular, write_bytes
from train.growing import Growing
from train.record import FORMAT, LAST, MEND, MODEL, PREVIOUS, Record, read_record
from train.settled import settle
from train.states import SAVE_EVERY

MODEL_PARTS = ("task.", "loss.")


class Added(NamedTuple):
    """What a finished model has besides: tensors, and what its record tells of the gallery."""

    tensors: dict[str, Tensor]
    gallery: dict[str, Any]


Complete = Callable[[Mapping[str, Tensor]], Added]
"""Given the tensors of the best model once all epochs are done; the same ones give the same."""


Counted = Callable[[Record], None]


class Checkpoints:
    """Commits a run's states and goes on from the last whole one; its holder is the only writer."""

    def __init__(
        self,
        path: Path,
        now: Record,
        *,
        save_every: float = SAVE_EVERY,
        counted: Counted = lambda record: None,
        wanted: Callable[[], bool] = lambda: False,
    ):
        """Use the directory ``path``; ``now`` is what is gone on from, or a fresh record.

        ``counted`` is told each record once it counts, that which is gone on from too; ``wanted``
        says whether a state is due at once.
        """
        self._path, self._now, self._growing = path, now, Growing()
        self._written = self._growing.record(now)
        self._save_every, self._counted, self._wanted = save_every, counted, wanted
        self._saved = time.monotonic()

    @property
    def found(self) -> bool:
        """Whether there is a state to go on from."""
        return bool(self._now.state_file)

    @property
    def due(self) -> bool:
        """Whether another state inside the epoch is wanted, or the last one old enough for it."""
        return self._wanted() or time.monotonic() - self._saved >= self._save_every

    def resume(self) -> tuple[Record, dict[str, Tensor]]:
        """The record to go on from, and the tensors that were committed with it.

        Raises:
            RunError: a tensor file is missing or damaged, or a folder has the name of
                ``previous.json``: said before an epoch is lost to it.
        """
        tensors: dict[str, Tensor] = {}
        if self.found:
            if (before := self._path / PREVIOUS).is_dir():
                raise RunError(f"{before} is a folder; move it elsewhere and {MEND}")
            for name in filter(None, (self._now.weights_file, self._now.state_file)):
                data = _checked(self._path / name, self._now.files[name])
                tensors |= safetensors.torch.load(data)
            self._count(self._now)
        return self._now, tensors

    def commit(self, record: Record, tensors: Mapping[str, Tensor]) -> Record:
        """Make a state count; ``tensors`` are those of ``train.learner.Learner``, and others.

        Returns:
            The record with the names and the digests of what was written.
        """
        model = {name: t for name, t in tensors.items() if name.startswith(MODEL_PARTS)}
        rest = {name: t for name, t in tensors.items() if name not in model}
        weights = self._store("best" if record.is_best else "last", model, {"format": FORMAT})
        state = self._store("state", rest)
        record = replace(record, weights_file=weights[0], weights_sha256=weights[1])
        record = replace(record, state_file=state[0], state_sha256=state[1])
        if record.is_best:
            record = replace(record, model_file=weights[0], model_sha256=weights[1])
        before = self._now if self.found else None
        if before:
            keep_bytes(self._path / PREVIOUS, self._written)
        return self._count(record, before)

    def finish(self, record: Record, complete: Complete | None = None) -> Record:
        """Mark the run as done, and take away all that only a next step would need.

        What ``complete`` adds is part of the model.
        """
        if record.model_file != MODEL:
            best = _checked(self._path / record.model_file, record.model_sha256)
            if complete:
                tensors, told = complete(model := safetensors.torch.load(best))
                best = safetensors.torch.save({**model, **tensors}, {"format": FORMAT})
                digest = sha256(best).hexdigest()
                record = replace(record, model_sha256=digest, gallery=told)
            write_bytes(self._path / MODEL, best)
        record = replace(record, weights_file="", weights_sha256="", state_file="", state_sha256="")
        return self._count(replace(record, model_file=MODEL, done=True))

    def _store(
        self, prefix: str, tensors: Mapping[str, Tensor], facts: dict[str, str] | None = None
    ) -> tuple[str, str]:
        """Write a tensor file named by its content; its name and SHA-256."""
        data = safetensors.torch.save(dict(tensors), facts)
        digest = sha256(data).hexdigest()
        name = f"{prefix}-{digest[:16]}.safetensors"
        write_bytes(self._path / name, data)
        return name, digest

    def _count(self, record: Record, before: Record | None = None) -> Record:
        """Make ``record`` the last one, and let the other files follow from it."""
        lines = self._growing.metrics(record.history)
        self._now = replace(record, metrics_sha256=sha256(lines).hexdigest())
        self._written = self._growing.record(self._now)
        keep_bytes(self._path / LAST, self._written)
        settle(self._path, self._now, before=before, lines=lines)
        self._counted(self._now)
        self._saved = time.monotonic()
        return self._now


def read_best(path: Path) -> tuple[Record, dict[str, Tensor]]:
    """The record of the run in ``path``, and the tensors of its model: ``task.*``, ``loss.*`` ...

    Beside a training that goes on, a file may be gone that the record named a moment ago: the
    record is read once more.

    Raises:
        RunError: missing or damaged, or no epoch is done.
    """
    record = read_record(path)
    try:
        data = _model(path, record)
    except RunError:
        record = read_record(path)
        data = _model(path, record)
    return record, safetensors.torch.load(data)


def _model(path: Path, record: Record) -> bytes:
    if not record.history:
        raise RunError(f"{path} holds no finished epoch; go on with the same `train` command")
    return _checked(path / record.model_file, record.model_sha256)


def _checked(file: Path, digest: str) -> bytes:
    try:
        data = read_regular(file)
    except FileNotFoundError:
        raise RunError(f"{file} is missing; {MEND}") from None
    if sha256(data).hexdigest() != digest:
        raise RunError(f"{file} is damaged: its sha256 is another; {MEND}")
    return data
