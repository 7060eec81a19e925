"""From picture files to arrays of features: decode ahead in threads, run the network in batches."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import InputError, NumberError
from core.places import Place
from extract.backbone import Network
from extract.images import Transform, UnreadablePicture, crops
from extract.memory import said_when_short
from extract.reading import read_picture
from extract.settings import FeatureSettings

AHEAD = 16  # pictures decoded before they are needed


class Picture(NamedTuple):
    """A picture: its id, where it is, and its digest (empty where there is none)."""

    id: str
    place: Place
    sha256: str


@dataclass(frozen=True)
class Extractor:
    """Computes one layer of pictures.

    Attributes:
        network: on ``device`` already.
        transform: from a picture to crops.
        wanted: which layer of how many crops, what is kept of them and as what.
        device: where the network is.
        batch_size: crops a call of the network.
        pool: decodes; the result does not depend on how many threads it has.
    """

    network: Network
    transform: Transform
    wanted: FeatureSettings
    device: torch.device
    batch_size: int
    pool: Executor

    def features(
        self,
        pictures: Sequence[Picture],
        shape: tuple[int, ...],
        report: Callable[[int], None],
    ) -> tuple[npt.NDArray[Any], dict[str, str]]:
        """The features of ``pictures``, and why some have none.

        Batches hold readable pictures in order, so the features of these do not depend on how many
        unreadable ones lie between them.

        Args:
            pictures: what to read.
            shape: of one crop's features.
            report: called with the number of pictures that are done.

        Returns:
            (pictures, crops or 1, *shape), rows of zeros where there is a failure; id -> reason.

        Raises:
            NumberError: a value would overflow float16, or all of a picture's would vanish in it.
            InputError: a file changed or went after its digest was taken, or memory is too short.
        """
        kept = self.wanted.crops if self.wanted.keep == "all" else 1
        with said_when_short(f"a shard of {len(pictures)} pictures", "use a smaller --shard-size"):
            values = np.zeros((len(pictures), kept, *shape), dtype=self.wanted.dtype)
        failures: dict[str, str] = {}
        batch: list[tuple[int, Tensor]] = []
        full = max(1, self.batch_size // self.wanted.crops)
        for row, read in enumerate(self._read(pictures)):
            if isinstance(read, str):
                failures[pictures[row].id] = read
            else:
                batch.append((row, read))
            if len(batch) == full or row == len(pictures) - 1:
                for (done, _), one in zip(batch, self._run([c for _, c in batch]), strict=True):
                    if np.isfinite(one).all():
                        values[done] = self._cast(one, pictures[done].id)
                    else:
                        failures[pictures[done].id] = "its features are not finite"
                batch = []
            report(row + 1)
        return values, failures

    def _read(self, pictures: Sequence[Picture]) -> Iterator[Tensor | str]:
        """The crops of each picture in order, or why there are none; a few pictures ahead."""
        ahead = max(AHEAD, self.batch_size // self.wanted.crops)
        waiting: deque[Future[Tensor | str]] = deque()
        try:
            for picture in pictures:
                waiting.append(self.pool.submit(self._crops, picture))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # after an error nobody waits for pictures that are not needed any more
            for future in waiting:
                future.cancel()

    def _crops(self, picture: Picture) -> Tensor | str:
        try:
            with read_picture(picture.place, picture.sha256) as image:
                return crops(image, self.transform, self.wanted.crops)
        except UnreadablePicture as failure:
            return str(failure)

    def _run(self, batch: Sequence[Tensor]) -> npt.NDArray[np.float32]:
        """(pictures, crops or 1, ...) float32 of a list of crops (crops, 3, S, S)."""
        if not batch:
            return np.empty(0, dtype=np.float32)
        layer, most = self.wanted.layer, min(self.batch_size, sum(map(len, batch)))
        smaller = f"use a smaller --batch-size (make: BATCH) than {most}"
        way_out = smaller if most > 1 else "close other programs and run the same command again"
        with said_when_short(f"{most} crops a call of the network", way_out):
            calls = torch.split(torch.cat(list(batch)), self.batch_size)
            found = torch.cat([forward(self.network, call, layer, self.device) for call in calls])
        found = found.reshape(len(batch), self.wanted.crops, *found.shape[1:])
        return np.asarray(found if self.wanted.keep == "all" else found.mean(1, keepdim=True))

    def _cast(self, one: npt.NDArray[np.float32], picture: str) -> npt.NDArray[Any]:
        dtype = self.wanted.dtype
        if dtype == "float32":
            return one
        largest, limits = float(np.abs(one).max()), np.finfo(dtype)
        least, most = float(limits.tiny), float(limits.max)
        if largest > most or 0 < largest < least:
            raise NumberError(
                f"{picture}: its largest feature, {largest:.3g}, does not fit {dtype} "
                f"({least:.3g} to {most:g}); use --dtype float32"
            )
        return one.astype(dtype)


def forward(network: Network, batch: Tensor, layer: str, device: torch.device) -> Tensor:
    """Run ``batch`` (N, 3, S, S) on ``device``; where memory is short, in halves.

    Returns:
        (N, ...) float32 on the CPU.

    Raises:
        InputError: one crop alone does not fit in the device's memory.
    """
    layout = memory_format(device)
    try:
        found: Tensor = network(batch.to(device).contiguous(memory_format=layout), layer)
        return found.cpu()
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise InputError(f"{device} has no memory for one crop; use --device cpu") from None
    half = len(batch) // 2
    parts = (batch[:half], batch[half:])
    return torch.cat([forward(network, part, layer, device) for part in parts])


def full_precision(device: torch.device) -> AbstractContextManager[None]:
    """cuDNN without TF32, which keeps three digits, and with repeatable kernels; then as found."""
    if device.type != "cuda":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)


def memory_format(device: torch.device) -> torch.memory_format:
    """Channels last on a CPU, where it is 1.1 to 2.3 times as fast."""
    return torch.channels_last if device.type == "cpu" else torch.contiguous_format
