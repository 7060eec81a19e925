"""Captions are split into words at the first training, and at no later start."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core import splitting
from tests.e2e.conftest import SMALL, Chain, Type


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each text that is split into words, from here on."""
    told: list[str] = []

    def telling(rule: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
        def split(given: str) -> list[str]:
            told.append(given)
            return rule(given)

        return split

    rules = {name: telling(rule) for name, rule in splitting.SPLITS.items()}
    monkeypatch.setattr(splitting, "SPLITS", rules)
    return told


def test_a_second_training_splits_nothing(
    chain: Chain, tencrop: Type, asked: list[str], tmp_path: Path
) -> None:
    work = tmp_path / "work"
    shutil.copytree(chain.work, work, ignore=shutil.ignore_patterns("known", "eval-*"))
    cache, run = (work / path.relative_to(chain.work) for path in (chain.cache, chain.run))
    words = ["train", cache, "--data", chain.data, *SMALL, "--work", work]
    assert tencrop(*words, "--seed", 1).code == 0
    first = len(asked)
    assert first == (40 + 12) * 5
    assert tencrop(*words, "--seed", 2).code == 0
    assert len(asked) == first
    for measures in (), ("--measures", "recall"):
        assert tencrop("evaluate", run, "--work", work, *measures).code == 0
        assert len(asked) - first == 12 * 5
