"""The caches of a configuration: those that the file names, or those that its recipe wants."""

from dataclasses import dataclass, field
from pathlib import Path

from core.settings import validate
from core.work_folder import FEATURES
from extract.settings import FREE, FeatureSettings
from pipeline import recipe_files
from pipeline.asked.sources import layers_of
from pipeline.memory.once import Once
from pipeline.memory.outlines import outline_of
from pipeline.refusals.ahead import TRAINED
from pipeline.said.progress import say
from pipeline.stages.features import features_of_each
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.sweeps.points import Configuration
from pipeline.typed import options
from pipeline.wanted import Wanted, wanted


@dataclass(frozen=True, slots=True)
class Caches:
    """Finds the caches of one corpus; those that a recipe wants are made as ``all`` makes them."""

    data: CorpusAt
    terms: Terms
    once: Once
    _made: dict[tuple[object, ...], list[Path]] = field(default_factory=dict)

    def of(self, configuration: Configuration) -> list[Path]:
        """Where they are; what a recipe wants is made, where it is not there.

        Raises:
            TencropError: one that is named is none; or as ``pipeline.stages.features.several``.
        """
        if configuration.caches:
            return [self._named(path) for path in configuration.caches]
        key = self._key(configuration)
        if key not in self._made:
            self._made[key] = self._make(configuration)
        return self._made[key]

    def known(self, configuration: Configuration) -> list[Path] | None:
        """Where they are, if that is known without making any.

        Raises:
            TencropError: one that is named is none, or nothing could make what is wanted.
        """
        if configuration.caches:
            return self.of(configuration)
        _wanted(configuration)
        return self._made.get(self._key(configuration))

    def to_make(self, configuration: Configuration) -> list[str]:
        """What is made where the recipe says which caches, a phrase each."""
        return list(map(_told, _wanted(configuration).caches))

    def _reads(self, configuration: Configuration) -> frozenset[str]:
        """The layers that a run of it reads, of whichever caches."""
        known = self.once.known
        return frozenset(
            layers_of(outline_of(configuration.recipe, configuration.assignments, known))
        )

    def _key(self, configuration: Configuration) -> tuple[object, ...]:
        """What its caches follow from."""
        return configuration.recipe, configuration.features, self._reads(configuration)

    def _named(self, path: Path) -> Path:
        """As the file says, or by its name in the work folder."""
        named = self.terms.work / FEATURES / path.name
        found = named if named.exists() and not path.exists() else path
        return options.cache.checked(found, self.terms.work)

    def _make(self, configuration: Configuration) -> list[Path]:
        asked = _wanted(configuration)
        for note in asked.notes:
            say(note)
        made, problem = features_of_each(
            self.data,
            asked.caches,
            terms=self.terms,
            once=self.once,
            need=TRAINED,
            reads=lambda: self._reads(configuration),
        )
        if problem:
            raise problem
        return made


def _told(settings: FeatureSettings) -> str:
    """What tells a cache from others that a recipe may want."""
    given = {k: v for k, v in settings if k in settings.model_fields_set and k not in FREE}
    other = [f"{key}={Path(str(value)).name}" for key, value in given.items() if key != "backbone"]
    return " ".join([settings.backbone, *sorted(other)])


def _wanted(configuration: Configuration) -> Wanted:
    typed = validate(FeatureSettings, dict(configuration.features), "sweep: features")
    tables = recipe_files.features(configuration.recipe)
    return wanted(typed, tables, configuration.name)
