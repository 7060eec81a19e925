"""From picture files to arrays of features: decode ahead in threads, run the network in batches."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.errors import NumberError
from extract.backbone import Calls, Network
from extract.calls import run
from extract.digests import Picture
from extract.images import UnreadablePicture, crops
from extract.memory import said_when_short
from extract.reading import read_picture
from extract.settings import FeatureSettings
from extract.transform import Transform

AHEAD = 16  # pictures decoded before they are needed


@dataclass(frozen=True)
class Extractor:
    """Computes some layers of pictures.

    Attributes:
        network: on ``device`` already.
        transform: from a picture to crops.
        wanted: which layers of how many crops, what is kept of them and as what.
        device: where the network is.
        calls: crops a call of the network's parts.
        pool: decodes; the result does not depend on how many threads it has.
    """

    network: Network
    transform: Transform
    wanted: FeatureSettings
    device: torch.device
    calls: Calls
    pool: Executor

    def features(
        self,
        pictures: Sequence[Picture],
        shapes: Mapping[str, tuple[int, ...]],
        report: Callable[[int], None],
    ) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """The features of ``pictures``, and why some have none.

        Batches hold readable pictures in order, so the features of these do not depend on how many
        unreadable ones lie between them.

        Args:
            pictures: what to read.
            shapes: of one crop's features, by layer.
            report: called with the number of pictures that are done.

        Returns:
            By layer (pictures, crops or 1, *shape), rows of zeros where there is a failure;
            id -> reason.

        Raises:
            NumberError: a value would overflow float16, or all of a picture's would vanish in it.
            InputError: a file changed or went after its digest was taken, or memory is too short.
        """
        kept = self.wanted.crops if self.wanted.keep == "all" else 1
        with said_when_short(f"a shard of {len(pictures)} pictures", "use a smaller --shard-size"):
            values = {
                layer: np.zeros((len(pictures), kept, *shape), dtype=self.wanted.dtype)
                for layer, shape in shapes.items()
            }
        failures: dict[str, str] = {}
        batch: list[tuple[int, Tensor]] = []
        full = max(1, self._most // self.wanted.crops)
        for row, read in enumerate(self._read(pictures)):
            if isinstance(read, str):
                failures[pictures[row].id] = read
            else:
                batch.append((row, read))
            if len(batch) == full or row == len(pictures) - 1:
                found = self._run([c for _, c in batch])
                for place, (done, _) in enumerate(batch):
                    one = {layer: every[place] for layer, every in found.items()}
                    if all(np.isfinite(its).all() for its in one.values()):
                        for layer, its in one.items():
                            values[layer][done] = self._cast(its, pictures[done].id, layer)
                    else:
                        failures[pictures[done].id] = "its features are not finite"
                batch = []
            report(row + 1)
        return values, failures

    def row(self, image: Image.Image, name: str) -> dict[str, npt.NDArray[Any]]:
        """By layer the row (crops or 1, *shape) of one picture that is decoded already.

        Args:
            image: RGB, upright.
            name: of the picture, for messages.

        Raises:
            UnreadablePicture: it is too long and thin, or its features are not finite.
            NumberError: a value would overflow float16, or all of them would vanish in it.
            InputError: memory is too short.
        """
        found = self._run([crops(image, self.transform, self.wanted.crops)])
        one = {layer: every[0] for layer, every in found.items()}
        if not all(np.isfinite(its).all() for its in one.values()):
            raise UnreadablePicture("its features are not finite")
        return {layer: self._cast(its, name, layer) for layer, its in one.items()}

    @property
    def _most(self) -> int:
        """Crops that are held at once: as many as the largest call takes, whatever the layers."""
        return max(self.calls)

    def _read(self, pictures: Sequence[Picture]) -> Iterator[Tensor | str]:
        """The crops of each picture in order, or why there are none; a few pictures ahead."""
        ahead = max(AHEAD, self._most // self.wanted.crops)
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

    def _run(self, batch: Sequence[Tensor]) -> dict[str, npt.NDArray[np.float32]]:
        """By layer (pictures, crops or 1, ...) float32 of a list of crops (crops, 3, S, S)."""
        if not batch:
            return {}
        layers, most = self.wanted.layers, min(self.calls.trunk, sum(map(len, batch)))
        smaller = f"use a smaller --batch-size than {most}"
        way_out = smaller if most > 1 else "close other programs and run the same command again"
        with said_when_short(f"{most} crops a call of the network", way_out):
            found = run(self.network, torch.cat(list(batch)), layers, self.device, self.calls)
        named = zip(layers, found, strict=True)
        return {layer: self._kept(values, len(batch)) for layer, values in named}

    def _kept(self, values: Tensor, pictures: int) -> npt.NDArray[np.float32]:
        """(pictures, crops or 1, ...) of (pictures * crops, ...)."""
        by_picture = values.reshape(pictures, self.wanted.crops, *values.shape[1:])
        mean = self.wanted.keep == "mean"
        return np.asarray(by_picture.mean(1, keepdim=True) if mean else by_picture)

    def _cast(self, one: npt.NDArray[np.float32], picture: str, layer: str) -> npt.NDArray[Any]:
        dtype = self.wanted.dtype
        if dtype == "float32":
            return one
        largest, limits = float(np.abs(one).max()), np.finfo(dtype)
        least, most = float(limits.tiny), float(limits.max)
        if largest > most or 0 < largest < least:
            raise NumberError(
                f"{picture}: its largest feature ({layer}), {largest:.3g}, does not fit {dtype} "
                f"({least:.3g} to {most:g}); use --dtype float32"
            )
        return one.astype(dtype)
