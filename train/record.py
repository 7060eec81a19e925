"""How far a run is: ``last.json``, and ``previous.json``, what it was one state before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import IrregularFile, json_sha256, keep_bytes
from core.sealed import read_sealed, sealed_bytes
from core.wording import counted

FORMAT = "tencrop-run/2"
CONFIG, LAST, PREVIOUS = "config.json", "last.json", "previous.json"
MODEL, METRICS = "model.safetensors", "metrics.jsonl"
MEND = "run the same `train` command to mend it"


@dataclass(frozen=True, slots=True)
class Record:
    """The last state of a run, and the files that it is in, each with its SHA-256.

    ``epoch`` epochs are done (0: none) and ``step`` steps of the next one. ``best_epoch`` is that
    whose weights are the model; ``best`` and ``validation`` are the scores of it and of the last;
    ``history`` has a row an epoch. ``weights`` and ``state`` are what the next step needs.
    ``gallery`` tells of the gallery's bias once all is done (``train.gallery``): ``strength,
    inverse_temperature, pictures, captions`` of the bank, and the scores of ``validation`` with it;
    empty where there is none.
    """

    config_sha256: str
    epoch: int = 0
    step: int = 0
    best_epoch: int = 0
    best: dict[str, float] = field(default_factory=dict)
    validation: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    model_file: str = MODEL
    model_sha256: str = ""
    weights_file: str = ""
    weights_sha256: str = ""
    state_file: str = ""
    state_sha256: str = ""
    metrics_sha256: str = ""
    done: bool = False
    gallery: dict[str, Any] = field(default_factory=dict)

    def after(self, epoch: int, scores: Mapping[str, float], row: Mapping[str, float]) -> "Record":
        """The record with one epoch more; of two equal ``score`` the earlier stays the best."""
        history = [*self.history, dict(row)]
        now = replace(self, epoch=epoch, step=0, validation=dict(scores), history=history)
        if self.best and scores["score"] <= self.best["score"]:
            return now
        return replace(now, best_epoch=epoch, best=dict(scores))

    @property
    def is_best(self) -> bool:
        """Whether the last state is that after the best epoch."""
        return bool(self.history) and not self.step and self.best_epoch == self.epoch

    @property
    def where(self) -> str:
        """How far it is, for a person."""
        return f"epoch {self.epoch}" + (f" and {counted(self.step, 'step')}" if self.step else "")

    @property
    def files(self) -> dict[str, str]:
        """The digests of the tensor files, by name."""
        named = {
            self.model_file: self.model_sha256,
            self.weights_file: self.weights_sha256,
            self.state_file: self.state_sha256,
        }
        return {name: digest for name, digest in named.items() if digest}


def metrics_bytes(history: Sequence[Mapping[str, float]]) -> bytes:
    """What ``metrics.jsonl`` holds: a line an epoch, its number first."""
    rows = [{"epoch": row["epoch"], **dict(sorted(row.items()))} for row in history]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def content_of(record: Record) -> dict[str, Any]:
    """What a record's file says, but for its digest."""
    return {each.name: getattr(record, each.name) for each in fields(record)} | {"format": FORMAT}


def record_bytes(record: Record) -> bytes:
    """What ``write_record`` writes."""
    return sealed_bytes(content_of(record))


def write_record(file: Path, record: Record) -> None:
    """Write ``record``, whole or not at all; a file that holds it is left as it is."""
    keep_bytes(file, record_bytes(record))


def read_record(path: Path, name: str = LAST) -> Record:
    """The record of the run in ``path``.

    Raises:
        RunError: missing, damaged, or of another format.
    """
    file = path / name
    try:
        content = read_sealed(file)
        stated = content.pop("format")
        if not isinstance(stated, str):
            raise ValueError("its format is missing")
        if stated != FORMAT:
            raise RunError(
                f"{path} has format {stated!r}, not {FORMAT!r}; train into another --run"
            )
        # Earlier versions wrote a digest of another name, of all but itself and the format.
        if content.pop("sha256", None) not in (None, json_sha256(content)):
            raise ValueError("its sha256 is another")
        return Record(**content)
    except FileNotFoundError:
        raise RunError(
            f"{path} holds no finished epoch (no {name}); make one with `train`"
        ) from None
    except IrregularFile as error:
        raise RunError(f"{file} {error.strerror}; move it elsewhere and {MEND}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{file} is damaged ({error}); {MEND}") from error
