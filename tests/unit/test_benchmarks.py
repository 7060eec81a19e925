"""The comparison of stage one: its sides give the same features, and a missing one is said."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONNX = all(find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def row(crops, *, without=""):
    """The row of the smallest backbone, of one round; ``without`` a module that is installed."""
    command = [sys.executable, "-m", "benchmarks.extraction", "--backbones", "squeezenet1_1"]
    options = ["--crops", str(crops), "--images", "3", "--rounds", "1"]
    path = os.pathsep.join([without, str(ROOT)]) if without else str(ROOT)
    environment = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_sides_give_the_same_features_and_a_missing_one_is_null(tmp_path):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('it is not installed here')")
    (tmp_path / "onnxscript.py").touch()
    found = row(1, without=str(tmp_path))
    assert found["onnx_ratio"] is None
    assert found["onnx_missing"] == "it is not installed here"
    assert found["relative_error"]["ours"] < 1e-5
    assert found["naive_ratio"]["median"] > 0
    assert found["ours_cpu_s"]["min"] > 0


@pytest.mark.slow
@pytest.mark.skipif(not ONNX, reason="onnx, onnxscript or onnxruntime is not installed")
def test_onnx_runtime_gives_the_same_features():
    found = row(10)
    assert found["relative_error"].keys() == {"ours", "onnx"}
    assert max(found["relative_error"].values()) < 1e-5
    assert found["onnx_ratio"]["median"] > 0
    assert "onnx_missing" not in found
