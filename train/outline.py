"""What a recipe comes to, without the parts that it names: enough to know a training by.

To resolve a recipe is to import its parts, and torch with them. What tells one training from
another is JSON, and follows from the recipe, the assignments and this program: it can be kept.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.code import code
from train.recipe import resolve
from train.schema import APART, Recipe, slots
from train.word_files import keys_of, name_of, replaced, value_at

FACES = tuple(
    f"train.{name}"
    for name in ("collapse", "finite", "measured", "phases", "sampler", "schema", "task")
)
"""What all parts of a kind import: no formula of any."""


@dataclass(frozen=True)
class Outline:
    """A resolved recipe as JSON values.

    Attributes:
        about: its sentence for a person.
        features: the caches that it wants: name -> options of stage one.
        settings: every key with its value, but for what says nothing of the weights.
        own: of these what is not at its default.
        parts: section -> the part that it names.
        sources: what the task reads -> the layer of features that it is, or several with a comma
            between.
        losses: their names.
        notes: sentences for a person: which phases its epochs cut short, which settings are idle.
        code: module -> the digest of what it says: of the parts, and of what they lean on.
        word_files: the keys of the settings that are files of word vectors.
        files: of those that ``settled`` has named by what they hold, name -> path.
    """

    about: str
    features: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    own: dict[str, Any]
    parts: dict[str, str]
    sources: dict[str, str]
    losses: list[str]
    notes: list[str]
    code: dict[str, str]
    word_files: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(recipe: Recipe) -> "Outline":
        """What ``recipe`` comes to."""
        # Which needs torch, as the recipe's parts do.
        from train.phases import cut_phases, idle_settings

        return Outline(
            about=recipe.about,
            features=recipe.features,
            settings=recipe.model_dump(mode="json", exclude=set(APART)),
            own=recipe.model_dump(mode="json", exclude=set(APART), exclude_defaults=True),
            parts=recipe.parts(),
            sources=dict(recipe.part("task").sources(recipe.task)),
            losses=sorted(recipe.members("loss")),
            notes=[*cut_phases(recipe), *idle_settings(recipe)],
            code=_code(recipe),
            word_files=list(keys_of(recipe)),
        )

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Outline":
        """What ``to_json`` gave."""
        return Outline(**values)

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    def settled(self) -> "Outline":
        """With each file of word vectors named by what it holds today (see ``word_files``).

        What is named so already stays.

        Raises:
            SettingError: a file is not there.
            InputError: it holds no word vectors.
            OSError: it cannot be read; with its name.
        """
        named, files = {}, dict(self.files)
        for key in self.word_files:
            paths = [str(path) for path in value_at(self.settings, key)]
            named[key] = [name_of(path, key) for path in paths]
            files |= {n: p for n, p in zip(named[key], paths, strict=True) if n != p}
        own, settings = (replaced(values, named) for values in (self.own, self.settings))
        return replace(self, own=own, settings=settings, files=files)

    def recipe(self) -> Recipe:
        """The recipe itself; its parts are imported."""
        return resolve({**self.settings, "about": self.about, "features": self.features})

    @property
    def epochs(self) -> int:
        """Passes over the training examples, in all phases."""
        return int(self.settings["epochs"])

    @property
    def batch_size(self) -> int:
        """Examples a step."""
        return int(self.settings["batch_size"])

    @property
    def biased(self) -> bool:
        """Whether the finished model has the gallery's bias."""
        return bool(self.settings["gallery"]["bias"])

    @property
    def restval(self) -> bool:
        """Whether the split ``restval`` is trained on too."""
        return bool(self.settings["restval"])


def _code(recipe: Recipe) -> dict[str, str]:
    used = slots(recipe.model_dump(mode="json", exclude_none=True)).values()
    return code([f"{slot.package}.{slot.name}" for slot in used], FACES)
