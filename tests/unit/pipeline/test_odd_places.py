"""A folder in the place of a file, and a file in that of a folder: one line with the way out."""

import os
from pathlib import Path

import pytest

from core.files import read_regular, write_bytes
from core.lock import exclusive
from pipeline.leaks.kept import kept
from pipeline.said.errors import AGAIN, told


def line(function, *given) -> str:
    with pytest.raises(OSError, match=".") as caught:
        function(*given)
    return told(caught.value)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    place = tmp_path / "report.json"
    place.mkdir()
    said = f"{place} is a folder, where a file must be; move it elsewhere and {AGAIN}"
    assert line(read_regular, place) == said
    assert line(write_bytes, place, b"1") == said


def test_a_fifo_in_the_place_of_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert line(read_regular, tmp_path / "fifo").startswith(
        f"{tmp_path / 'fifo'} is no file of bytes, where a file must be; move it elsewhere"
    )


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    place = tmp_path / "runs"
    place.write_text("mine")
    said = f"{place} is a file, where a folder must be; move it elsewhere and {AGAIN}"
    assert line(write_bytes, place / "run" / "a.json", b"1") == said
    with pytest.raises(OSError, match=".") as caught, exclusive(place / "run"):
        pass
    assert told(caught.value) == said
    assert place.read_text() == "mine"


def test_a_file_that_is_too_large_is_another_fault(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("12")
    with pytest.raises(OSError, match="larger") as caught:
        read_regular(tmp_path / "a", most=1)
    assert "move it elsewhere" not in told(caught.value)


def test_a_folder_in_the_place_of_the_hashes_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "likeness.json"
    place.mkdir()
    with kept(tmp_path) as hashes:
        hashes.add("0" * 64, 1)
    unread, unwritten = capsys.readouterr().err.splitlines()
    assert unread == (
        f"{place} cannot be used (is not a regular file): its pictures are hashed again"
    )
    assert unwritten.startswith(f"{place} was not written (")
