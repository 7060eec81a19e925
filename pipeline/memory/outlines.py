"""What a recipe comes to, told without its parts where that is known."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import recipe_files
from pipeline.memory.known import Known
from train.identity import read_settings
from train.outline import Outline
from train.recipe import resolve


def outline_of(recipe: str, assignments: Sequence[str], known: Known) -> Outline:
    """What a recipe with assignments comes to, each file of word vectors read for its name.

    Raises:
        SettingError: as ``train.recipe.resolve``; or a file is not there.
        InputError, OSError: a file holds no word vectors, or cannot be read.
    """
    return outline_of_raw(recipe_files.read(recipe), assignments, known)


def outline_of_raw(raw: Mapping[str, Any], assignments: Sequence[str], known: Known) -> Outline:
    """What a recipe that was read comes to, with assignments; else as ``outline_of``."""
    try:
        stated = json.loads(json.dumps(raw))
    except (TypeError, ValueError):  # such as a date: to refuse it is the affair of `resolve`
        return Outline.of(resolve(raw, assignments)).settled()
    asked = {"about": "recipe", "recipe": stated, "assignments": list(assignments)}
    return Outline.from_json(
        known.fact(asked, lambda: Outline.of(resolve(raw, assignments)).to_json())
    ).settled()


def outline_of_run(run: Path, settings: Mapping[str, Any], known: Known) -> Outline:
    """What the settings that ``run`` holds come to.

    Raises:
        RunError: as ``train.identity.read_settings``.
    """
    asked = {"about": "settings of a run", "settings": dict(settings)}
    return Outline.from_json(
        known.fact(asked, lambda: Outline.of(read_settings(run, settings)).to_json())
    )
