"""Whatever fails once, nothing is wrong afterwards, and the same command mends it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.injector import FAULTS
from tests.faults.world import STAGES

ROOT = Path(__file__).resolve().parents[2]
LEAST = {"features": 240, "train": 700, "evaluate": 140}
"""So many operations at least: fewer would mean that the injector does not see them any more."""


def tried(*words: str) -> dict[str, Any]:
    """What ``python -m tests.faults`` found; a process of its own, since it forks."""
    command = [sys.executable, "-m", "tests.faults", *words]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert ended.stdout, "it did not come to its end"
    figures: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == bool(figures["complaints"])
    return figures


def require(figures: dict[str, Any]) -> None:
    """No complaint, and no operation that has gone out of sight."""
    seen = figures["operations"]
    assert set(seen) == set(STAGES)
    assert {stage: seen[stage] for stage in LEAST if seen[stage] < LEAST[stage]} == {}
    assert figures["complaints"] == []


@pytest.mark.slow
def test_one_fault_of_251() -> None:
    # A prime number comes to each kind of fault in turn; one at a time, as the tests have a process
    # a core, and a second one would take another's.
    figures = tried("--every", "251", "--jobs", "1")
    require(figures)
    assert figures["cases"] >= len(FAULTS) * sum(figures["operations"].values()) // 251
    assert set(figures["outcomes"]) == set(STAGES)
    assert {fault for stage in figures["outcomes"].values() for fault in stage} == set(FAULTS)


@pytest.mark.soak
def test_every_fault() -> None:
    figures = tried()
    require(figures)
    assert figures["cases"] == len(FAULTS) * sum(figures["operations"].values())
    assert figures["minutes"] < 60
