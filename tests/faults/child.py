"""A command in a child that is forked after the imports, so that it costs its own time alone."""

import gc
import importlib
import itertools
import os
import pkgutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image

from pipeline.cli import main
from tests.plugin_folder import added

PARTS = Path(__file__).parent / "parts"
PACKAGES = ("core", "extract", "train", "evaluate", "pipeline")
SECONDS = 60  # before a child counts as hanging
LATE = (
    *("encodings.utf_8_sig", "multiprocessing.synchronize", "numpy.ctypeslib", "numpy.ma"),
    *("nltk.tokenize", "matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.style"),
)
"""What libraries import at their first use."""


class Ended(NamedTuple):
    """How a child ended: its exit code, or minus the signal that ended it; and what it said."""

    code: int
    out: str
    err: str


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
        for module in pkgutil.walk_packages(path, prefix=f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
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
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            _act(act, out.fileno(), err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Ended(code, _all(out), _all(err))


def _act(act: Callable[[], None], out: int, err: int) -> None:
    """The child's life; it ends here, whatever happens."""
    code = 70
    try:
        signal.alarm(SECONDS)
        os.dup2(out, 1)
        os.dup2(err, 2)
        # The child dies, never the machine: what is written is there without it.
        os.fsync = lambda handle: None
        # A second thread would read the pictures in another order each time.
        os.cpu_count = lambda: 1
        # A clock that counts how often it is asked: what holds times is the same each time too.
        time.perf_counter = partial(next, itertools.count(1.0))
        act()
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _all(stream: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")
