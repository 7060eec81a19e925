"""The gallery's bias as a user types it: asked for, reported with it and without, and kept."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.conftest import SMALL, Chain, Type


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gallery")


@pytest.fixture
def run(tencrop: Type, chain: Chain, folder: Path) -> Path:
    """A run with the bias, trained by the first test that asks."""
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--work", folder)
    said = tencrop(*words, "--set", "gallery.bias=true", "--set", "bank=30")
    assert said.code == 0, said.err
    return Path(said.last)


def test_the_training_says_both_scores_and_the_numbers(
    tencrop: Type, chain: Chain, run: Path
) -> None:
    told = json.loads((run / "last.json").read_text())
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--run", run)
    again = tencrop(*words, "--set", "gallery.bias=true", "--set", "bank=30")
    assert again.code == 0, again.err
    plain, biased = told["best"]["score"], told["gallery"]["validation"]["score"]
    assert f"validation score {plain:.1f}, with the gallery's bias {biased:.1f}\n" in again.err, (
        again.err
    )
    assert told["gallery"]["pictures"] == 30
    assert not [name for name in told["gallery"]["validation"] if name.startswith("similarity")]
    assert "similarity_positive" in told["best"]
    info = tencrop("run", "info", run)
    assert json.loads(info.out)["gallery"] == told["gallery"]
    assert tencrop("run", "verify", run).code == 0


def test_the_report_has_both_and_says_so(
    tencrop: Type, chain: Chain, run: Path, tmp_path: Path
) -> None:
    plain = tencrop("evaluate", chain.run, "--out", tmp_path / "plain")
    said = tencrop("evaluate", run)
    assert said.code == 0, said.err
    report = json.loads((run / "eval-test" / "report.json").read_text())
    usual = json.loads((tmp_path / "plain" / "report.json").read_text())
    told = json.loads((run / "last.json").read_text())["gallery"]
    assert report["gallery"] == told
    numbers = (
        f"strength {told['strength']:.3g}, inverse temperature {told['inverse_temperature']:.3g}, "
        "chosen on validation; bank of 30 training pictures and their 150 captions"
    )
    assert report["protocol"].startswith(usual["protocol"])
    assert f"gallery bias on ({numbers})" in report["protocol"]
    assert report.keys() - usual.keys() == {"gallery", "without"}
    # The same weights as the run without: what it reports is what stands under `without`.
    assert report["without"] == {key: usual[key] for key in report["without"]}
    assert {"i2t", "t2i", "rsum", "tied_queries", "protocol"} <= report["without"].keys()
    with_it, without = "test with the gallery's bias: 12 images", "test without: 12 images"
    assert said.out.startswith(with_it)
    assert said.out.index(without) < said.out.index(numbers)
    assert f"rsum {report['rsum']:.1f}" in said.out
    assert f"rsum {usual['rsum']:.1f}" in said.out
    assert "compare like with like" in said.out
    with np.load(run / "eval-test" / "embeddings.npz") as kept:
        assert kept["image_vector"].shape == (12, 32 + 2)
        assert (kept["image_vector"][:, -1] == 1).all()
        assert (kept["caption_vector"][:, -2] == 1).all()
    assert plain.code == 0


def test_it_answers_again_from_its_report(tencrop: Type, run: Path) -> None:
    first = tencrop("evaluate", run)
    again = tencrop("evaluate", run)
    assert "nothing that the answer follows from has changed" in again.err
    assert again.out == first.out


def test_other_measures_are_reported_with_it_and_without(tencrop: Type, run: Path) -> None:
    said = tencrop("evaluate", run, "--measures", "recall,average_precision")
    assert said.code == 0, said.err
    folder = run / "eval-test-measures-recall+average_precision"
    report = json.loads((folder / "report.json").read_text())
    assert "map" in report["i2t"]
    assert "map" in report["without"]["i2t"]


def test_an_unfinished_run_is_judged_without(
    tencrop: Type, chain: Chain, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--run", tmp_path / "run")
    words = (*words, "--set", "gallery.bias=true", "--set", "bank=30")
    with monkeypatch.context() as patch:
        patch.setattr("train.gallery.ending.choose", interrupted)
        assert tencrop(*words).code == 130
    said = tencrop("evaluate", tmp_path / "run")
    assert "2 in all; the gallery's bias is chosen at the end\n" in said.err
    assert "bias" not in said.out
    assert tencrop(*words).code == 0
    after = tencrop("evaluate", tmp_path / "run")
    assert "is replaced: it was made with another state of the run\n" in after.err
    assert after.out.splitlines()[:-1] == tencrop("evaluate", run).out.splitlines()[:-1]
    same = (folder / "model.safetensors" for folder in (run, tmp_path / "run"))
    assert len({file.read_bytes() for file in same}) == 1


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_no_switch_is_refused(tencrop: Type, chain: Chain) -> None:
    said = tencrop("train", chain.cache, "--data", chain.data, "--set", "gallery.bias=3.5")
    assert said.code == 1
    assert "gallery.bias = 3.5" in said.err.strip().splitlines()[-1]
