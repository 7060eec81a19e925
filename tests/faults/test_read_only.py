"""What is complete can be used from a disk that is there for reading."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Made, typed
from tests.faults.contents import contents
from tests.faults.injector import CHANGES, Watch, read_only, watching
from tests.faults.world import command


@pytest.fixture
def kept(made: Made) -> Iterator[Watch]:
    """Nothing below the work folder can be changed, and nothing is."""
    before = contents(made.root)
    with watching(Watch(made.root, read_only(made.root / "work"))) as watch:
        yield watch
    assert contents(made.root) == before


@pytest.mark.parametrize("stage", ["features", "train"])
def test_what_is_complete_is_found(made: Made, kept: Watch, stage: str) -> None:
    ended = typed(*command(stage, made.root))
    assert ended.code == 0, ended.err
    assert ended.out == made.said[stage]


def test_a_report_is_written_elsewhere(made: Made, kept: Watch, tmp_path: Path) -> None:
    words = ["evaluate", made.run, "--work", made.root / "work", "--out", tmp_path / "out"]
    ended = typed(*words, "--split", "val")
    assert ended.code == 0, ended.err
    reports = list((tmp_path / "out").rglob("report.json"))
    assert len(reports) == 1
    best = json.loads((made.run / "last.json").read_text(encoding="utf-8"))["best"]
    assert json.loads(reports[0].read_text(encoding="utf-8"))["rsum"] == best["rsum"]


def test_without_a_place_for_it_the_way_out_is_told(made: Made, kept: Watch) -> None:
    ended = typed("evaluate", made.run, "--work", made.root / "work", "--split", "val")
    assert ended.code == 1
    assert "--out" in ended.err.splitlines()[-1]


def test_who_only_reads_changes_nothing(made: Made, kept: Watch) -> None:
    for words in (["cache", "info", made.cache], ["cache", "verify", made.cache]):
        assert typed(*words).code == 0
    assert typed("run", "verify", made.run).code == 0
    assert [operation for operation in kept.seen if operation.kind in CHANGES] == []
