"""A command in a child that is forked after the imports, so that it costs its own time alone."""

import gc
import importlib
import itertools
import os
import pkgutil
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

import torch
from PIL import Image

from core.code import code
from pipeline.cli import main
from pipeline.memory import known, program
from tests.forked import Ended, forked
from tests.plugin_folder import added

PARTS = Path(__file__).parent / "parts"
PACKAGES = ("core", "extract", "train", "evaluate", "pipeline")
SECONDS = 60  # before a child counts as hanging
LATE = (
    *("encodings.utf_8_sig", "multiprocessing.synchronize", "numpy.ctypeslib", "numpy.ma"),
    *("nltk.tokenize", "matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.style"),
)
"""What libraries import at their first use."""


def make_ready() -> ExitStack:
    """Import all that a stage may need; what is returned takes the test's parts away again.

    Raises:
        RuntimeError: there are threads, which a fork would leave behind.
    """
    torch.set_num_threads(1)
    parts = ExitStack()
    parts.enter_context(added(PARTS))
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        modules = [m.name for m in pkgutil.walk_packages(path, prefix=f"{package}.")]
        for name in modules:
            if not name.endswith("__main__"):
                importlib.import_module(name)
        code(modules, ())  # each source is parsed here, not in every child
    for module in (known, program):  # no file of the program changes while the cases are tried
        parts.enter_context(patch.object(module, "code", cache(program.code)))
        module.code()
    for name in LATE:
        importlib.import_module(name)
    Image.preinit()
    # No other program is asked anything: git's answer may change while the cases are tried.
    os.environ["PATH"] = ""
    gc.freeze()  # or each child's first collection would copy every page
    if threading.active_count() > 1:
        raise RuntimeError("there are threads already; nothing may be forked beside them")
    return parts


def typed(words: Sequence[str]) -> Callable[[], None]:
    """A user's command, for ``in_child``."""
    return lambda: main(list(words))


def in_child(act: Callable[[], None]) -> Ended:
    """Run ``act`` in a child with one thread for the pictures; SystemExit gives its exit code."""
    return forked(lambda: _steady(act))


def _steady(act: Callable[[], None]) -> None:
    """``act``, whose operations are the same each time."""
    signal.alarm(SECONDS)
    # The child dies, never the machine: what is written is there without it.
    os.fsync = lambda handle: None
    # A second thread would read the pictures in another order each time.
    os.cpu_count = lambda: 1
    # A clock that counts how often it is asked: what holds times is the same each time too.
    time.perf_counter = partial(next, itertools.count(1.0))
    act()
