"""What a training would lack ends `features` before it computes anything."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import FEATURES, Chain, Type
from tests.e2e.test_bad_input import one_line


@pytest.mark.parametrize("split", ["restval", "extra"])
def test_a_split_that_is_needed_and_empty(
    tencrop: Type, chain: Chain, tmp_path: Path, split: str
) -> None:
    words = ("features", chain.data, *FEATURES, "--work", tmp_path / "work")
    said = tencrop(*words, "--need", "train", "--need", split)
    one_line(said, repr(split), "train 40, val 12", "--split test")
    assert not (tmp_path / "work").exists()


def test_a_run_of_other_features(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    words = ("features", chain.data, "--backbone", "resnet18", "--weights", "random", "--crops", 1)
    said = tencrop(*words, "--into", chain.run, "--work", tmp_path / "work")
    one_line(said, "'squeezenet1_1'", "'resnet18'", "--run PATH")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_run_of_other_captions(tencrop: Type, chain: Chain, tmp_path: Path, split: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(chain.data, data)
    listing = (data / "scenes.json").read_text()
    before, mark, after = listing.partition(f'"split": "{split}"')
    captions, quote, rest = before.rpartition('"captions": [')
    (data / "scenes.json").write_text(captions + quote + '"another one",' + rest + mark + after)
    words = ("features", data, *FEATURES, "--into", chain.run, "--work", tmp_path / "work")
    said = tencrop(*words)
    if split == "test":  # it was not trained on: the run goes on, and says so when it is asked
        assert said.code == 0, said.err
    else:
        one_line(said, repr(split), f"evaluate {chain.run} --data", "--run PATH")
        assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("run", ["its own", "none", "no config"])
def test_what_fits_is_made(tencrop: Type, chain: Chain, tmp_path: Path, run: str) -> None:
    (tmp_path / "empty").mkdir()
    into = {"its own": chain.run, "none": tmp_path / "gone", "no config": tmp_path / "empty"}[run]
    words = ("features", chain.data, *FEATURES, "--work", chain.work, "--need", "test")
    said = tencrop(*words, "--into", into)
    assert (said.code, said.last) == (0, str(chain.cache))
