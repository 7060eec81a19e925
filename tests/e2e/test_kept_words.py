"""Captions are split into words at the first training, and at no later start."""

import shutil
from collections.abc import Callable

import pytest

from core import text
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

    rules = {name: telling(rule) for name, rule in text.SPLITS.items()}
    monkeypatch.setattr(text, "SPLITS", rules)
    return told


def test_a_second_training_splits_nothing(chain: Chain, tencrop: Type, asked: list[str]) -> None:
    words = ["train", chain.cache, "--data", chain.data, *SMALL, "--work", chain.work]
    assert tencrop(*words, "--seed", 1).code == 0
    assert asked == []
    assert tencrop("evaluate", chain.run, "--work", chain.work).code == 0
    first = len(asked)
    assert first == 12 * 5
    assert tencrop("evaluate", chain.run, "--work", chain.work, "--measures", "recall").code == 0
    assert len(asked) == first
    shutil.rmtree(chain.work / "known")
    assert tencrop(*words, "--seed", 2).code == 0
    assert len(asked) - first == (40 + 12) * 5
