"""Values on disk, by their number."""

import errno
import gc
import os
import tempfile

import pytest

from core.spool import Spool


def test_values_in_any_order():
    values = [b"one", b"", None, bytes(range(256)) * 999, b"last"]
    spool = Spool(iter(values))
    for number in (3, 0, 4, 1, 2, 3):
        assert spool[number] == values[number]


def test_nothing_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool([b"x"])
    assert list(tmp_path.iterdir()) == []
    handle = spool._handle
    os.fstat(handle)
    del spool
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)


def test_a_full_disk_names_the_folder(monkeypatch):
    def full(handle, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.spool.os.write", full)
    with pytest.raises(OSError, match="No space left") as caught:
        Spool([b"x"])
    assert caught.value.filename == tempfile.gettempdir()


def test_a_write_that_takes_a_part_goes_on(monkeypatch):
    real = os.write
    monkeypatch.setattr("core.spool.os.write", lambda handle, data: real(handle, data[:3]))
    assert [Spool([b"12345678", b"9"])[n] for n in (0, 1)] == [b"12345678", b"9"]
