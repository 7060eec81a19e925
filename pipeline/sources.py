"""The sources that a recipe's task reads, from a feature cache."""

from core.sources import CacheLayer, Source
from core.store import FeatureCache
from train.schema import Recipe


def open_sources(recipe: Recipe, cache: FeatureCache) -> dict[str, Source]:
    """The layer of ``cache`` for each source that the recipe's task names.

    Raises:
        CacheError: the cache has no such layer.
    """
    wanted: dict[str, str] = recipe.part("task").sources(recipe.task)
    return {name: CacheLayer(cache, layer) for name, layer in wanted.items()}
