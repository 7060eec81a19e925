"""What a path is, for whoever gives it in the place of something else, and what to type then."""

import shlex
from contextlib import suppress
from pathlib import Path

from core.corpora import explain
from core.errors import InputError, choices
from core.pictures import ENDINGS
from core.store.manifest import MANIFEST
from core.work_folder import FEATURES
from extract.settings import SUFFIXES
from pipeline.memory.whereabouts import RUNS
from pipeline.typed.by_make import as_typed
from train.record import CONFIG, LAST, PREVIOUS

CACHE, RUN, WORK, CORPUS = "a feature cache", "a run", "a work folder", "a folder of pictures"
PICTURE, WEIGHTS, RECIPE, FILE, FOLDER = "a picture", "weights", "a recipe", "a file", "a folder"
FEW, NEAREST = 5, 3
"""So many names are all told; of more so many at most, the nearest."""
_BY_ENDING = {
    **dict.fromkeys(ENDINGS, PICTURE),
    **dict.fromkeys(SUFFIXES, WEIGHTS),
    ".toml": RECIPE,
}


def what(path: Path) -> str:
    """What is at ``path``, as far as the names of files tell; empty where nothing is."""
    if not path.exists():
        return ""
    known = what_was_made(path) if path.is_dir() else _BY_ENDING.get(path.suffix.lower(), "")
    if known:
        return known
    with suppress(InputError):  # a folder that may not be read
        if explain(path).formats:
            return CORPUS
    return FOLDER if path.is_dir() else FILE


def what_was_made(path: Path) -> str:
    """What of a cache, a run and a folder of such the folder ``path`` is; empty for another one."""
    if (path / MANIFEST).is_file():
        return CACHE
    if (path / CONFIG).is_file() and any((path / name).is_file() for name in (LAST, PREVIOUS)):
        return RUN
    inner = [each for name in (FEATURES, RUNS) for each in entries(path / name)]
    return WORK if any(what_was_made(each) in (CACHE, RUN) for each in inner) else ""


def instead(path: Path, wanted: str = "") -> str:
    """What is at ``path``, which is not ``wanted``, and what one types with such a thing."""
    kind, name = what(path), shlex.quote(str(path))
    ways = {
        CACHE: as_typed(f"train {name} --data DATA"),
        RUN: as_typed(f"evaluate {name}"),
        CORPUS: as_typed(f"features {name}"),
        WORK: as_typed(f"list --work {name}"),
        PICTURE: as_typed(f"features {shlex.quote(str(path.parent))}"),
        WEIGHTS: as_typed(f"features DATA --backbone NAME --weights {name}"),
        RECIPE: as_typed(f"train CACHE --data DATA --recipe {name}"),
    }
    told = f"{path} is {kind}, not {wanted}" if wanted else f"{path} is {kind}"
    return f"{told}; with {kind} one types `{ways[kind]}`" if kind in ways else told


def nearest_made(path: Path, kind: str) -> str:
    """Which of its ``kind`` are where ``path`` would be, the nearest first; empty without any."""
    there = [each.name for each in entries(path.parent) if what_was_made(each) == kind]
    return f"in {path.parent}: {_few(path.name, there)}" if there else ""


def _few(name: str, there: list[str]) -> str:
    """The nearest names, and how all are seen where there are many."""
    near, _, every = choices(name, there).partition("accepted: ")
    if len(there) <= FEW:
        return f"{near}accepted: {every}"
    if inside := [each for each in there if name and name in each][:NEAREST]:
        near = near or f"did you mean {' or '.join(map(repr, inside))}? "
    return f"{near}`{as_typed('list')}` shows all {len(there):,}"


def entries(folder: Path) -> list[Path]:
    """What is in ``folder``, by name; nothing where it is none, or may not be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
