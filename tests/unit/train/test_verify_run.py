"""`verify_run` finds every bit that is another, in every file of a run."""

import random
import shutil

import pytest
from train_fakes import make_world, warmed

from core.errors import RunError
from core.files import write_json
from core.lock import LOCK
from core.sealed import read_sealed
from tests.interruption import interrupted_at, tensor_files
from train.verify import SEALED, unsealed, verify_run


@pytest.fixture(params=["finished", "under way"])
def run(request, tmp_path):
    world = make_world(tmp_path)
    if request.param == "finished":
        world.train(tmp_path / "run")
    else:
        with pytest.raises(KeyboardInterrupt):
            world.train(
                tmp_path / "run", recipe=warmed(), progress=interrupted_at(3, 2), save_every=0.0
            )
    return tmp_path / "run"


def test_a_whole_run_has_no_problem(run):
    assert verify_run(run) == []
    assert unsealed(run) == []


def test_every_flipped_bit_is_found(run):
    draw = random.Random(0)
    files = sorted(file for file in run.iterdir() if file.name != LOCK)
    assert len(files) >= 6
    for file in files:
        whole = file.read_bytes()
        for _ in range(40):
            data = bytearray(whole)
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            file.write_bytes(data)
            assert verify_run(run), (file.name, data)
        file.write_bytes(whole)
    assert verify_run(run) == []


def test_what_is_missing_is_named(run, tmp_path):
    for name in ("config.json", "last.json", "vocab.json", "seen.json", "metrics.jsonl"):
        shutil.copytree(run, tmp_path / name)
        (tmp_path / name / name).unlink()
        assert any(name in problem for problem in verify_run(tmp_path / name)), name
    model = tensor_files(run)["model"]
    (run / model).unlink()
    assert verify_run(run) == [f"{model} is missing"]


def test_files_without_a_digest_are_told(run):
    for name in SEALED:
        if (run / name).exists():
            write_json(run / name, read_sealed(run / name))
    assert verify_run(run) == []
    assert unsealed(run) == [name for name in SEALED if (run / name).exists()]


def test_files_of_two_runs_are_found(tmp_path):
    for seed in (0, 1):
        make_world(tmp_path / str(seed)).train(tmp_path / f"run{seed}", seed=seed)
    shutil.copy(tmp_path / "run1" / "last.json", tmp_path / "run0" / "last.json")
    assert "not of one run" in verify_run(tmp_path / "run0")[0]


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        verify_run(tmp_path)
