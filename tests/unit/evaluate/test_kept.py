"""No byte of a kept answer changes unseen."""

import random
from pathlib import Path
from typing import Any

import pytest

from core.files import file_sha256, write_json
from core.sealed import write_sealed
from evaluate.judge import judge
from evaluate.kept import REPORT, keep, read_whole, unnamed, verify_report
from evaluate.protocols.retrieval import example

FLIPS = 400


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "eval-test"
    report = judge(example())
    keep(folder, {**report.facts, "table": report.table("test")}, example().save(folder))
    return folder


def test_what_was_kept_is_whole(kept: Path) -> None:
    report = read_whole(kept)
    assert report is not None
    assert report["format"] == "tencrop-report/2"
    assert report["files"] == {"embeddings.npz": file_sha256(kept / "embeddings.npz")}
    assert verify_report(kept) == unnamed(kept) == []


def test_every_single_bit_counts(kept: Path) -> None:
    draw = random.Random(0)
    for file in sorted(kept.iterdir()):
        whole = file.read_bytes()
        for _ in range(FLIPS):
            bit = draw.randrange(8 * len(whole))
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            file.write_bytes(damaged)
            (problem,) = verify_report(kept)
            assert file.name in problem
            assert problem.endswith("run `evaluate` with the same options again")
            assert read_whole(kept) is None
        file.write_bytes(whole)
    assert verify_report(kept) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / REPORT).unlink(), "has no report.json"),
        (lambda folder: (folder / REPORT).write_bytes(b""), "report.json is damaged"),
        (lambda folder: (folder / "embeddings.npz").unlink(), "embeddings.npz is missing"),
        (
            lambda folder: ((folder / REPORT).unlink(), (folder / REPORT).mkdir()),
            "report.json cannot be read",
        ),
    ],
)
def test_what_is_gone_is_told(kept: Path, damage: Any, told: str) -> None:
    damage(kept)
    (problem,) = verify_report(kept)
    assert told in problem
    assert read_whole(kept) is None


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "", ".tmp-1-a", "..", "\0"])
def test_a_report_that_names_what_is_not_beside_it(kept: Path, name: str) -> None:
    (kept.parent / "outside").write_text("x")
    write_sealed(kept / REPORT, {"format": "tencrop-report/2", "files": {name: "0"}})
    (problem,) = verify_report(kept)
    assert "is no file beside it" in problem
    assert read_whole(kept) is None


def test_files_that_it_does_not_name_are_told(kept: Path) -> None:
    (kept / "notes.txt").write_text("mine")
    (kept / ".tmp-1-a").write_text("")
    assert unnamed(kept) == [".tmp-1-a", "notes.txt"]
    assert verify_report(kept) == []


def test_a_report_of_an_earlier_version_is_no_answer_and_no_damage(kept: Path) -> None:
    write_json(kept / REPORT, {"split": "test", "rsum": 1.0})
    assert read_whole(kept) is None
    assert verify_report(kept) == []
    assert unnamed(kept) == ["embeddings.npz", "report.json"]


def test_today_s_format_without_a_digest_is_no_answer(kept: Path) -> None:
    report = read_whole(kept)
    write_json(kept / REPORT, report)
    assert read_whole(kept) is None
