"""A backbone that is built when it is needed: what it says of itself is often known before."""

from collections.abc import Mapping
from functools import cached_property
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import file_sha256
from extract.settings import SUFFIXES, FeatureSettings
from extract.stated import Stated
from pipeline.memory.known import Known

if TYPE_CHECKING:
    from extract.backbone import Backbone

HOMES = ("TORCH_HOME", "XDG_CACHE_HOME", "HOME")
"""The environment variables by which torch finds the folder of what it has downloaded."""


class Late:
    """The backbone of some settings of stage one.

    Attributes:
        settings: which backbone, weights and transform.
    """

    def __init__(self, settings: FeatureSettings, known: Known):
        """Nothing is read or built yet."""
        self.settings, self._known = settings, known

    @cached_property
    def backbone(self) -> "Backbone":
        """The network itself.

        Raises:
            SettingError, InputError: as ``extract.catalogue.build``.
        """
        from extract.catalogue import build

        return build(self.settings.backbone, self.settings.weights, self.settings.transform)

    @cached_property
    def stated(self) -> Stated:
        """What it says of itself: what is kept, if the weights are those of then, to the byte.

        Raises:
            SettingError, InputError: as ``extract.catalogue.build``, where nothing is kept.
        """
        kept = self._known.get(self._question) if self._question else None
        if kept and all(_is(file, digest) for file, digest in kept["files"].items()):
            return Stated.from_json(kept["stated"])
        return Stated.of(self.backbone)

    def keep(self) -> None:
        """Keep what the network said, if it was built, and of the weights that are there now."""
        if "backbone" not in vars(self) or not self._question or self._question != self._asked():
            return
        files = self._downloaded()
        if files is not None:
            told = Stated.of(self.backbone).to_json()
            self._known.keep(self._question, {"stated": told, "files": files})

    @cached_property
    def _question(self) -> dict[str, Any]:
        return self._asked()

    def _asked(self) -> dict[str, Any]:
        """All that it follows from, by content; empty where there is nothing to follow from."""
        chosen = self.settings.model_dump(include={"backbone", "weights", "transform"})
        file, found = Path(self.settings.weights), ""
        if file.suffix in SUFFIXES:
            try:
                found, chosen["weights"] = file_sha256(file), file.name
            except OSError:  # to say so is the affair of who builds it
                return {}
        homes = {name: environ.get(name, "") for name in HOMES}
        return {"about": "backbone", **chosen, "sha256": found, "homes": homes}

    def _downloaded(self) -> Mapping[str, str] | None:
        """The file that torchvision keeps of weights by name, and its digest; None if unknown."""
        from torch.hub import get_dir
        from torchvision.models import get_model_weights

        members = get_model_weights(self.settings.backbone).__members__
        if self.settings.weights not in members:
            return {}
        url = str(members[self.settings.weights].url)
        file = Path(get_dir()) / "checkpoints" / url.rpartition("/")[2]
        return {str(file): file_sha256(file)} if file.is_file() else None


def _is(file: str, digest: str) -> bool:
    try:
        return file_sha256(Path(file)) == digest
    except OSError:
        return False
