"""A fact is told again only to the same question of the same program, and only whole."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.files import TEMPORARY
from pipeline.memory import known
from pipeline.memory.known import FOLDER, Known, guests, libraries
from tests.plugin_folder import PARTS, added

QUESTION = {"about": "stars", "of": ["here", 2]}


class Asked:
    """Counts how often it is asked, and says so."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        return {"times": self.times, "words": "ünï"}


@pytest.fixture
def ask() -> Asked:
    return Asked()


def the_file(work: Path) -> Path:
    (file,) = (work / FOLDER).iterdir()
    return file


def test_it_is_asked_once(tmp_path: Path, ask: Asked) -> None:
    told = [Known(tmp_path).fact(QUESTION, ask) for _ in range(3)]
    assert told == [{"times": 1, "words": "ünï"}] * 3
    other = Known(tmp_path).fact({**QUESTION, "of": ["here", 3]}, ask)
    assert other["times"] == ask.times == 2


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("code", lambda: "another"),
        ("python_version", lambda: "3.0"),
        ("libraries", lambda: {"torch": "0.1"}),
        ("guests", lambda: {"a.py": "0"}),
    ],
)
def test_another_program_asks_anew(
    tmp_path: Path,
    ask: Asked,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[], Any],
) -> None:
    Known(tmp_path).fact(QUESTION, ask)
    with monkeypatch.context() as patch:
        patch.setattr(known, name, change)
        assert Known(tmp_path).fact(QUESTION, ask)["times"] == 2
    assert Known(tmp_path).fact(QUESTION, ask)["times"] == 1


def test_a_program_that_is_not_known_keeps_and_believes_nothing(
    tmp_path: Path, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "code", lambda: "")
    assert [Known(tmp_path).fact(QUESTION, ask)["times"] for _ in range(2)] == [1, 2]
    assert not (tmp_path / FOLDER).exists()


def test_every_flipped_bit_is_asked_anew(tmp_path: Path, ask: Asked) -> None:
    kept = Known(tmp_path)
    kept.fact(QUESTION, ask)
    file = the_file(tmp_path)
    with file.open("r+b", buffering=0) as stream:  # a file cut and written anew waits for the disk
        for place, byte in enumerate(stream.read()):
            os.pwrite(stream.fileno(), bytes([byte ^ 1 << place % 8]), place)
            assert kept.get(QUESTION) is None, place
            os.pwrite(stream.fileno(), bytes([byte]), place)
    assert kept.get(QUESTION) is not None


@pytest.mark.parametrize("answer", [None, [], "words", 3])
def test_what_is_no_answer_is_none(tmp_path: Path, ask: Asked, answer: Any) -> None:
    Known(tmp_path).fact(QUESTION, ask)
    file = the_file(tmp_path)
    content = json.loads(file.read_text()) | {"answer": answer}
    del content["digest"]
    file.write_text(json.dumps(content))
    assert Known(tmp_path).fact(QUESTION, ask)["times"] == 2
    assert Known(tmp_path).fact(QUESTION, ask)["times"] == 2


def test_an_unsealed_answer_is_none(tmp_path: Path, ask: Asked) -> None:
    Known(tmp_path).fact(QUESTION, ask)
    file = the_file(tmp_path)
    content = json.loads(file.read_text())
    del content["digest"]
    file.write_text(json.dumps(content))
    assert Known(tmp_path).get(QUESTION) is None


@pytest.mark.parametrize("kind", ["gone", "file", "read-only"])
def test_where_nothing_can_be_kept_it_is_asked_each_time(
    tmp_path: Path, ask: Asked, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    work = tmp_path / "work"
    if kind == "file":
        work.touch()
    elif kind == "read-only":
        work.mkdir()
        monkeypatch.setattr(known, "write_sealed", fail)
    assert [Known(work).fact(QUESTION, ask)["times"] for _ in range(2)] == [1, 2]
    assert not (work / FOLDER).exists()


def test_what_is_told_before_there_is_a_work_folder_is_kept_with_the_next(
    tmp_path: Path, ask: Asked
) -> None:
    work = tmp_path / "work"
    early = Known(work)
    assert early.fact(QUESTION, ask)["times"] == 1
    work.mkdir()
    assert Known(work).get(QUESTION) is None
    early.fact({"about": "moons"}, ask)
    assert Known(work).get(QUESTION) == {"times": 1, "words": "ünï"}
    assert len(list((work / FOLDER).iterdir())) == 2


def test_what_is_kept_is_written_once(tmp_path: Path, ask: Asked) -> None:
    one = Known(tmp_path)
    one.fact(QUESTION, ask)
    the_file(tmp_path).unlink()
    one.fact({"about": "moons"}, ask)
    assert Known(tmp_path).get(QUESTION) is None
    assert Known(tmp_path).get({"about": "moons"}) == {"times": 2, "words": "ünï"}


def test_what_a_killed_process_left_is_tidied(tmp_path: Path, ask: Asked) -> None:
    (tmp_path / FOLDER).mkdir()
    dead = tmp_path / FOLDER / f"{TEMPORARY}{2**22 + 1}-0"
    dead.touch()
    Known(tmp_path).fact(QUESTION, ask)
    assert not dead.exists()
    assert the_file(tmp_path).suffix == ".json"


def test_the_libraries_are_told_as_they_are_imported() -> None:
    import torch
    import torchvision

    told = libraries()
    assert torch.__version__.startswith(told["torch"])
    assert torchvision.__version__.startswith(told["torchvision"])
    assert len(told["torch build"]) == len(told["torchvision build"]) == 64
    assert all(told.values())


def test_parts_from_outside_count() -> None:
    before, part = guests(), str(PARTS / "train" / "tasks" / "captioner.py")
    with added(PARTS):
        assert part in guests()
    assert part not in before
    assert guests() == before
