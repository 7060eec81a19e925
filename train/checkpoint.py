"""The files of a run, each written whole or not at all.

    RUN/
      config.json         what the run is: settings, seed, encoders (see ``train.identity``)
      vocab.json          the training captions' words, where the task reads words
      seen.json           what was trained and validated on, by id and digest (see ``train.seen``)
      model.safetensors   ``task.*`` and ``loss.*`` after the best epoch
      metrics.jsonl       a line an epoch
      last.json           which epoch is done, which was best, the digests of the two tensor files
      last-*.safetensors  what the next epoch needs (see ``train.learner``); gone once all is done

An epoch counts once ``last.json`` names it. Its tensors are on disk before that; the best model is
written after it, from the same tensors, so that a kill at any point leaves what can go on.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import safetensors.torch
from torch import Tensor

from core.errors import RunError
from core.files import TEMPORARY, json_sha256, read_json, replace_file, write_json

FORMAT = "tencrop-run/2"
LAST, MODEL, METRICS = "last.json", "model.safetensors", "metrics.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """How far a run is: ``last.json``.

    ``epoch`` is the last one done (0: none) and ``best_epoch`` the one whose weights are the model;
    ``best`` and ``validation`` are the scores of the two; ``history`` has a row an epoch.
    """

    config_sha256: str
    epoch: int = 0
    best_epoch: int = 0
    best: dict[str, float] = field(default_factory=dict)
    validation: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    state_file: str = ""
    state_sha256: str = ""
    model_sha256: str = ""
    done: bool = False

    def after(self, epoch: int, scores: Mapping[str, float], row: Mapping[str, float]) -> "Record":
        """The record with one epoch more; of two equal ``score`` the earlier stays the best."""
        now = replace(
            self, epoch=epoch, validation=dict(scores), history=[*self.history, dict(row)]
        )
        if self.best and scores["score"] <= self.best["score"]:
            return now
        return replace(now, best_epoch=epoch, best=dict(scores))


class Checkpoints:
    """Commits a run's epochs and finds the last one; its holder is the only writer."""

    def __init__(self, path: Path, fresh: Record):
        """Use the directory ``path``; ``fresh`` is the record before the first epoch.

        Raises:
            RunError: the record there is damaged.
        """
        self._path = path
        self._found = read_record(path) if (path / LAST).exists() else fresh

    def resume(self, restore: Callable[[Mapping[str, Tensor]], None]) -> Record:
        """The record to go on from; the tensors of an unfinished run are given to ``restore``.

        Raises:
            RunError: a file is missing or damaged.
        """
        record = self._found
        if not record.history:
            return record
        tensors = _checked(self._path / record.state_file, record.state_sha256)
        self._settle(record, tensors)
        read_model(self._path, record)
        restore(tensors)
        return record

    def commit(self, record: Record, tensors: Mapping[str, Tensor]) -> Record:
        """Make one epoch count; ``tensors`` are those of ``train.learner.Learner``.

        Returns:
            The record with the digests of what was written.
        """
        state = safetensors.torch.save(dict(tensors))
        digest = sha256(state).hexdigest()
        record = replace(record, state_sha256=digest, state_file=f"last-{digest[:16]}.safetensors")
        if record.best_epoch == record.epoch:
            record = replace(record, model_sha256=sha256(_model(tensors)).hexdigest())
        with replace_file(self._path / record.state_file) as stream:
            stream.write(state)
        self._write(record)
        self._settle(record, tensors)
        return record

    def finish(self, record: Record) -> Record:
        """Mark the run as done, and delete what only the next epoch would need."""
        done = replace(record, done=True, state_file="", state_sha256="")
        self._write(done)
        _tidy(self._path, done)
        return done

    def _settle(self, record: Record, tensors: Mapping[str, Tensor]) -> None:
        """What follows from the record: the best model, the metrics, no older state."""
        if record.best_epoch == record.epoch:
            with replace_file(self._path / MODEL) as stream:
                stream.write(_model(tensors))
        with replace_file(self._path / METRICS) as stream:
            stream.write("".join(json.dumps(row) + "\n" for row in record.history).encode())
        _tidy(self._path, record)

    def _write(self, record: Record) -> None:
        content = asdict(record)
        stated = {"format": FORMAT, "sha256": json_sha256(content)}
        write_json(self._path / LAST, content | stated)


def find_finished(path: Path) -> Record | None:
    """The record of the run in ``path`` if it is done.

    Raises:
        RunError: it is, but its model is damaged.
    """
    record = read_record(path) if (path / LAST).exists() else None
    if record is None or not record.done:
        return None
    read_model(path, record)
    return record


def leftovers(path: Path) -> list[Path]:
    """What a kill may leave beside a finished run."""
    return [*path.glob("last-*.safetensors"), *path.glob(f"{TEMPORARY}*")]


def read_record(path: Path) -> Record:
    """The record of the run in ``path``.

    Raises:
        RunError: missing, damaged, or of another format.
    """
    file = path / LAST
    if not file.is_file():
        raise RunError(f"{path} holds no finished epoch (no {LAST}); make one with `train`")
    try:
        content = read_json(file)
        digest, stated = content.pop("sha256"), content.pop("format")
        if stated != FORMAT:
            raise RunError(f"{path} has format {stated!r}, not {FORMAT!r}; train again")
        record = Record(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(file, str(error)) from error
    if digest != json_sha256(content):
        raise _damaged(file, "its sha256 is another")
    return record


def read_model(path: Path, record: Record) -> dict[str, Tensor]:
    """The tensors ``task.*`` and ``loss.*`` after the best epoch.

    Raises:
        RunError: missing or damaged.
    """
    return _checked(path / MODEL, record.model_sha256)


def _tidy(path: Path, record: Record) -> None:
    for old in path.glob("last-*.safetensors"):
        if old.name != record.state_file:
            old.unlink()


def _model(tensors: Mapping[str, Tensor]) -> bytes:
    kept = {name: t for name, t in tensors.items() if name.startswith(("task.", "loss."))}
    return safetensors.torch.save(kept, {"format": FORMAT})


def _checked(file: Path, digest: str) -> dict[str, Tensor]:
    if not file.is_file():
        raise _damaged(file, "it is missing")
    data = file.read_bytes()
    if sha256(data).hexdigest() != digest:
        raise _damaged(file, "its sha256 is not the one in last.json")
    return safetensors.torch.load(data)


def _damaged(file: Path, why: str) -> RunError:
    return RunError(f"{file} is damaged ({why}); delete {file.parent} and run `train` again")
