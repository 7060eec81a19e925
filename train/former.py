"""The code that trains a run: that of its parts, and of what made the features they learn from."""

from collections.abc import Mapping
from typing import Any

from core.code import changed
from core.sources import Source
from train.outline import Outline


def code_of(outline: Outline, sources: Mapping[str, Source]) -> dict[str, Any]:
    """What a run notes of it: ``parts``, and ``features`` by the names of the sources."""
    return {"parts": outline.code, "features": {n: _noted(s) for n, s in sources.items()}}


def changed_since(then: Any, outline: Outline, sources: Mapping[str, Source]) -> list[str]:
    """The files whose code was another in ``then`` than it is in a recipe and its sources.

    Args:
        then: what a run noted; what it does not tell counts as the same.
        outline: of the recipe today.
        sources: what is read now; one that knows of no code counts as the same.

    Returns:
        Paths such as ``train/losses/hinge.py``, each once.
    """
    noted = then if isinstance(then, Mapping) else {}
    files = changed(noted.get("parts"), outline.code)
    features = noted.get("features")
    before = features if isinstance(features, Mapping) else {}
    for name, source in sources.items():
        if now := _noted(source):
            files += changed(before.get(name), now)
    return list(dict.fromkeys(files))


def _noted(source: Source) -> dict[str, str]:
    return dict(source.code or {})
