"""The sources that a recipe's task reads, from a feature cache."""

from core.errors import SettingError
from core.sources import CacheLayer, Source
from core.store import FeatureCache
from extract.settings import LAYERS
from train.outline import Outline


def open_sources(outline: Outline, cache: FeatureCache) -> dict[str, Source]:
    """The layer of ``cache`` for each source that the recipe's task names.

    Raises:
        CacheError: the cache has no such layer.
        SettingError: no single cache could have what the task reads.
    """
    layers = sorted(set(outline.sources.values()))
    if len(layers) > 1 or not set(layers) <= set(LAYERS):
        raise SettingError(
            f"this task reads {' and '.join(layers)}, and a feature cache holds one layer, "
            f"{' or '.join(LAYERS)}; give it its sources from Python, with train.training.train"
        )
    return {name: CacheLayer(cache, layer) for name, layer in outline.sources.items()}
