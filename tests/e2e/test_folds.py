"""``evaluate --protocol folds``: a table of both, a folder of its own, refusals."""

import json
from pathlib import Path

import pytest

from evaluate.queries import read_queries
from pipeline.typed.by_make import ASKED_BY
from tests.e2e.conftest import Chain, Type
from tests.e2e.test_bad_input import one_line


def test_the_whole_split_and_its_folds(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    """Twelve pictures make two folds of five."""
    words = ("evaluate", chain.run, "--protocol", "folds", "--out", tmp_path / "folds")
    said = tencrop(*words, "--fold", 5)
    assert said.code == 0, said.err
    report = json.loads((tmp_path / "folds" / "report.json").read_text())
    assert report["asked"] == {
        "split": "test",
        "protocol": "folds",
        "measures": [],
        "fold": 5,
    }
    assert (report["folds"]["many"], report["folds"]["left_out"]) == (2, 2)
    assert "mean of 2 folds of 5, 2 images in none" in said.out
    assert "2 folds of 5 in the order of ids; chance R@1 8.33 / 8.33, in folds 20 / 20" in said.out
    assert "2 of 12 images, the last by their ids, are in no fold of 5: --fold 4" in said.err
    ways = {each.way: len(each.id) for each in read_queries(tmp_path / "folds")}
    assert ways == {"i2t": 12, "t2i": 60, "i2tfolds": 10, "t2ifolds": 50}
    one_line(tencrop(*words, "--fold", 4), "answers another question")


def test_what_is_no_fold_is_refused(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("evaluate", chain.run, "--out", tmp_path / "folds")
    one_line(tencrop(*words, "--protocol", "folds"), "12 images make no fold of 1,000")
    one_line(tencrop(*words, "--fold", 4), "--fold is of the protocol folds")
    monkeypatch.setenv(ASKED_BY, "make")
    one_line(tencrop(*words, "--fold", 4), "ask for it with PROTOCOL=folds, or leave it out")
    assert not (tmp_path / "folds").exists()
