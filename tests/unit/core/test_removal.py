"""A folder goes whole or not at all, and never while somebody writes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import BusyError, InputError
from core.leftovers import tidy
from core.lock import exclusive
from core.removal import remove_folder

DIE = """
import os, shutil, sys
from pathlib import Path
from core import removal
if sys.argv[2] == "before":
    Path.rename = lambda *_: os._exit(9)
else:
    def half(folder):
        next(Path(folder).glob("*.bin")).unlink()
        os._exit(9)
    shutil.rmtree = half
removal.remove_folder(Path(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "one"
    (path / "eval-test").mkdir(parents=True)
    for name in ("a.bin", "b.bin", "eval-test/report.json"):
        (path / name).write_text(name)
    return path


def test_all_of_it_goes_and_nothing_beside_it(folder: Path, tmp_path: Path) -> None:
    (folder.parent / "two").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (folder / "link").symlink_to(tmp_path / "kept")
    remove_folder(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["two"]
    assert (tmp_path / "kept" / "file").exists()


def test_what_is_being_written_stays(folder: Path) -> None:
    with exclusive(folder), pytest.raises(BusyError, match="is being written by process"):
        remove_folder(folder)
    assert (folder / "a.bin").exists()


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_kill_leaves_all_of_it_or_what_is_tidied(folder: Path, when: str) -> None:
    words = [sys.executable, "-c", DIE, str(folder), when]
    assert subprocess.run(words, check=False).returncode == 9
    assert folder.exists() is (when == "before")
    if when == "before":
        assert {"a.bin", "b.bin"} <= {path.name for path in folder.iterdir()}
    else:
        assert [path.name[:5] for path in folder.parent.iterdir()] == [".tmp-"]
    tidy(folder.parent)
    assert [path.name for path in folder.parent.iterdir()] == ["one"] * (when == "before")


def test_what_may_not_be_deleted_is_found_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "eval-test")
    with pytest.raises(InputError, match=r"nothing may be deleted in .*eval-test; change its"):
        remove_folder(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a.bin", "b.bin", "eval-test"]
