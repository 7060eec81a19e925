"""One part that is broken stops only what needs it, and is told where parts are listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.corpora import formats, read_corpus
from core.errors import InputError, SettingError
from extract import families
from pipeline.cli import COMMANDS
from tests.e2e.conftest import Type
from tests.plugin_folder import added

NO_PYTHON = "x = 1\nthis is no python\n"
WHERE = "is no Python, line 2: "
FOLDERS = (
    *("extract/backbones", "core/corpora", "train/losses", "train/encoders/text", "train/tasks"),
    *("evaluate/metrics", "evaluate/protocols", "pipeline/commands"),
)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder with a broken part of every kind, and a family whose NAMES are annotated."""
    root = tmp_path / "parts"
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
        (root / folder / "aaa.py").write_text(NO_PYTHON)
    family = 'NAMES: tuple[str, ...] = ("shufflenet_v2_x1_0",)\n'
    (root / "extract" / "backbones" / "mine.py").write_text(family)
    (root / "extract" / "backbones" / "odd.py").write_text("NAMES = 5\n")
    with added(root):
        yield root


def test_the_backbones_of_others_are_there(outside: Path) -> None:
    assert {"resnet50", "shufflenet_v2_x1_0"} <= set(families.names())
    assert families.family("shufflenet_v2_x1_0") == "mine"
    assert set(families.broken()) == {"aaa", "odd"}
    with pytest.raises(SettingError, match=r"unknown backbone 'none': .*aaa.py is no Python, line"):
        families.family("none")


def test_the_formats_of_others_read(outside: Path, tmp_path: Path) -> None:
    told = formats()
    assert told["aaa"].startswith(f"broken: {outside / 'core' / 'corpora' / 'aaa.py'} {WHERE}")
    data = tmp_path / "data"
    (data / "images").mkdir(parents=True)
    (data / "images" / "a.jpg").touch()
    (data / "captions.csv").write_text("image,caption\na.jpg,A dog\n")
    assert len(read_corpus(data).captions) == 1
    with pytest.raises(SettingError, match=f"aaa.py {WHERE}"):
        read_corpus(data, "aaa")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"; or aaa is its format: .*aaa.py {WHERE}.*; mend that"):
        read_corpus(tmp_path / "empty")


def test_each_help_tells_what_is_broken(outside: Path, tencrop: Type) -> None:
    for words, folders in (
        ([], ["pipeline/commands"]),
        (["features"], ["extract/backbones", "core/corpora"]),
        (["train"], ["train/losses", "train/encoders/text", "train/tasks"]),
        (["evaluate"], ["evaluate/metrics", "evaluate/protocols"]),
    ):
        said = tencrop(*words, "--help")
        assert said.code == 0, said.err
        page = "".join(said.out.split())
        for folder in folders:
            assert "".join(f"{outside / folder / 'aaa.py'} {WHERE}".split()) in page


def test_who_asks_for_it_is_told_in_one_line(outside: Path, tmp_path: Path, tencrop: Type) -> None:
    said = tencrop("aaa")
    assert said.code == 1
    assert f"{outside / COMMANDS.replace('.', '/') / 'aaa.py'} {WHERE}" in said.err
    assert len(said.err.splitlines()) == 1
    assert tencrop("recipes", "show", "vse++").code == 0
    mine = tmp_path / "mine.toml"
    mine.write_text('[text]\nname = "aaa"\n')
    said = tencrop("recipes", "show", mine)
    assert said.code == 1
    assert f"{outside / 'train' / 'encoders' / 'text' / 'aaa.py'} {WHERE}" in said.err
