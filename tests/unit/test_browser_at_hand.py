"""Where no browser is at hand, it is said in one line what to install."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import at_hand
from tests.plugin_folder import ROOT


def test_the_first_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in at_hand.NAMES[1:]:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert at_hand.browser() == str(tmp_path / at_hand.NAMES[1])


def test_none(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.browser.at_hand"]
    told = {**os.environ, "PATH": str(tmp_path)}
    ended = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"{at_hand.LACKING}\n"
    assert ended.stderr.endswith("type make browser\n")
