"""A run whose corpus has another name by now, and with it the name that the run would have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError
from train.identity import read_config


def under_its_name(run: Path, identity: Mapping[str, Any]) -> Path:
    """``run``, or where it is not there, the run beside it that is the same but for its name.

    Args:
        run: such as ``work/runs/photos-vse++w-seed0-1a2b3c4d``; the last part tells runs apart.
        identity: of the training (see ``train.plan``), which decides.
    """
    if run.exists():
        return run
    return next((each for each in beside(run) if _is(each, identity)), run)


def beside(run: Path) -> list[Path]:
    """What is beside ``run`` with the last part of its name, by name."""
    key = run.name.rpartition("-")[2]
    there = run.parent.iterdir() if run.parent.is_dir() else ()
    return sorted(each for each in there if each.name.endswith(f"-{key}"))


def _is(run: Path, identity: Mapping[str, Any]) -> bool:
    try:
        return bool(read_config(run)["identity"] == identity)
    except (RunError, OSError):
        return False
