"""The allocator keeps what is freed; where it is another, or is set from outside, it is left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import allocator
from pipeline.allocator import keep_freed_memory

ROOT = Path(__file__).parents[3]
GLIBC = sys.platform == "linux" and allocator._is_glibc()
FAULTS = """
import resource, sys
from pipeline.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
def use():
    block = bytearray(b"x" * 2**26)
for _ in range(2):
    use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(allocator.CHOSEN):
            monkeypatch.delenv(name)


def faults(how):
    command = [sys.executable, "-c", FAULTS, how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not GLIBC, reason="the C library is not glibc")
def test_large_blocks_are_not_asked_of_the_system_each_time():
    assert faults("kept") < faults("given back") / 20


@pytest.mark.parametrize("name", ["GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_"])
def test_what_is_set_from_outside_stays(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)  # would fail if it were called
    assert not keep_freed_memory()


def absent(name):
    raise ValueError("unrecognized configuration name")


@pytest.mark.parametrize("told", [absent, lambda name: None, lambda name: "musl 1.2"])
def test_another_c_library_is_left_alone(monkeypatch, told):
    monkeypatch.setattr(os, "confstr", told, raising=False)
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    assert not keep_freed_memory()


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.delattr(os, "confstr", raising=False)
    assert not keep_freed_memory()
