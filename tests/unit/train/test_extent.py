"""The files of a run that are not as long as they say, told without hashing."""

import os
import shutil

import pytest
import safetensors.torch
import torch
from train_fakes import make_world

from tests.interruption import interrupted_at, tensor_files
from train.extent import plain_flaws, tensors_flaw
from train.identity import read_config
from train.record import read_record


@pytest.fixture(scope="module", params=["begun", "finished"])
def whole(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    world = make_world(folder)
    if request.param == "finished":
        world.train(folder / "run")
    else:
        with pytest.raises(KeyboardInterrupt):
            world.train(folder / "run", progress=interrupted_at(3, 2), save_every=0.0)
    return folder / "run"


def flaws(run):
    return list(plain_flaws(run, read_config(run)["measured"], read_record(run)))


def test_a_whole_run_has_none(whole):
    assert flaws(whole) == []


def test_each_file_that_is_cut_or_gone_or_a_folder_is_named(whole, tmp_path):
    names = {"seen.json", "vocab.json", "previous.json", *tensor_files(whole).values()} - {""}
    names |= {"metrics.jsonl"} if read_record(whole).done else set()
    for number, name in enumerate(sorted(names)):
        run = tmp_path / str(number)
        shutil.copytree(whole, run)
        for cut in (1, 20):
            os.truncate(run / name, (whole / name).stat().st_size - cut)
            # The line break at the end of a JSON file holds nothing.
            assert any(name in flaw for flaw in flaws(run)) or (cut == 1 and "json" in name)
        (run / name).unlink()
        assert any(name in flaw for flaw in flaws(run)) or name == "previous.json"
        (run / name).mkdir()
        assert flaws(run) == [f"{name} is not a regular file"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_length_of_a_tensor_file_is_what_the_library_writes(tmp_path, count):
    file = tmp_path / "a.safetensors"
    tensors = {f"t{n}": torch.zeros(n + 1, 5) for n in range(count)}
    file.write_bytes(safetensors.torch.save(tensors, {"format": "x"}))
    assert tensors_flaw(file) == ""
    data = file.read_bytes()
    for other in (data + b"0", data[:-1], data[:9], data[:3], b"", b"\xff" * 400):
        file.write_bytes(other)
        assert tensors_flaw(file).startswith("a.safetensors is damaged")


@pytest.mark.parametrize(
    "header", [b"[]", b"{", b'{"t": 3}', b'{"t": {}}', b'{"t": {"data_offsets": ["a", "b"]}}']
)
def test_a_header_of_another_kind_is_told(tmp_path, header):
    file = tmp_path / "a.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    assert "is damaged: its header is not that of a tensor file" in tensors_flaw(file)
