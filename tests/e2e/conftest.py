"""A small corpus, its cache and a run, made once by the commands that a user types."""

import contextlib
import io
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import core.files
import core.places
from pipeline.cli import main
from pipeline.memory import known, program

FEATURES = ("--backbone", "squeezenet1_1", "--weights", "random", "--crops", 1)
SMALL = ("--set", "epochs=2", "--set", "embed_dim=32", "--set", "word_dim=16")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.strip().splitlines()[-1]


Type = Callable[..., Said]


def whoever(out: str) -> str:
    """What an evaluation says but for the name of the run's folder."""
    return re.sub(r"^run [^;]*;", "run;", out, flags=re.MULTILINE)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written without --work goes into no checkout: neither caches nor a journal."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of reports have no figures but where a test is of them: drawing takes a second."""
    monkeypatch.setattr("pipeline.plots.report.figures", lambda *_: [])


@pytest.fixture(scope="session", autouse=True)
def one_program() -> Iterator[None]:
    """No file of the program changes while the tests run: each command would read them all."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (known, program):
            patch.setattr(module, "code", cache(program.code))
        yield


@pytest.fixture
def tencrop(capsys: pytest.CaptureFixture[str]) -> Type:
    """Type a command; what it returned and said."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many files of each ending were opened from the moment in which it is cleared."""
    count: Counter[str] = Counter()
    plain = core.files.open_regular

    def counted(path: Path, **limits: int) -> object:
        count[path.suffix] += 1
        return plain(path, **limits)

    for module in (core.files, core.places):
        monkeypatch.setattr(module, "open_regular", counted)
    return count


class Restored(NamedTuple):
    """A folder that many tests change, and what it was when it was made."""

    there: Path
    copy: Path

    @staticmethod
    def of(folder: Path) -> "Restored":
        """As it is by now."""
        return Restored(folder, shutil.copytree(folder, folder.with_name("as it was made")))

    def put_back(self) -> Path:
        """Make it what it was, at its own place."""
        shutil.rmtree(self.there, ignore_errors=True)
        return shutil.copytree(self.copy, self.there)


class Chain(NamedTuple):
    data: Path
    cache: Path
    run: Path
    work: Path


def typed(*words: object) -> str:
    """Type a command outside of a test; the last line that it printed."""
    return said_by(*words).strip().splitlines()[-1]


def said_by(*words: object) -> str:
    """Type a command outside of a test; all that it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code == 0
    return out.getvalue()


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Scenes, squeezenet features and a two-epoch run."""

    root = tmp_path_factory.mktemp("chain")
    data, work = root / "scenes", root / "work"
    typed("scenes", data, "--train", 40, "--val", 12, "--test", 12)
    cache = typed("features", data, *FEATURES, "--work", work)
    run = typed("train", cache, "--data", data, *SMALL, "--work", work)
    return Chain(data, Path(cache), Path(run), work)
