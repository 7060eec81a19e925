"""The run that a tuned CNN begins with: what of it is taken, and whether it can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError, SettingError
from core.files import json_sha256
from core.sources import IMPORTED, each_view, refuse_other_facts
from core.wording import counted
from extract.settings import FeatureSettings
from extract.stated import made_by
from pipeline import recipe_files
from pipeline.asked.like import likes
from pipeline.memory.known import Known
from pipeline.memory.late import Late
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of_raw
from pipeline.memory.whereabouts import weights_of
from train.measured import Measured
from train.opened import Opened
from train.origins import origins
from train.outline import Outline
from train.schema import TASK, table
from train.start import Start

TUNED = "tuned"
TASKS = ("paired", TUNED)
SHARED = ("embed_dim", "min_count", "split", "similarity", "max_tokens")
"""Options of the task that the encoders and the words follow from."""
SIDES = ("image", "text")
WAY = "begin with a run of one cache of pooled features, of a recipe such as vse++"


@dataclass(frozen=True)
class Base:
    """A finished run, and the backbone whose features it read.

    Attributes:
        opened: the run.
        late: the backbone as it was.
        source: what the run calls its features.
        origin: of these ``encoder, made_by, settings``, as a run keeps them.
        start: what a training takes of the run.
    """

    opened: Opened
    late: Late
    source: str
    origin: Mapping[str, Any]
    start: Start

    @staticmethod
    def of(run: Path, once: Once) -> "Base":
        """What can be taken of ``run``.

        Raises:
            RunError: it is none, not finished, of another task, or reads something else than one
                cache of pooled features; or the weights of its backbone are not there.
            SettingError, InputError, CacheError: its backbone cannot be built, or is another.
        """
        opened = once.opened(run)
        if not opened.record.done:
            raise RunError(
                f"{run} is not finished, and a CNN begins with a finished run; go on with its own "
                "`train` command first"
            )
        if opened.outline.parts["task"] not in TASKS:
            raise RunError(f"{run} is of the task {opened.outline.parts['task']!r}; {WAY}")
        name, then = _only(run, origins(run, opened.config))
        _require_weights(opened, then["settings"])
        (like,) = likes(run, FeatureSettings())
        late = once.late(like.settings)
        now = made_by(late.stated, like.settings)
        # The decoder of today makes the pixels, and what is asked of the tuned CNN afterwards.
        told = {**like.made_by, "decoder": now["decoder"]}
        refuse_other_facts(f"the backbone of {run}", told, now, "put back the weights that it had")
        settings = like.settings.model_dump(mode="json")
        origin = {"encoder": json_sha256(now), "made_by": now, "settings": settings}
        decides = {"model": opened.record.model_sha256, "features": origin["encoder"]}
        measured = Measured.read(run, opened.config["measured"])
        return Base(opened, late, name, origin, Start(run, decides, measured, opened.seen))

    def outline(self, recipe: str, assignments: Sequence[str], known: Known) -> Outline:
        """What a recipe comes to, whose encoders are the run's where it does not say otherwise.

        Raises:
            SettingError: its task tunes no CNN; or as ``train.recipe.resolve``.
        """
        raw, then = recipe_files.read(recipe), self.opened.outline.settings
        task = table(raw, "task")
        if task.get("name", TASK[1]) != TUNED:
            raise SettingError(
                f"{recipe} learns from caches, and tunes no CNN; leave out --from, or take a "
                "recipe that does, such as --recipe vse++ft"
            )
        sides = {side: then[side] for side in SIDES if side not in raw}
        shared = {key: then["task"][key] for key in SHARED}
        return outline_of_raw({**raw, **sides, "task": {**shared, **task}}, assignments, known)


def _only(run: Path, read: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The name and the origin of the features, where they are of one cache of pooled ones."""
    views = [(name, view) for name, origin in read.items() for view in each_view(origin)]
    if len(views) != 1:
        raise RunError(f"{run} reads {counted(len(views), 'cache')} or layers of them; {WAY}")
    name, view = views[0]
    made = view["made_by"]
    if made.get("backbone", IMPORTED) == IMPORTED:
        raise RunError(f"{run} reads vectors whose network is not known here; {WAY}")
    if list(made["layers"]) != ["pooled"]:
        raise RunError(f"{run} reads the layer {' and '.join(made['layers'])!r}; {WAY}")
    return name, view


def _require_weights(opened: Opened, settings: Mapping[str, Any] | None) -> None:
    """Refuse a run whose backbone began with a file that is nowhere any more."""
    said = str((settings or {}).get("weights", ""))
    file = Path(weights_of(opened.run, opened.config["given"], said))
    if file.is_absolute() and not file.is_file():
        raise RunError(
            f"the weights of the backbone of {opened.run} are no longer at {file}; put them, or a "
            "link to them, there and run the same command again"
        )
