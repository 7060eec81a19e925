"""`evaluate RUN1 RUN2 --out DIR`: each run and the mean of all, in one table and one report."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.predictions import Embeddings
from core.sealed import check_sealed
from evaluate.kept import verify_report
from evaluate.measured import SIZES
from tests.e2e.conftest import SMALL, Chain, Type, typed
from tests.e2e.test_bad_input import one_line
from tests.e2e.test_report import SAME, report
from train.trained import Trained

BIASED = ("--set", "gallery.bias=true", "--set", "bank=30")


@pytest.fixture(scope="module")
def second(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with the gallery's bias on the same pictures."""
    work = tmp_path_factory.mktemp("second")
    words = (chain.cache, "--data", chain.data, *SMALL, *BIASED, "--seed", 1)
    return Path(typed("train", *words, "--work", work))


@pytest.fixture(scope="module")
def third(second: Path, chain: Chain) -> Path:
    """As the second, with another seed and in another width."""
    words = (chain.cache, "--data", chain.data, *SMALL, *BIASED, "--seed", 2)
    return Path(typed("train", *words, "--set", "embed_dim=24", "--work", second.parent.parent))


def files(run: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}


def mean_ranks(folder: Path, many: int) -> dict[str, float]:
    """By the matrices of what was kept, in float64."""
    kept = [Embeddings.load(folder, f"embeddings-{n}.npz") for n in range(1, many + 1)]
    scores = sum(
        e.image.value.astype(float) @ e.caption.value.astype(float).T for e in kept if e.caption
    )
    owner = kept[0].owner
    assert owner is not None
    assert isinstance(scores, np.ndarray)
    t2i = [1 + int((line > line[o]).sum()) for line, o in zip(scores.T, owner, strict=True)]
    i2t = [1 + int((s[owner != i] > s[owner == i].max()).sum()) for i, s in enumerate(scores)]
    return {"i2t": float(np.mean(i2t)), "t2i": float(np.mean(t2i))}


def test_options_of_measures_are_those_of_each_and_of_the_mean(
    tencrop: Type, second: Path, third: Path, tmp_path: Path
) -> None:
    words = ("evaluate", second, third, "--measures", "precision", "--set", "precision.k=2")
    said = tencrop(*words, "--out", tmp_path / "both")
    assert said.code == 0, said.err
    facts = report(tmp_path / "both")
    assert facts["asked"]["options"] == {"precision": {"k": [2]}}
    assert all(set(each["i2t"]) - set(SIZES) == {"p2"} for each in [facts, *facts["each"]])
    other = tencrop("evaluate", *words[1:-1], "precision.k=3", "--out", tmp_path / "both")
    one_line(other, "answers another question", "choose another --out")


def test_each_is_as_alone_and_the_mean_beside(
    tencrop: Type, chain: Chain, second: Path, third: Path, tmp_path: Path
) -> None:
    alone: list[dict[str, Any]] = []
    for n, run in enumerate((second, third)):
        assert tencrop("evaluate", run, "--out", tmp_path / str(n)).code == 0
        alone.append(report(tmp_path / str(n)))
    before = files(second) | files(third)
    both = tmp_path / "both"
    said = tencrop("evaluate", second, third, "--out", both)
    assert said.code == 0, said.err
    assert files(second) | files(third) == before
    facts = report(both)
    assert check_sealed(both / "report.json")
    assert verify_report(both) == []
    assert set(facts["files"]) == {"embeddings-1.npz", "embeddings-2.npz", "queries.npz"}
    assert said.out == f"{facts['table']}\n{facts['line']}\n"
    for key in ("run", "seed", "model", "epoch", "gallery", "cache", "threads"):
        assert facts[key] == [told[key] for told in alone], key
    for key in ("corpus", "split", "asked", "images", "captions"):
        assert facts[key] == alone[0][key], key
    for told, own in zip(facts["each"], alone, strict=True):
        assert {key: own[key] for key in told} == told
    ranks = {way: facts[way]["mean_rank"] for way in ("i2t", "t2i")}
    assert ranks == pytest.approx(mean_ranks(both, 2))
    assert facts["rsum"] != facts["without"]["rsum"]
    assert "mean of 2 models' inner product in float64" in facts["without"]["protocol"]
    assert "average of these 2: rsum " in said.out
    assert f"run 2, {third.name}: rsum {alone[1]['rsum']:.1f}" in said.out
    assert said.err.splitlines()[-1].endswith("--data OTHER --out DIR")


def test_runs_of_two_rules_are_averaged_and_it_is_said(
    tencrop: Type, chain: Chain, second: Path, tmp_path: Path
) -> None:
    said = tencrop("evaluate", chain.run, second, "--split", "val", "--out", tmp_path / "both")
    assert said.code == 0, said.err
    facts = report(tmp_path / "both")
    assert "without" not in facts
    assert "scores of run 2 hold the gallery's bias, those of run 1 do not" in said.err
    assert facts["gallery"][0] is None
    ranks = {way: facts[way]["mean_rank"] for way in ("i2t", "t2i")}
    assert ranks == pytest.approx(mean_ranks(tmp_path / "both", 2))


def test_the_same_question_is_answered_by_its_report(
    tencrop: Type,
    chain: Chain,
    second: Path,
    third: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = tmp_path / "both"
    words = ("evaluate", chain.run, second, "--cache", chain.cache, "--out", both)
    first = tencrop(*words)
    assert first.code == 0, first.err
    before = files(both)
    monkeypatch.setattr(Trained, "predict", None)
    again = tencrop(*words)
    assert (again.code, again.out) == (0, first.out)
    assert SAME in again.err
    assert files(both) == before
    other = tencrop("evaluate", chain.run, third, "--out", both)
    one_line(other, "answers another question (another run")
    assert files(both) == before


def test_what_cannot_be_averaged_is_refused_before_anything_is_predicted(
    tencrop: Type,
    chain: Chain,
    second: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Trained, "predict", None)
    copy = shutil.copytree(chain.run, tmp_path / "copy")
    cases: list[tuple[tuple[object, ...], str]] = [
        ((chain.run, second), "name a folder with --out"),
        ((chain.run, chain.run, "--out", tmp_path / "a"), "is given twice; give it once"),
        ((chain.run, copy, "--out", tmp_path / "a"), "are one model, given twice"),
        ((chain.run, second, "--out", chain.data / "scenes.json"), "is no folder"),
        ((chain.run, second, "--measures", "recal", "--out", tmp_path / "a"), "did you mean"),
    ]
    for words, why in cases:
        said = tencrop("evaluate", *words)
        one_line(said, why)
    assert not (tmp_path / "a").exists()
