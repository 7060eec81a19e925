"""What a training begins with in the place of chance: the model of a finished run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunError, SettingError
from train.measured import Measured
from train.seen import Seen

if TYPE_CHECKING:
    from torch import nn

TASK = "task."
CNN = "cnn."
"""Begins the names of the weights of a task that come from outside, as a module."""


@dataclass(frozen=True)
class Start:
    """A finished run, of which a training takes the words, the shapes and the weights.

    Attributes:
        run: where it is.
        identity: JSON values that decide what is begun with: ``model``, the digest of its model,
            and what else the training takes of it.
        measured: of it, its words and the shapes that its encoders read.
        seen: what it was trained and chosen on, which what begins with it has seen too.
    """

    run: Path
    identity: Mapping[str, Any]
    measured: Measured
    seen: Seen

    def into(self, task: "nn.Module") -> None:
        """Let all weights of ``task`` but those of its CNN be those of the run.

        Raises:
            RunError: the run has changed since it was looked at, or is damaged.
            SettingError: the task has other weights than the run.
        """
        from train.checkpoint import read_best  # which needs torch

        record, tensors = read_best(self.run)
        if record.model_sha256 != self.identity["model"]:
            raise RunError(f"{self.run} was changed in the meantime; run the same command again")
        kept = {n.removeprefix(TASK): t for n, t in tensors.items() if n.startswith(TASK)}
        known = {name: value for name, value in kept.items() if not name.startswith(CNN)}
        try:
            found = task.load_state_dict(known, strict=False)
        except RuntimeError as error:
            raise self._unlike(str(error).strip().splitlines()[-1].strip()) from error
        lacking = [name for name in found.missing_keys if not name.startswith(CNN)]
        if other := [*lacking, *found.unexpected_keys]:
            raise self._unlike(f"only one of the two has {other[0]}")

    def _unlike(self, how: str) -> SettingError:
        return SettingError(
            f"the recipe makes other encoders than {self.run} has ({how}); leave out what it or "
            "--set says of image, text, embed_dim and split: they are that run's"
        )
