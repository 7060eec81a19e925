"""What computes here is what torch says, also where it is told without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.errors import SettingError
from pipeline.device import resolve
from pipeline.memory.known import FOLDER, Known
from pipeline.memory.machine import Machine, machine, surroundings

ROOT = Path(__file__).parents[3]
CHILD = """
import json, sys
from pathlib import Path
from pipeline.memory.known import Known
from pipeline.memory.machine import machine
told = [machine(device, Known(Path(sys.argv[1]))) for device in sys.argv[2:]]
torch = sys.modules.get("torch")
print(json.dumps([told, torch and [torch.get_num_threads(), str(torch.__version__)]]))
"""


def in_child(work: Path, *devices: str, **environment: str) -> tuple[bool, list[Machine]]:
    """Whether torch was imported to tell it, and what was told: where it was, torch says it too."""
    child = [sys.executable, "-c", CHILD, str(work), *devices]
    given = {**os.environ, **environment}
    ended = subprocess.run(child, cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    found, torchs_own = json.loads(ended.stdout)
    assert torchs_own is None or [each[1:] for each in found] == [torchs_own] * len(devices)
    return torchs_own is not None, [Machine(*each) for each in found]


def test_torch_is_asked_where_it_is(tmp_path: Path) -> None:
    expected = Machine(str(resolve("auto")), torch.get_num_threads(), str(torch.__version__))
    assert machine("auto", Known(tmp_path)) == expected
    assert machine("cpu", Known(tmp_path)) == expected._replace(device="cpu")
    assert not (tmp_path / FOLDER).exists()


def test_a_device_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        machine("cuda:77", Known(tmp_path))


def test_once_torch_was_asked_nobody_waits_until_something_is_another(tmp_path: Path) -> None:
    had, (asked,) = in_child(tmp_path, "auto", OMP_NUM_THREADS="1")
    assert (had, asked.threads, asked.device) == (True, 1, str(resolve("auto")))
    had, (auto, cpu) = in_child(tmp_path, "auto", "cpu", OMP_NUM_THREADS="1")
    assert (had, auto) == (False, asked)
    assert cpu == auto._replace(device="cpu")
    assert in_child(tmp_path, "auto", OMP_NUM_THREADS="2")[0]


def test_what_it_follows_from(monkeypatch: pytest.MonkeyPatch) -> None:
    before = surroundings()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert surroundings()["environment"]["CUDA_VISIBLE_DEVICES"] == "1"
    monkeypatch.setattr("platform.node", lambda: "elsewhere")
    assert surroundings()["node"] == "elsewhere" != before["node"]
    assert before["cores"] == sorted(before["cores"])
    assert len(before["cores"]) >= 1
