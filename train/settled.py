"""What follows from the last record of a run: its copy, the metrics, and no file too much."""

from pathlib import Path

from core.errors import RunError
from core.files import TEMPORARY, read_regular, write_bytes
from core.sealed import is_as_written
from train.record import LAST, METRICS, PREVIOUS, Record, metrics_bytes, read_record, write_record

KINDS = ("best", "last", "state")
"""How the names of the tensor files of a training begin."""


def settle(
    path: Path, record: Record, *, before: Record | None = None, lines: bytes | None = None
) -> None:
    """Let what follows from ``record``, the last one, be so: copies, metrics, nothing too much.

    Args:
        path: the run.
        record: its last one.
        before: what ``previous.json`` holds, where that is known; else it is read.
        lines: the metrics of ``record``, where they are known.
    """
    for name in _lost_copies(path, record):
        write_record(path / name, record)
    lines = metrics_bytes(record.history) if lines is None else lines
    if _differs(path / METRICS, lines):
        write_bytes(path / METRICS, lines)
    for old in _leftovers(path, record, before):
        old.unlink(missing_ok=True)


def unsettled(path: Path, record: Record) -> bool:
    """Whether ``settle`` would change anything."""
    lost = metrics_lost(path, record) or _lost_copies(path, record)
    return bool(lost or _leftovers(path, record))


def metrics_lost(path: Path, record: Record) -> bool:
    """Whether ``metrics.jsonl`` is missing, or is not what ``record`` says."""
    return _differs(path / METRICS, metrics_bytes(record.history))


def _differs(file: Path, data: bytes) -> bool:
    try:
        return read_regular(file) != data
    except FileNotFoundError:
        return True


def _lost_copies(path: Path, record: Record) -> list[str]:
    """Of a finished run, which of the two records is not ``record`` as it was written."""
    names = (LAST, PREVIOUS) if record.done else ()
    return [
        name for name in names if _stated(path, name) != record or not is_as_written(path / name)
    ]


def _stated(path: Path, name: str) -> Record | None:
    try:
        return read_record(path, name)
    except RunError:
        return None


def _leftovers(path: Path, record: Record, before: Record | None = None) -> list[Path]:
    """What neither ``record``, the last one, nor the one before it needs."""
    before = None if record.done else before or _stated(path, PREVIOUS)
    kept = {*record.files, *(before.files if before else ())}
    tensors = [file for kind in KINDS for file in path.glob(f"{kind}-*.safetensors")]
    private = path.glob(f"{TEMPORARY}*")
    return [*(file for file in tensors if file.name not in kept), *private]
