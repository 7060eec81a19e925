"""How long stage one takes on this machine: a few pictures through it, timed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.records import Corpus
from extract.settings import FeatureSettings

FIRST, MOST = 2, 64
"""Pictures: a first few, which lay the network out, and how many are timed at most."""
SECONDS = 8.0
"""How long the trial shall take, where a picture does not take longer."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long the features of ``pictures`` take, and what that was concluded from.

    The trial took ``trial_seconds`` for ``trial_pictures``, with random weights.
    """

    backbone: str
    crops: int
    device: str
    threads: int
    trial_pictures: int
    trial_seconds: float
    pictures: int

    @property
    def seconds(self) -> float:
        """For all pictures, at the pace of the trial."""
        return self.pictures * self.trial_seconds / self.trial_pictures

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "seconds": self.seconds}


def estimate(
    corpus: Corpus, readable: Sequence[int], settings: FeatureSettings, device: str
) -> Estimate:
    """Time some pictures of ``corpus``, spread over it, on their way through stage one.

    Args:
        corpus: its pictures.
        readable: the rows of those that can be read, at least one.
        settings: whose ``weights`` should be ``random``: nothing is fetched for a trial.
        device: as ``--device`` is given.

    Raises:
        SettingError: the settings do not go together, or there is no such device.
        InputError: a picture changed, or memory is too short.
    """
    import torch  # an estimate alone needs what the network needs

    from extract.catalogue import build
    from extract.run import extract
    from pipeline.device import resolve

    chosen = resolve(device)
    network = build(settings.backbone, settings.weights, settings.transform)

    def timed(pictures: Corpus, root: Path) -> float:
        clock = _Clock()
        extract(pictures, network, root, settings, device=chosen, progress=clock)
        return clock.seconds

    with TemporaryDirectory(prefix="tencrop-trial-") as folder:
        first = _spread(corpus, readable, FIRST)
        pace = timed(first, Path(folder) / "first") / len(first.images)
        many = min(MOST, max(FIRST, int(SECONDS / max(pace, 1e-6))))
        timed_pictures = _spread(corpus, readable, many)
        seconds = timed(timed_pictures, Path(folder) / "trial")
    return Estimate(
        settings.backbone,
        settings.crops,
        str(chosen),
        torch.get_num_threads(),
        len(timed_pictures.images),
        seconds,
        len(readable),
    )


def _spread(corpus: Corpus, readable: Sequence[int], many: int) -> Corpus:
    """So many of the readable pictures, evenly spread, fewer where there are not as many."""
    places = np.linspace(0, len(readable) - 1, num=min(many, len(readable))).astype(np.int64)
    keep = np.zeros(len(corpus.images), dtype=bool)
    keep[np.asarray(readable)[places]] = True
    return corpus.select(keep)


class _Clock:
    """From the first picture's beginning to the last one's end, as ``extract`` reports them."""

    def __init__(self, now: Callable[[], float] = time.perf_counter):
        self._now = now
        self._began: float | None = None
        self.seconds = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._began is None:
            self._began = self._now()
        self.seconds = self._now() - self._began
