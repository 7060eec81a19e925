"""What is no file of bytes, in the place of a corpus's own files: one line, and no waiting."""

import io
import os
from pathlib import Path

import pytest

from core.corpora import formats, read_corpus
from core.errors import InputError, SettingError
from core.plugins import load
from pipeline import recipe_files
from tests.layouts import layout

TABLES = [
    (name, file)
    for name in formats()
    for file, text in load("core.corpora", name).EXAMPLE.items()
    if text
]


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO that is opened as if it were a file fails the test instead of hanging it."""
    real = io.open

    def refusing(file, *more, **named):
        assert isinstance(file, int) or not Path(file).is_fifo(), f"{file} would be waited for"
        return real(file, *more, **named)

    monkeypatch.setattr(io, "open", refusing)


@pytest.mark.parametrize(("name", "file"), TABLES)
@pytest.mark.parametrize("told", [True, False])
def test_a_fifo_for_a_table_is_one_line(tmp_path: Path, name: str, file: str, told: bool) -> None:
    layout(tmp_path, load("core.corpora", name).EXAMPLE)
    (tmp_path / file).unlink()
    os.mkfifo(tmp_path / file)
    with pytest.raises(InputError, match="is not a regular file") as caught:
        read_corpus(tmp_path, name if told else "auto")
    assert str(tmp_path / file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fifo_for_a_recipe_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "own.toml")
    with pytest.raises(SettingError, match=r"own.toml is not a regular file"):
        recipe_files.read(str(tmp_path / "own.toml"))
