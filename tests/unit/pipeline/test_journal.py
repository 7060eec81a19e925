"""The journal: a line a command that did work, and never the end of one."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
import warnings
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import CacheError, InputError
from core.version import VERSION
from pipeline.device import resolve
from pipeline.memory.journal import NAME, journal, journaled
from pipeline.stages.terms import Terms

ROOT = Path(__file__).parents[3]


def lines(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / NAME).read_text(encoding="utf-8").splitlines()]


def stage(given: Path, *, terms: Terms, write: bool = True) -> Path:
    made = terms.work / "features" / "ünï"
    made.mkdir(parents=True, exist_ok=True)
    if write:
        (made / "a").write_bytes(b"12345")
    return made


noted = journaled("features", lambda folder: (folder, 7))(stage)


def test_a_line_says_what_was_made_and_what_it_cost(tmp_path: Path) -> None:
    made = noted(tmp_path / "data", terms=Terms(work=tmp_path, device="cpu"))
    (line,) = lines(tmp_path)
    assert line.pop("seconds") >= 0
    assert line.pop("threads") >= 1
    assert line.pop("when").endswith("+00:00")
    assert line == {
        "stage": "features",
        "what": str(made),
        "bytes": 5,
        "items": 7,
        "device": "cpu",
        "version": VERSION,
        "outcome": "done",
    }
    assert [file.name for file in made.iterdir()] == ["a"]


def test_what_had_nothing_to_do_leaves_no_line(tmp_path: Path) -> None:
    noted(tmp_path / "data", terms=Terms(work=tmp_path, device="cpu"))
    time.sleep(0.1)
    noted(tmp_path / "data", terms=Terms(work=tmp_path, device="auto"), write=False)
    assert len(lines(tmp_path)) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(143), "interrupted"),
        (InputError("no pictures; add some\nand more"), "error: no pictures; add some"),
    ],
)
def test_how_it_ended(tmp_path: Path, fault: BaseException, outcome: str) -> None:
    with (
        pytest.raises(type(fault)),
        journal(tmp_path, "train", tmp_path / "cache", device="auto"),
    ):
        raise fault
    (line,) = lines(tmp_path)
    assert (line["outcome"], line["what"]) == (outcome, str(tmp_path / "cache"))
    assert line["device"] == str(resolve("auto"))
    assert line["threads"] == torch.get_num_threads()


def test_what_ended_before_torch_was_there_does_not_wait_for_it(tmp_path: Path) -> None:
    child = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.memory.journal import journal\n"
        "work = Path(sys.argv[1])\n"
        "try:\n"
        "    with journal(work, 'features', work / 'data', device='auto'):\n"
        "        raise OSError('gone')\n"
        "except OSError:\n"
        "    sys.exit('torch' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", child, str(tmp_path)], cwd=ROOT, check=False)
    (line,) = lines(tmp_path)
    assert (ended.returncode, line["device"], line["threads"]) == (0, "auto", 0)


def test_without_a_work_folder_there_is_none(tmp_path: Path) -> None:
    with journal(tmp_path / "gone", "train", tmp_path, device="cpu"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["pipe", "folder", "read-only", "full"])
def test_one_that_cannot_be_written_is_said_and_ends_nothing(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    if kind == "pipe":
        os.mkfifo(tmp_path / NAME)
    elif kind == "folder":
        (tmp_path / NAME).mkdir()
    else:
        monkeypatch.setattr(os, "open" if kind == "read-only" else "write", fail)
    with journal(tmp_path, "train", tmp_path, device="cpu"):
        pass
    monkeypatch.undo()
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{tmp_path / NAME} was not written (")


def test_a_result_that_cannot_be_looked_at_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(_: Path) -> tuple[Path, int]:
        raise CacheError("gone; make it again")

    made = journaled("features", lost)(stage)(tmp_path, terms=Terms(work=tmp_path, device="cpu"))
    assert made.is_dir()
    assert "not in the journal: gone" in capsys.readouterr().err


def test_a_line_that_was_cut_short_takes_no_other_with_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"when": "20')
    noted(tmp_path / "data", terms=Terms(work=tmp_path, device="cpu"))
    first, second = (tmp_path / NAME).read_text().splitlines()
    assert first == '{"when": "20'
    assert json.loads(second)["stage"] == "features"


def _note(work: Path, both: Barrier) -> None:
    plain = os.write

    def late(handle: int, data: bytes) -> int:
        time.sleep(0.0005)  # in which the other could write
        return plain(handle, data)

    os.write = late
    both.wait()  # or the first would be done before the second begins
    for _ in range(100):
        with journal(work, "train", work / ("x" * 300), device="cpu"):
            pass


def test_commands_at_the_same_time_do_not_mix_their_lines(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    given = (tmp_path, fork.Barrier(2))
    both = [fork.Process(target=_note, args=given) for _ in range(2)]
    with warnings.catch_warnings():  # of Python 3.12: torch has threads here, which are idle
        warnings.simplefilter("ignore", DeprecationWarning)
        for each in both:
            each.start()
    for each in both:
        each.join()
    assert [each.exitcode for each in both] == [0, 0]
    assert len(lines(tmp_path)) == 200
