"""New pictures as a run sees them: the features of each, made as those of its caches were."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import RunError
from core.records import Corpus
from core.records import Image as Item
from core.sources import (
    Source,
    StoredVectors,
    each_view,
    of_captions,
    of_layers,
    refuse_other_facts,
)
from extract.settings import FeatureSettings
from extract.stated import made_by
from pipeline.asked.like import likes
from pipeline.memory.once import Once
from pipeline.searched.unmade import otherwise, unseen
from train.origins import origins

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from extract.one import One

WEIGHTS = "put them back there, or search with a sentence or a picture of the corpus"
WAY_OUT = "search with a sentence, or with a picture of the corpus"


class _Network(NamedTuple):
    """What makes the rows of one cache, and what is noted of that cache."""

    one: "One"
    made_by: Mapping[str, Any]

    def makes(self, view: Mapping[str, Any]) -> bool:
        """Whether a layer that is noted so is one of its own."""
        own = of_layers(self.made_by, view["made_by"].get("layers", ()))
        return bool(own == view["made_by"])


class Sight:
    """The networks of stage one behind a run, in memory."""

    def __init__(self, run: Path, config: Mapping[str, Any], device: "torch.device", once: Once):
        """Read the weights of each network; of several caches of one network once.

        Raises:
            RunError: nothing here makes the features of another picture, or weights are gone.
            CacheError: today's weights or libraries make other numbers than the run's.
        """
        _refuse_imported(run)
        self._origins = {
            name: (origin["made_by"], each_view(origin))
            for name, origin in origins(run, config).items()
            if not of_captions(origin["made_by"])
        }
        self._networks = _networks(run, device, once)

    def sources(
        self, pictures: Iterable["Image.Image"], names: Sequence[str]
    ) -> tuple[Corpus, dict[str, Source]]:
        """A corpus of these pictures, in their order, and what a run reads of them.

        Args:
            pictures: as ``extract.handed.opened`` gives them; one at a time is held.
            names: of each, for messages.

        Raises:
            InputError, NumberError: as ``extract.one.One.row``.
        """
        ids = [f"{number:09d}" for number in range(len(names))]
        found = [self._seen(*each) for each in zip(pictures, names, strict=True)]
        made = {name: made_by for name, (made_by, _) in self._origins.items()}
        stored = {n: StoredVectors(ids, np.stack([f[n] for f in found]), made[n]) for n in made}
        return Corpus.build("new pictures", [Item(i, None, "extra") for i in ids], []), dict(stored)

    def _seen(self, picture: "Image.Image", name: str) -> dict[str, npt.NDArray[Any]]:
        """By source (crops of all its views, ...)."""
        rows = [network.one.row(picture, name) for network in self._networks]
        of = partial(self._of_view, rows)
        return {n: np.concatenate(list(map(of, views))) for n, (_, views) in self._origins.items()}

    def _of_view(
        self, rows: Sequence[Mapping[str, npt.NDArray[Any]]], view: Mapping[str, Any]
    ) -> npt.NDArray[Any]:
        pairs = zip(self._networks, rows, strict=True)
        (layer,) = view["made_by"]["layers"]
        return next(row[layer] for network, row in pairs if network.makes(view))


def _refuse_imported(run: Path) -> None:
    if unseen(run):
        raise RunError(
            f"{run} was trained on imported vectors, which nothing here can make of a new picture; "
            f"{otherwise(run, WAY_OUT)}"
        )


def _networks(run: Path, device: "torch.device", once: Once) -> list[_Network]:
    """Of each cache of the run; those that one network made share its weights."""
    from extract.one import One

    found = []
    every = likes(run, FeatureSettings(), WEIGHTS)
    for number, like in enumerate(every, start=1):
        chosen = like.settings.canonical()
        late = once.late(chosen)
        what = f"a picture as {run} sees it"
        refuse_other_facts(what, like.made_by, made_by(late.backbone, chosen), WAY_OUT)
        found.append(_Network(One(late.backbone, chosen, device), like.made_by))
        once.let_go(chosen, [each.settings.canonical() for each in every[number:]])
    return found
