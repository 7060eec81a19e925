"""The comparison of stage one: its sides give the same features, and a missing one is said."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import errors, extraction, sides
from benchmarks.apart import Side
from benchmarks.extraction import measure
from extract.catalogue import build

ROOT = Path(__file__).parents[2]
ONNX = all(find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def measured(monkeypatch, capsys, **fields):
    """The row of the smallest backbone, of one round."""
    monkeypatch.chdir(ROOT)
    measure("squeezenet1_1", images=3, rounds=1, **fields)
    return json.loads(capsys.readouterr().out)


class Here:
    """A side in this process: what it takes to start another is tried below."""

    def __init__(self, module, name, backbone, crops, folder):
        folder = Path(folder)
        self._files, self._file = sorted(folder.glob("*.jpg")), folder / f"{name}.npy"
        self._work = sides.SIDES[name](build(backbone, "random"), int(crops))
        self.began = {"cpu_s": 0.0}

    def run(self):
        seconds, values = self._work(self._files)
        np.save(self._file, values)
        return {"cpu_s": seconds, "file": str(self._file)}

    def close(self):
        pass


def in_a_process_of_its_own(monkeypatch, side):
    """Only ``side``: each process has to import torch, and the others are started alike."""
    told = {side: Side}
    monkeypatch.setattr(
        extraction, "Side", lambda module, name, *rest: told.get(name, Here)(module, name, *rest)
    )


def test_a_missing_side_is_null(tmp_path, monkeypatch, capsys):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('it is not installed here')")
    (tmp_path / "onnxscript.py").touch()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    in_a_process_of_its_own(monkeypatch, "onnx")
    found = measured(monkeypatch, capsys, crops=1)
    assert found["onnx_ratio"] is None
    assert found["onnx_missing"] == "it is not installed here"
    assert found["relative_error"].keys() == {"ours"}
    assert found["relative_error"]["ours"] < 1e-5
    assert found["naive_ratio"]["median"] > 0
    assert found["ours_cpu_s"]["min"] > 0


@pytest.mark.slow
def test_the_sides_give_the_same_features(monkeypatch, capsys):
    in_a_process_of_its_own(monkeypatch, "onnx" if ONNX else "ours")
    found = measured(monkeypatch, capsys, crops=10)
    assert max(found["relative_error"].values()) < 1e-5
    assert found["naive_ratio"]["median"] > 0
    if not ONNX:
        pytest.skip("onnx, onnxscript or onnxruntime is not installed; the other sides agree")
    assert found["relative_error"].keys() == {"ours", "onnx"}
    assert found["onnx_ratio"]["median"] > 0
    assert "onnx_missing" not in found


def test_a_command_prints_a_row_for_each_number_of_crops(monkeypatch):
    asked = []
    monkeypatch.setattr(extraction.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(extraction, "measure", lambda *given: asked.append(given))
    monkeypatch.setattr(sys, "argv", ["extraction", "--backbones", "alexnet", "--images", "3"])
    extraction.main()
    assert asked == [("alexnet", 1, 3, 2), ("alexnet", 10, 3, 2)]


def test_an_error_is_of_the_norm_of_its_row():
    drawn = np.random.default_rng(0)
    exact, found = drawn.normal(size=(3, 2, 5)), drawn.normal(size=(3, 2, 5)).astype(np.float32)
    expected = [
        sum((float(a) - b) ** 2 for a, b in zip(x.flat, y.flat, strict=True)) ** 0.5
        / sum(b**2 for b in y.flat) ** 0.5
        for x, y in zip(found, exact, strict=True)
    ]
    told = errors.errors(torch.from_numpy(found), torch.from_numpy(exact))
    np.testing.assert_allclose(told.numpy(), expected, rtol=1e-12)


def table(monkeypatch, *words):
    monkeypatch.setattr(errors.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(sys, "argv", ["errors", "--backbones", "squeezenet1_1", *words])
    errors.main()


def test_the_table_of_errors_has_a_row_a_backbone(monkeypatch, capsys):
    table(monkeypatch, "--images", "2")
    head, rule, row = capsys.readouterr().out.splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert head.count("|") == rule.count("|") == row.count("|")
    assert cells[:2] == ["squeezenet1_1", "random"]
    assert all(1e-8 < float(cell) < 1e-5 for cell in cells[2:4])
    assert all(0.5 < float(cell) < 2 for cell in cells[4:])


def test_too_few_pictures_for_the_errors_are_said(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        table(monkeypatch, "--pictures", str(tmp_path))
    assert "has 0 .jpg files; name another with --pictures" in capsys.readouterr().err
