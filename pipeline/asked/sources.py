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
    if not set(layers) <= set(LAYERS):
        raise SettingError(
            f"this task reads {' and '.join(layers)}, and the layers of feature caches are "
            f"{', '.join(sorted(LAYERS))}; give its sources from Python, with train.training.train"
        )
    return {name: CacheLayer(cache, layer) for name, layer in outline.sources.items()}
