"""Facts that only a large library tells, kept so that the next command need not wait for it.

Each is a sealed file of ``WORK/known``, whose name is the SHA-256 of the question and of all that
answers it: this program's own files, the libraries, Python. So a change of any of these asks anew;
the folder may be taken away at any time, and what is damaged in it counts as not there.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from platform import python_version
from typing import Any

from core.files import json_sha256, read_regular
from core.leftovers import tidy
from core.sealed import check_sealed, read_sealed, write_sealed
from core.work_folder import KNOWN
from pipeline.memory.program import ENDINGS, PACKAGES, ROOT, code

FOLDER = KNOWN
BUILDS = ("torch", "torchvision")
"""Libraries of which one version comes in several builds: the file that tells them counts too."""
LIBRARIES = (*BUILDS, "numpy", "pillow", "pydantic", "safetensors")


class Known:
    """What is kept in one work folder."""

    def __init__(self, work: Path, *, keeps: bool = True):
        """Nothing is read before it is asked for, or written unless this process ``keeps``."""
        self._work, self._keeps = work, keeps
        self._waiting: list[dict[str, Any]] = []

    def fact(self, question: Mapping[str, Any], ask: Callable[[], dict[str, Any]]) -> Any:
        """The answer to ``question``: the one that is kept, else that of ``ask``, kept from now on.

        Args:
            question: JSON values from which, with the program, the answer follows.
            ask: gives JSON values.
        """
        kept = self.get(question)
        if kept is None:
            kept = ask()
            self.keep(question, kept)
        return kept

    def get(self, question: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer that is kept, whole; None where there is none."""
        asked = self._asked(question)
        file = self._file(asked)
        try:
            there = read_sealed(file) if self._known and check_sealed(file) else {}
        except (OSError, ValueError, RecursionError):
            return None
        answer = there.get("answer")
        return answer if there.get("asked") == asked and isinstance(answer, dict) else None

    def keep(self, question: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep ``answer``, where there is a work folder and it may be written.

        Before there is one it waits: what is kept next, once there is, takes it along.
        """
        if not (self._known and self._keeps):
            return
        self._waiting.append({"asked": self._asked(question), "answer": dict(answer)})
        if self._work.is_dir():
            with suppress(OSError):
                for told in self._waiting:
                    write_sealed(self._file(told["asked"]), told)
                tidy(self._work / FOLDER)
            self._waiting = []

    @property
    def _known(self) -> bool:
        """Whether it is known which program asks; if not, nothing is kept or believed."""
        return bool(self._program["code"])

    @cached_property
    def _program(self) -> dict[str, Any]:
        return {"code": code(), "guests": guests(), "python": python_version(), **libraries()}

    def _asked(self, question: Mapping[str, Any]) -> dict[str, Any]:
        return {**question, "by": self._program}

    def _file(self, asked: Mapping[str, Any]) -> Path:
        return self._work / FOLDER / f"{json_sha256(asked)}.json"


def libraries() -> dict[str, str]:
    """The version of each library that answers, and a digest of the build; none is imported."""
    told = {name: _version(name) for name in LIBRARIES}
    return told | {f"{name} build": _build(name) for name in BUILDS}


def guests() -> dict[str, str]:
    """A digest of each file of the folders from outside in the ``__path__`` of our packages.

    Those of today: a package that was not imported has no folders from outside.
    """
    ours = [m for n, m in list(sys.modules.items()) if n.partition(".")[0] in PACKAGES]
    folders = {Path(path) for module in ours for path in getattr(module, "__path__", ())}
    own = {ROOT / package for package in PACKAGES}
    outside = sorted(folder for folder in folders if not own & {folder, *folder.parents})
    files = [file for folder in outside for file in folder.glob("*") if file.suffix in ENDINGS]
    return {str(file): sha256(read_regular(file)).hexdigest() for file in sorted(files)}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _build(name: str) -> str:
    spec = find_spec(name)
    with suppress(OSError):
        if spec and spec.origin:
            return sha256(read_regular(Path(spec.origin).with_name("version.py"))).hexdigest()
    return ""
