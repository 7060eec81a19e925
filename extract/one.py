"""One picture as stage one sees it: what a cache would hold of it, without a cache."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy.typing as npt
import torch
from PIL import Image

from core.errors import InputError
from extract.backbone import Backbone, Calls
from extract.batches import Extractor
from extract.calls import full_precision, memory_format, usual
from extract.engine.choice import engine
from extract.handed import WAY_OUT
from extract.images import UnreadablePicture
from extract.settings import FeatureSettings


class One:
    """A network of stage one that stays in memory, for pictures one at a time.

    Attributes:
        wanted: which layers of how many crops, what is kept of them and as what.
    """

    def __init__(self, backbone: Backbone, settings: FeatureSettings, device: torch.device):
        """Build what computes a cache of these settings on ``device``.

        Raises:
            SettingError: the fused engine is asked for and cannot be had.
        """
        self.wanted = wanted = settings.canonical()
        network = backbone.module.to(device).to(memory_format=memory_format(device))
        calls = Calls.both(wanted.batch_size) if wanted.batch_size else usual(network, device)
        crop = backbone.transform.crop
        ready = engine(
            wanted.engine,
            network=network,
            device=device,
            crop=crop,
            calls=calls,
            layers=wanted.layers,
        )
        pool = ThreadPoolExecutor(1)  # who hands in a decoded picture needs none of its threads
        self._extractor = Extractor(ready.network, backbone.transform, wanted, device, calls, pool)

    def row(self, picture: Image.Image, name: str) -> dict[str, npt.NDArray[Any]]:
        """By layer (crops or 1, *shape) of the cache's dtype: its row, to another batch's rounding.

        Args:
            picture: as ``extract.handed.opened`` gives it.
            name: for messages.

        Raises:
            InputError: it is too long and thin, or memory is too short.
            NumberError: a value does not fit the dtype.
        """
        try:
            with full_precision(self._extractor.device):
                return self._extractor.row(picture, name)
        except UnreadablePicture as reason:
            raise InputError(f"{name} cannot be read as a picture: {reason}; {WAY_OUT}") from None
