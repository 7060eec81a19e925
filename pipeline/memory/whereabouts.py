"""Where the corpus and the cache of a run are: noted from the run, and found again where all moved.

``config.json`` has them in ``given``, which is free: ``data``, ``cache`` and ``weights`` are
relative to the run's directory, and ``then`` has where they were, for a run that moves alone.
What has no folder in common with the run but the root of the disk is not relative.
"""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.store import FeatureCache
from core.store.manifest import sound_manifest
from core.work_folder import FEATURES
from pipeline.memory.linked import as_known
from pipeline.typed.by_make import as_typed

RUNS = "runs"
"""Where runs are below a work folder, as caches are in ``FEATURES``."""


def given_of(run: Path, data: Path, cache: FeatureCache, **said: str) -> dict[str, Any]:
    """``given`` of a run that is or will be in ``run``, with what else is ``said``."""
    things = {"data": data, "cache": cache.path, **_weights_file(cache)}
    return {**noted(run, things), "cache_key": cache.key, **said}


def noted(run: Path, things: Mapping[str, Path]) -> dict[str, Any]:
    """Where ``things`` (such as ``data``) are, as ``given`` says it.

    Links are followed, but for one that is the thing itself: a folder that was linked into a
    project is found in the moved project by the same link.
    """
    home = run.resolve()
    relative = {name: _from(home, path) for name, path in things.items()}
    return {**relative, "then": {name: str(path.resolve()) for name, path in things.items()}}


def corpus_of(
    run: Path, given: Mapping[str, Any], say: Callable[[str], None] = lambda note: None
) -> Path:
    """The folder (or file) of the corpus that ``run`` was trained on.

    ``say`` is told where it is, if that is not where it was.

    Raises:
        RunError: it is in none of the places where it may be.
    """
    places = list(_places(run, given, "data"))
    for place in places:
        if place.exists():
            if place.resolve() != places[-1].resolve():
                say(f"the corpus of {run} is {place}; at training it was {places[-1]}")
            return place
    where = f"no longer at {places[-1]}" if places else "not noted in it"
    way = as_typed(shlex.join(["evaluate", str(run), "--data", "DATA"]))
    raise RunError(f"the corpus of {run} is {where}; say where it is: {way}")


def cache_of(run: Path, given: Mapping[str, Any], work: Path) -> tuple[Path | None, Path]:
    """The cache that ``run`` was trained on, where it is there, and where it was.

    It is looked for from the run, where it was, and by its name beside the run and in ``work``.
    """
    places = list(_places(run, given, "cache"))
    was = places[-1] if places else Path("its cache")
    roots = (run.resolve().parent.parent, work)
    named = [root / FEATURES / was.name for root in roots]
    return next((place for place in (*places, *named) if _is(place, given)), None), was


def weights_of(run: Path, given: Mapping[str, Any], then: str) -> str:
    """The weights that made the features of ``run``: a name, or a file where it is now.

    ``then`` is what the run says of them; a file that is nowhere stays where it was.
    """
    if not Path(then).is_absolute():
        return then
    places = (Path(then), *_places(run, given, "weights"))
    return str(next((place for place in places if place.is_file()), Path(then)))


def is_own(run: Path, given: Mapping[str, Any], place: Path, *, key: str, alike: bool) -> bool:
    """Whether the corpus at ``place`` is that of ``run``: where it is or was, or moved.

    Args:
        run: the run.
        given: of its config.
        place: of a corpus.
        key: of the cache of its pictures.
        alike: whether the ids and captions that are asked about are those of the training.
    """
    if alike and key == given.get("cache_key"):
        return True
    return any(place.resolve() == known.resolve() for known in _places(run, given, "data"))


def _weights_file(cache: FeatureCache) -> dict[str, Path]:
    """Under ``weights`` the file that the cache's weights came from; nothing where it is a name."""
    made_with = cache.manifest["made_with"]
    said = Path(str((made_with.get("settings") or {}).get("weights", "")))
    return {"weights": said} if said.is_absolute() else {}


def _from(home: Path, path: Path) -> str:
    place = as_known(path)
    shared = os.path.commonpath([home, place])
    return str(place) if shared == place.anchor else Path(os.path.relpath(place, home)).as_posix()


def _places(run: Path, given: Mapping[str, Any], name: str) -> Iterator[Path]:
    """Where it may be, the most likely first; the last is where it was."""
    then = given.get("then", {})
    for said in (given.get(name), then.get(name) if isinstance(then, Mapping) else None):
        if isinstance(said, str):
            yield Path(os.path.normpath(run.resolve() / said))


def _is(place: Path, given: Mapping[str, Any]) -> bool:
    """Whether a cache is there, and where the run knows its key, this one."""
    if not place.is_dir():
        return False
    key = given.get("cache_key")
    manifest = sound_manifest(place) if key else None
    return not manifest or manifest["key"] == key
