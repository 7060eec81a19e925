"""What is tried in a child of this process, forked with all that it has imported by now."""

import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple

import pytest
import torch

from tests.plugin_folder import ROOT


class Ended(NamedTuple):
    """How a child ended: its exit code, or minus the signal that ended it; and what it said."""

    code: int
    out: str
    err: str


def forked(act: Callable[[], Any]) -> Ended:
    """Run ``act`` in a child; what it returns, or SystemExit holds, is its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            child = os.fork()  # xdist has a thread, which the child needs for nothing
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _live(act)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Ended(code, _all(out), _all(err))


def _live(act: Callable[[], Any]) -> None:
    """The child's life; it ends here, whatever happens."""
    code = 70
    try:
        # Those of this process may be pytest's.
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        torch.set_num_threads(1)  # more are threads of the parent
        code = int(act() or 0)
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _all(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def contracts(*words: object, kinds: Sequence[str] = ("*",)) -> Ended:
    """Run the contracts of ``kinds`` by a pytest with these options."""
    folder = ROOT / "tests" / "contract"
    files = [file for kind in kinds for file in sorted(folder.glob(f"test_{kind}_contract.py"))]

    def act() -> int:
        os.chdir(ROOT)
        for name in [name for name in sys.modules if name.endswith("_contract")]:
            del sys.modules[name]  # it knows the parts of the moment in which it was imported
        return pytest.main(["-p", "no:cacheprovider", *map(str, words), *map(str, files)])

    return forked(act)


def script(words: Sequence[str], **_: object) -> subprocess.CompletedProcess[bytes]:
    """In the place of ``subprocess.run`` of ``python -I SCRIPT WORD...``: starts no Python."""
    assert tuple(words[:2]) == (sys.executable, "-I")

    def act() -> None:
        sys.argv = list(words[2:])
        runpy.run_path(words[2], run_name="__main__")

    code, out, err = forked(act)
    return subprocess.CompletedProcess(list(words), code, out.encode(), err.encode())
