"""The points of a sweep: configurations, each trained with some seeds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both inclusive; whole numbers where ``whole``."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


Axis: TypeAlias = tuple[Any, ...] | Range
"""What a setting may be: one of several values, or in a study a number of a range."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a run follows from but its seed.

    ``caches`` are those of one run; where there are none they are those that the recipe wants, made
    with ``features``, options of stage one. ``settings`` are the keys of ``--set`` with their
    values; ``group`` names the table of the file that it comes from.
    """

    recipe: str
    caches: tuple[Path, ...]
    # A value may be a list, which is compared but has no hash.
    settings: tuple[tuple[str, Any], ...] = field(default=(), hash=False)
    group: str = ""
    features: tuple[tuple[str, Any], ...] = field(default=(), hash=False)

    @property
    def assignments(self) -> tuple[str, ...]:
        """The settings as ``--set`` takes them."""
        return tuple(f"{key}={json.dumps(value)}" for key, value in self.settings)

    @property
    def stated(self) -> tuple[tuple[str, Any], ...]:
        """The options of stage one, ``features.KEY``, then the settings."""
        made = ((f"features.{key}", value) for key, value in self.features)
        return (*made, *self.settings)

    @property
    def name(self) -> str:
        """What its recipe is called."""
        return Path(self.recipe).stem

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "recipe": self.recipe,
            "caches": [str(cache) for cache in self.caches],
            "features": dict(self.features),
            "settings": dict(self.settings),
            "group": self.group,
        }


@dataclass(frozen=True, slots=True)
class Point:
    """One run: a configuration with a seed."""

    configuration: Configuration
    seed: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the file: what each part of a configuration may be.

    ``trials`` is how many configurations a study draws, with ``sampler_seed``; None where every
    combination is taken.
    """

    name: str
    recipes: tuple[str, ...]
    caches: tuple[tuple[Path, ...], ...]
    settings: Mapping[str, Axis] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    trials: int | None = None
    sampler_seed: int = 0
    features: tuple[tuple[str, Any], ...] = ()

    def axes(self) -> dict[str, Axis]:
        """Everything that a configuration is made of, by name, in the order of the file."""
        settings = {f"set.{key}": axis for key, axis in self.settings.items()}
        return {"recipe": self.recipes, "cache": self.caches, **settings}

    def configuration(self, chosen: Sequence[Any]) -> Configuration:
        """That of one value of each of ``axes``, in their order."""
        recipe, caches, *values = chosen
        settings = tuple(zip(self.settings, values, strict=True))
        return Configuration(recipe, caches, settings, self.name, self.features)

    def configurations(self) -> Iterator[Configuration]:
        """Every combination, the last axis changing first; of a study none is known before."""
        listed = [axis for axis in self.axes().values() if isinstance(axis, tuple)]
        if self.trials is None:
            yield from map(self.configuration, product(*listed))

    def points(self) -> Iterator[Point]:
        """Every configuration with every seed; the seeds of one configuration are together."""
        for configuration in self.configurations():
            yield from (Point(configuration, seed) for seed in self.seeds)
