"""What an error says to a person, and to who typed make."""

import errno
import re
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import SettingError
from pipeline.refusals.failures import too_many
from pipeline.said.errors import told
from pipeline.said.ways import TYPED
from pipeline.typed.by_make import ASKED_BY, option

ENDLESS = 2**55


def test_an_error_of_ours_is_its_message() -> None:
    assert told(SettingError("no; do this")) == "no; do this"


@pytest.mark.parametrize(("mend", "typed"), TYPED.items())
def test_where_only_the_command_line_knows_what_to_type_it_says_so(mend, typed) -> None:
    assert told(SettingError("one; two; do this", mend=mend)) == f"one; two; {typed}"


def test_each_word_of_what_mends_is_of_an_error_and_has_what_to_type() -> None:
    root = Path(__file__).parents[3]
    rooms = [root / room for room in ("core", "extract", "train", "evaluate")]
    files = [file for room in rooms for file in room.rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    said = re.findall(r'(?:mend=|, mend = .*, )"(\w+)"', text)
    chosen = re.findall(r'def _mend\((?:.*\n)+?    return "(\w+)" if .* else "(\w+)"', text)
    assert {*said, *chain.from_iterable(chosen)} == TYPED.keys()


@pytest.mark.parametrize(
    "allocate",
    [lambda: torch.empty(ENDLESS), lambda: np.empty(ENDLESS), lambda: bytearray(ENDLESS)],
)
def test_memory_that_does_not_suffice_is_not_unexpected(allocate) -> None:
    with pytest.raises((RuntimeError, MemoryError)) as caught:
        allocate()
    line = told(caught.value)
    assert line.startswith("the memory does not suffice (")
    assert "--batch-size N" in line
    assert "--set batch_size=N" in line
    assert "unexpected" not in line
    assert "alloc_cpu.cpp" not in line


def test_a_thread_that_cannot_be_started_is_memory_that_is_short() -> None:
    assert told(RuntimeError("can't start new thread")).startswith("the memory does not suffice (")
    assert told(RuntimeError("could not create a memory object")).startswith("the memory does")


def test_another_runtime_error_is_unexpected() -> None:
    assert told(RuntimeError("shapes")).startswith("unexpected RuntimeError: shapes; ")


def test_a_full_disk_says_where_and_the_way_out(tmp_path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device for 7 bytes", str(tmp_path / "a.h5"))
    line = told(full)
    assert f"the disk is full ({full}): free some in {tmp_path}, or " in line
    assert "--work FOLDER" in line
    assert "run the same command again" in line
    assert "free some, or" in told(OSError(errno.ENOSPC, "No space left on device"))


def test_an_error_without_a_file_says_so() -> None:
    assert "of which file is not known" in told(OSError(errno.EIO, "Input/output error"))
    assert told(OSError(errno.EIO, "Input/output error", "a.h5")).startswith(
        "[Errno 5] Input/output error: 'a.h5'; mend that"
    )


def test_make_is_told_of_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    assert option("save-every", 3) == "SAVE_EVERY=3"
    assert "accept them with MAX_ERRORS=30.3" in str(too_many(3, 10, 0.1, "pictures"))
    assert "a smaller BATCH=N," in told(MemoryError())
