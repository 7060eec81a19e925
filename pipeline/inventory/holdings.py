"""All caches and runs of a work folder."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.leftovers import tidy
from core.work_folder import FEATURES
from pipeline.inventory.caches import CacheRow, cache_row
from pipeline.inventory.runs import RunRow, run_row
from pipeline.inventory.states import folders
from pipeline.memory.whereabouts import RUNS


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a work folder holds, each by name."""

    work: Path
    caches: tuple[CacheRow, ...]
    runs: tuple[RunRow, ...]

    @staticmethod
    def of(work: Path) -> "Holdings":
        """What is in ``work``; what a killed removal left there is tidied first.

        Raises:
            OSError: a folder is there and cannot be read.
        """
        for name in (FEATURES, RUNS):
            tidy(work / name)
        caches = tuple(cache_row(path) for path in folders(work / FEATURES))
        return Holdings(work, caches, tuple(run_row(path, work) for path in folders(work / RUNS)))

    @property
    def rows(self) -> tuple[CacheRow | RunRow, ...]:
        """The caches, then the runs."""
        return (*self.caches, *self.runs)

    def trained_on(self, cache: Path) -> list[RunRow]:
        """The runs that read the cache at this path, alone or beside others."""
        place = cache.resolve()
        return [run for run in self.runs if place in {Path(one).resolve() for one in run.caches}]

    def to_json(self) -> dict[str, Any]:
        """As JSON values: ``work``, and a list of objects each of ``caches`` and ``runs``."""
        caches = [_json(asdict(row)) for row in self.caches]
        return {
            "work": str(self.work),
            "caches": caches,
            "runs": [_json(asdict(row)) for row in self.runs],
        }


def _json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in row.items()}
