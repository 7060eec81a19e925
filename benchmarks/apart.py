"""A side of a comparison as a process of its own, which waits while another works.

It speaks in lines of JSON: one once it can begin, and one after each line that it is given. So what
one side does to its allocator, or keeps in memory, does not help the other.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any


class Side:
    """A module of `benchmarks`, run with one thread."""

    def __init__(self, module: str, *given: str):
        """Start ``python -m module``, with what it is given; it builds what it needs at once."""
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *given],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.began = self._read()

    def run(self) -> dict[str, Any]:
        """What it answers, once it has done its work."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a side ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


def answer(began: dict[str, Any], work: Callable[[], dict[str, Any]]) -> None:
    """In the process: say what ``began``, then what ``work`` gives, a time for each line."""
    tell(began)
    for _ in sys.stdin:
        tell(work())


def tell(facts: dict[str, Any]) -> None:
    """One line for the process that started this one."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
