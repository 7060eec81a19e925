"""Files of killed processes go; those of living ones stay."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.leftovers import tidy

WRITER = """
import sys, time
from pathlib import Path
from core.files import replace_file
with replace_file(Path(sys.argv[1]) / "report.json") as stream:
    stream.write(b"half")
    stream.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_s_file_goes_and_a_living_one_s_stays(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        tidy(tmp_path)
        assert len(list(tmp_path.glob(f".tmp-{writer.pid}-*"))) == 1
        writer.send_signal(signal.SIGKILL)
    assert len(list(tmp_path.iterdir())) == 1
    tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_leftover_stays(tmp_path: Path) -> None:
    names = {f".tmp-{os.getpid()}-a", ".tmp-", ".tmp-x-a", ".tmp-1-a", "tmp-999999999-a"}
    for name in (*names, f".tmp-{2**22 + 1}-a", f".tmp-{10**30}-a"):
        (tmp_path / name).write_text("")
    tidy(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == names


def test_where_nothing_may_be_deleted_nothing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    (tmp_path / f".tmp-{2**22 + 1}-a").write_text("")
    monkeypatch.setattr(Path, "unlink", refuse)
    tidy(tmp_path)
    tidy(tmp_path / "gone")
    assert len(list(tmp_path.iterdir())) == 1
