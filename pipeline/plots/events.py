"""The metrics of a run as TensorBoard's events, in RUN/tensorboard: each epoch once.

What was begun before is written anew from the run's record when a training goes on: so no kill
leaves an epoch twice, or none. The clock of the events is that of the training, as if it had never
been interrupted.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SettingError
from pipeline.said.errors import told
from pipeline.said.progress import say
from train.record import Record

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"
EVENTS = "events.out.tfevents.*"
"""How TensorBoard finds the files of its events, and how they are called here."""
GROUPS = {
    "loss": "loss",
    "mean": "loss",
    "lr": "rate",
    "similarity": "similarity",
    "seconds": "time",
    "train": "time",
    "examples": "time",
    "plateau": "guard",
    "guarded": "guard",
}
"""How the names of metrics begin, and the group that TensorBoard shows them in."""
REST = "validation"


def require_tensorboard() -> None:
    """Refuse to write events where nobody could.

    Raises:
        SettingError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: F401
    except ImportError:
        raise SettingError(
            "--tensorboard writes with TensorBoard, which is not installed; type make setup "
            "EXTRAS=1, or leave it out: metrics.jsonl has the same numbers"
        ) from None


def tag(metric: str) -> str:
    """What a metric is called among the events.

    Example:
        >>> tag("mean_loss"), tag("i2t_r1"), tag("similarity_positive")
        ('loss/mean_loss', 'validation/i2t_r1', 'similarity/similarity_positive')
    """
    return f"{GROUPS.get(metric.partition('_')[0], REST)}/{metric}"


class Events:
    """Told the record of a run whenever it counts; writes the epochs that are new."""

    def __init__(self, run: Path):
        """Of the run in this directory, which this process alone writes."""
        self._folder = run / FOLDER
        self._writer: SummaryWriter | None = None
        self._written = 0
        self._began = 0.0
        self._failed = False

    def __call__(self, record: Record) -> None:
        """Write what is new; what cannot be written is said once, and costs no run."""
        if self._failed or not record.history:
            return
        try:
            self._write(record.history)
        except Exception as error:
            self._failed = True
            say(f"{self._folder} is not written any more ({told(error)}); all numbers are kept")

    def close(self) -> None:
        """Let the last event be on the disk."""
        if self._writer:
            self._writer.close()

    def _write(self, history: Sequence[Mapping[str, float]]) -> None:
        passed = list(accumulate(row.get("seconds", 0.0) for row in history))
        writer = self._writer or self._begin(int(history[0]["epoch"]), passed[-1])
        for row, seconds in list(zip(history, passed, strict=True))[self._written :]:
            for name, value in row.items():
                if name != "epoch":
                    writer.add_scalar(tag(name), value, int(row["epoch"]), self._began + seconds)
        self._written = len(history)
        writer.flush()

    def _begin(self, first: int, passed: float) -> "SummaryWriter":
        """Begin anew; a TensorBoard that looks on forgets what it read from ``first`` on."""
        from torch.utils.tensorboard import SummaryWriter

        for former in self._folder.glob(EVENTS):
            former.unlink()
        self._began = time.time() - passed
        self._writer = SummaryWriter(str(self._folder), purge_step=first)
        return self._writer


@contextmanager
def events(run: Path, *, wanted: bool) -> Iterator[Callable[[Record], None]]:
    """What is to be told each record; where no events are wanted it does nothing."""
    if not wanted:
        yield lambda record: None
        return
    told_of = Events(run)
    try:
        yield told_of
    finally:
        told_of.close()
