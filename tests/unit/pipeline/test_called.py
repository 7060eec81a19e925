"""What is told to be typed is what was typed, so that it runs as it stands."""

import sys

import pytest

from pipeline.typed.called import CALLED, USUAL, as_called, called, name


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([".venv/bin/python", "-m", "pipeline", "list"], ".venv/bin/python -m pipeline"),
        (["python3", "-X", "dev", "-m", "pipeline"], "python3 -X dev -m pipeline"),
        (["/my venv/python", "-m", "pipeline"], "'/my venv/python' -m pipeline"),
        (["python", "-m", "pytest", "-m", "pipeline"], USUAL),
        (["python", "a.py", "-m"], USUAL),
        ([], USUAL),
    ],
)
def test_the_python_that_was_typed(
    monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str
) -> None:
    monkeypatch.delenv(CALLED, raising=False)
    monkeypatch.setattr(sys, "orig_argv", words)
    assert called() == expected
    once = as_called(f"type `{USUAL} list`")
    assert once == f"type `{expected} list`"
    assert as_called(once) == once


def test_by_the_script_it_is_the_name_or_path_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CALLED, "my bin/tc")
    assert called() == "'my bin/tc'"
    assert name() == "tc"
    monkeypatch.setenv(CALLED, "")
    assert name() == "tencrop"
