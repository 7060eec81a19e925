"""No test of a training waits for the disk."""

import pytest

import core.files


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(core.files.os, "fsync", lambda handle: None)
