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
"""Pictures of one crop: a first few, which lay the network out, and how many are timed at most."""
Progress = Callable[[int, int], None]
SECONDS = 6.0
"""How long the timed pictures shall take. Where the first take twice as long, no others are timed:
an estimate that is a little too high comes sooner."""


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
    corpus: Corpus,
    readable: Sequence[int],
    settings: FeatureSettings,
    device: str,
    progress: Progress = lambda done, total: None,
) -> Estimate:
    """Time some pictures of ``corpus``, spread over it, on their way through stage one.

    Args:
        corpus: its pictures.
        readable: the rows of those that can be read, at least one.
        settings: whose ``weights`` should be ``random``: nothing is fetched for a trial.
        device: as ``--device`` is given.
        progress: called with (pictures done, pictures that are timed in all).

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
        clock = _Clock(progress)
        extract(pictures, network, root, settings, device=chosen, progress=clock)
        return clock.seconds

    with TemporaryDirectory(prefix="tencrop-trial-") as folder:
        # Several crops of one picture are as many as the network is called with.
        least = FIRST if settings.crops == 1 else 1
        pictures = _spread(corpus, readable, least)
        seconds = timed(pictures, Path(folder) / "first")
        if seconds < 2 * SECONDS:
            pace = seconds / len(pictures.images)
            many = min(MOST, max(least, int(SECONDS / max(pace, 1e-6))))
            pictures = _spread(corpus, readable, many)
            seconds = timed(pictures, Path(folder) / "trial")
    return Estimate(
        settings.backbone,
        settings.crops,
        str(chosen),
        torch.get_num_threads(),
        len(pictures.images),
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

    def __init__(self, progress: Progress, now: Callable[[], float] = time.perf_counter):
        self._progress, self._now = progress, now
        self._began: float | None = None
        self.seconds = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._began is None:
            self._began = self._now()
        self.seconds = self._now() - self._began
        self._progress(done, total)
