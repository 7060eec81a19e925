"""The sources that a recipe's task reads, from feature caches."""

from collections.abc import Mapping, Sequence

from core.errors import CacheError, SettingError
from core.several import in_one_form
from core.sources import IMPORTED, TEXT, CacheLayer, Source, by_network
from core.store import FeatureCache
from extract.settings import LAYERS
from pipeline.typed.by_make import as_typed
from train.layers import split
from train.outline import Outline

PIXELS = "pixels"
"""What the tasks that tune a CNN read."""


def open_sources(outline: Outline, caches: Sequence[FeatureCache]) -> dict[str, Source]:
    """The layers that the recipe's task names, each from every one of ``caches`` that has it.

    What one network gave under several views is one source (see ``core.sources.Views``); others
    stand side by side: ``image``, ``image.2`` ... The order of the caches changes nothing. Vectors
    of captions are a layer too, of caches of their own.

    Raises:
        CacheError: no cache has a layer, a cache has none that is named, or two give the same.
        SettingError: no cache could have what the task reads.
    """
    _refuse_other_kinds(outline)
    _refuse_twice(caches)
    found: dict[str, Source] = {}
    for name, told in outline.sources.items():
        layers = [layer for each in split(told) for layer in _every(each, caches)]
        _refuse_same(layers)
        for number, source in enumerate(by_network(layers), start=1):
            found[name if number == 1 else f"{name}.{number}"] = source
    _refuse_idle(outline, caches)
    return dict(sorted(found.items()))


def layers_of(outline: Outline) -> set[str]:
    """The layers that the recipe's task names."""
    return {layer for told in outline.sources.values() for layer in split(told)}


def _every(layer: str, caches: Sequence[FeatureCache]) -> list[CacheLayer]:
    """The layer from each cache that has it."""
    found = [CacheLayer(cache, layer) for cache in caches if layer in cache.layers]
    if not found and layer == TEXT:
        imported = any(cache.manifest["fields"].get("backbone") == IMPORTED for cache in caches)
        stored = "`cache import DATA`, where DATA holds vectors of texts too, else with "
        raise CacheError(
            "this recipe reads vectors of captions, and no cache holds any; make one with "
            f"{stored if imported else ''}`features DATA --text ENCODER`, and give it beside that "
            "of the pictures"
        )
    if not found and len(caches) == 1:
        return [CacheLayer(caches[0], layer)]  # which says what it has
    if not found:
        have = "; ".join(f"{cache.path} has {_said(cache.layers)}" for cache in caches)
        raise CacheError(
            f"no cache has the layer {layer!r}: {have}; make one with `features --layer {layer}`, "
            f"or read others with --set layer={','.join(sorted(set().union(*_layers(caches))))}"
        )
    return found


def refuse_pixels(layers: set[str]) -> None:
    """Refuse a task that reads pixels where caches are given, or would be made.

    Raises:
        SettingError: it does; what to type in their place.
    """
    if PIXELS in layers:
        words, made = "--data DATA --recipe vse++ft", "DATA=DATA RECIPE=vse++ft"
        typed = as_typed(f"train --from RUN {words}", make=f"train FROM=RUN {made}")
        raise SettingError(
            "this recipe learns from the pictures themselves, through the CNN of a finished run: "
            f"leave caches and stage one out, and type {typed}"
        )


def _refuse_other_kinds(outline: Outline) -> None:
    """Refuse a task that reads what is no layer of a CNN."""
    wanted = layers_of(outline)
    refuse_pixels(wanted)
    if others := sorted(wanted - {*LAYERS, TEXT}):
        raise SettingError(
            f"this task reads {' and '.join(others)}, and the layers of feature caches are "
            f"{', '.join(sorted({*LAYERS, TEXT}))}; give its sources from Python, with "
            "train.training.train"
        )


def _refuse_twice(caches: Sequence[FeatureCache]) -> None:
    """Refuse the same cache twice, also where one is a copy elsewhere."""
    seen: dict[str, FeatureCache] = {}
    for cache in caches:
        if there := seen.get(cache.key):
            same = there.path.resolve() == cache.path.resolve()
            what = f"{cache.path} is" if same else f"{cache.path} and {there.path} are one cache,"
            raise CacheError(f"{what} given twice; give it once")
        seen[cache.key] = cache


def _refuse_same(layers: Sequence[CacheLayer]) -> None:
    """Refuse what two caches hold alike, one of them beside other layers."""
    seen: dict[str, CacheLayer] = {}
    for layer in layers:
        if there := seen.get(layer.encoder):
            raise CacheError(
                f"{there.cache.path} and {layer.cache.path} hold the same numbers of the layer "
                f"{layer.layer!r}; leave one of them out"
            )
        seen[layer.encoder] = layer


def _refuse_idle(outline: Outline, caches: Sequence[FeatureCache]) -> None:
    """Refuse a cache of which nothing is read."""
    wanted = layers_of(outline)
    for cache in caches:
        if TEXT in cache.layers and TEXT not in wanted:
            raise CacheError(
                f"{cache.path} holds vectors of captions, and this recipe reads none; leave it "
                "out, or take one that does: --recipe adapters-light, or dscmr for classes"
            )
        if not wanted & set(cache.layers):
            more = in_one_form([*wanted, *cache.layers])
            raise CacheError(
                f"{cache.path} has the layer {_said(cache.layers)}, of which this recipe reads "
                f"none ({_said(wanted)}); leave it out, or read it too with --set layer={more}"
            )


def _layers(caches: Sequence[FeatureCache]) -> list[set[str]]:
    return [set(cache.layers) for cache in caches]


def _said(layers: Mapping[str, object] | set[str]) -> str:
    return " and ".join(sorted(layers))
