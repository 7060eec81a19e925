"""Where the corpus and the cache of a run are: noted from the run, and found again where all moved.

``config.json`` has them in ``given``, which is free: ``data``, ``cache`` and ``weights`` are
relative to the run's directory, and ``then`` has where they were, for a run that moves alone.
What has no folder in common with the run but the root of the disk is not relative.
"""

import os
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.store import FeatureCache
from core.store.manifest import sound_manifest
from core.work_folder import FEATURES
from pipeline.memory.linked import as_known
from pipeline.typed.by_make import as_typed
from pipeline.typed.command_typed import asking

RUNS = "runs"
"""Where runs are below a work folder, as caches are in ``FEATURES``."""


def given_of(run: Path, data: Path, caches: Sequence[FeatureCache], **said: str) -> dict[str, Any]:
    """``given`` of a run that is or will be in ``run``, with what else is ``said``.

    Of one cache it tells beside the corpus; of several under ``caches``, for each what it tells of
    one, so that ``given_caches`` reads both.
    """
    if len(caches) == 1:
        things = {"data": data, "cache": caches[0].path, **_weights_file(caches[0])}
        return {**noted(run, things), "cache_key": caches[0].key, **said}
    each = [
        {
            **noted(run, {"cache": cache.path, **_weights_file(cache)}),
            "cache_key": cache.key,
        }
        for cache in sorted(caches, key=lambda cache: cache.key)
    ]
    return {**noted(run, {"data": data}), "caches": each, **said}


def given_caches(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a run notes of each cache that it was trained on: where it is, and its key.

    A run of before that notes none has one, of which nothing is known.
    """
    several = given.get("caches")
    whole = isinstance(several, list) and several and all(isinstance(x, Mapping) for x in several)
    return list(several) if whole and several else [given]


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
    way = as_typed(shlex.join([*asking(run), "--data", "DATA"]))
    raise RunError(f"the corpus of {run} is {where}; say where it is: {way}")


def cache_of(run: Path, given: Mapping[str, Any], work: Path) -> tuple[Path | None, Path]:
    """The cache that ``run`` was trained on, where it is there, and where it was.

    ``given`` is what the run notes of one cache (see ``given_caches``).
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
    each = given_caches(given)
    # Of several caches the one that these weights made: they may lie beside one another.
    own = each if len(each) == 1 else [one for one in each if _then(one).get("weights") == then]
    places = (Path(then), *(place for one in own for place in _places(run, one, "weights")))
    return str(next((place for place in places if place.is_file()), Path(then)))


def is_own(
    run: Path, given: Mapping[str, Any], place: Path, *, keys: Collection[str], alike: bool
) -> bool:
    """Whether the corpus at ``place`` is that of ``run``: where it is or was, or moved.

    Args:
        run: the run.
        given: of its config.
        place: of a corpus.
        keys: of the caches of its pictures.
        alike: whether the ids and captions that are asked about are those of the training.
    """
    if alike and set(keys) == {each.get("cache_key") for each in given_caches(given)}:
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
    for said in (given.get(name), _then(given).get(name)):
        if isinstance(said, str):
            yield Path(os.path.normpath(run.resolve() / said))


def _then(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where things were."""
    then = given.get("then")
    return then if isinstance(then, Mapping) else {}


def _is(place: Path, given: Mapping[str, Any]) -> bool:
    """Whether a cache is there, and where the run knows its key, this one."""
    if not place.is_dir():
        return False
    key = given.get("cache_key")
    manifest = sound_manifest(place) if key else None
    return not manifest or manifest["key"] == key
