"""Every corpus format: what it promises to ``read_corpus`` and to the command line."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import core.corpora
from core import plugins
from core.corpora import explain, formats, read_corpus
from core.corpora._endings import sound, table_endings
from core.corpora._survey import survey
from core.errors import InputError, SettingError, TencropError
from core.matrices import Row
from core.places import read_place
from tests.layouts import layout

PACKAGE = "core.corpora"
NAMES = plugins.names(PACKAGE)
STRANGER = """
from core.records import Corpus, Image

NEEDS = "*.stranger"
EXAMPLE = {{"x.stranger": ""}}


def recognises(path):
    return path.is_dir() and any(path.glob("*.stranger"))


def read(path):
    return Corpus.build("{name}", [Image("a.jpg", path / "a.jpg", "train")], [])
"""


def write(folder: Path, name: str) -> Path:
    """The example of a format as files, the last of them first."""
    return layout(folder, plugins.load(PACKAGE, name).EXAMPLE)


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    return request.param, write(tmp_path / "corpus", request.param)


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two formats from outside that fit whatever ends in .stranger, and nothing else."""
    names = ["stranger_left", "stranger_right"]
    (tmp_path / "formats").mkdir()
    for name in names:
        (tmp_path / "formats" / f"{name}.py").write_text(STRANGER.format(name=name))
    path = [*core.corpora.__path__, str(tmp_path / "formats")]
    monkeypatch.setattr(core.corpora, "__path__", path)
    yield names
    for name in names:
        sys.modules.pop(f"{PACKAGE}.{name}", None)


@pytest.mark.parametrize("name", NAMES)
def test_needs_is_one_phrase_for_the_help(name: str) -> None:
    needs = formats()[name]
    assert needs == plugins.load(PACKAGE, name).NEEDS
    assert needs.strip() == needs
    assert 0 < len(needs) < 160
    assert "\n" not in needs


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_corpus_is_not_recognised_and_refused_in_one_line(
    name: str, tmp_path: Path
) -> None:
    module = plugins.load(PACKAGE, name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    for path in (tmp_path / "empty", tmp_path / "notes.txt"):
        assert module.recognises(path) is False
        with pytest.raises(TencropError) as caught:
            read_corpus(path, name)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path / "empty", name)
    assert module.NEEDS in str(caught.value)


def test_each_sample_is_recognised_by_its_own_format_alone(sample: tuple[str, Path]) -> None:
    name, folder = sample
    fitting = [n for n in NAMES if plugins.load(PACKAGE, n).recognises(folder)]
    assert fitting == [name]
    found, named = read_corpus(folder), read_corpus(folder, name)
    assert (found.images, found.captions) == (named.images, named.captions)


def test_a_corpus_is_joined_by_ids_that_are_unique_sorted_and_typed(
    sample: tuple[str, Path],
) -> None:
    _, folder = sample
    corpus = read_corpus(folder)
    ends = sorted(image.id.rpartition("/")[2] for image in corpus.images)
    assert ends == ["a.jpg", "b.jpg", "c.jpg"]
    pictures = [image for image in corpus.images if not isinstance(image.place, Row)]
    assert {read_place(image.place) for image in pictures} == ({b""} if pictures else set())
    for image in corpus.images:
        if isinstance(image.place, Path):
            assert image.place.as_posix().endswith(f"/{image.id}")
    ids = [image.id for image in corpus.images]
    assert ids == sorted(set(ids))
    assert len({caption.id for caption in corpus.captions}) == len(corpus.captions)
    assert all(type(each.id) is str for each in (*corpus.captions, *corpus.images))
    assert {type(label) for image in corpus.images for label in image.labels} <= {str}
    assert corpus.owner.shape == (len(corpus.captions),)
    labelled = {row for row, image in enumerate(corpus.images) if image.labels}
    silent = sample[0] == "pictures"  # the one format that tells nothing
    assert labelled.union(corpus.owner.tolist()) == (set() if silent else {0, 1, 2})
    assert corpus.name


def test_the_order_of_the_file_system_changes_nothing(
    sample: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = sample
    plain = read_corpus(folder)
    real_walk, real_glob = os.walk, Path.glob

    def walk(*args: Any, **kwargs: Any) -> Iterator[Any]:
        return ((top, dirs, sorted(files)[::-1]) for top, dirs, files in real_walk(*args, **kwargs))

    def glob(self: Path, *args: Any, **kwargs: Any) -> Iterator[Path]:
        return iter(sorted(real_glob(self, *args, **kwargs), reverse=True))

    monkeypatch.setattr(os, "walk", walk)
    monkeypatch.setattr(Path, "glob", glob)
    turned = read_corpus(folder)
    assert (turned.images, turned.captions) == (plain.images, plain.captions)
    assert turned.owner.tolist() == plain.owner.tolist()


def test_a_table_of_the_format_is_known_as_one_by_its_ending(sample: tuple[str, Path]) -> None:
    name, folder = sample
    declared = getattr(plugins.load(PACKAGE, name), "ENDINGS", None)
    if declared is None:
        pytest.skip("it declares no endings of tables")
    assert sound(declared), "ENDINGS is a tuple of texts such as ('.csv',)"
    assert set(declared) <= set(table_endings())
    others = [each for each in survey(folder).beside if not each.endswith((".jpg", ".tar"))]
    assert all(each.endswith(declared) for each in others)


TOLD = """
from core.corpora._places import unfit

NEEDS = "captions.yml"
ENDINGS = (".yml",)


def recognises(path):
    return (path / "captions.yml").is_file() and (path / "images").is_dir()


def read(path):
    raise unfit(path, "told_in_yaml", NEEDS)
"""


WRONG = {
    "no_python": "this is no python",
    "a_text": 'ENDINGS = ".lst"',
    "no_comma": 'ENDINGS = (".lst")',
    "a_number": "ENDINGS = 5",
    "numbers": "ENDINGS = (1,)",
    "no_dot": 'ENDINGS = ("lst",)',
    "a_dot": 'ENDINGS = (".",)',
}
WRONG |= {
    name: f'NEEDS = ""\n{line}\ndef recognises(path): ...\ndef read(path): ...'
    for name, line in WRONG.items()
    if line.startswith("ENDINGS")
} | {"lacking": 'NEEDS = ""'}
"""Formats from outside that are broken: they stop nobody else."""


def test_a_format_from_outside_tells_which_tables_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = layout(tmp_path / "data", {"a.jpg": "", "b.jpg": "", "other.yml": "a.jpg: A cat\n"})
    before = table_endings()
    assert ".yml" not in before
    assert explain(data).formats == ("pictures",)
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "told_in_yaml.py").write_text(TOLD)
    for name, line in WRONG.items():
        (tmp_path / "formats" / f"{name}.py").write_text(f"{line}\n")
    path = [*core.corpora.__path__, str(tmp_path / "formats")]
    with monkeypatch.context() as patch:
        patch.setattr(core.corpora, "__path__", path)
        assert set(table_endings()) == {*before, ".yml"}
        found = explain(data)
        assert (found.formats, "other.yml" in found.seen) == ((), True)
        told = formats()
        assert all(told[name].startswith("broken: ") for name in WRONG), told
        assert told["told_in_yaml"] == "captions.yml"
    for name in ("told_in_yaml", *WRONG):
        sys.modules.pop(f"{PACKAGE}.{name}", None)
    assert table_endings() == before


def test_auto_refuses_to_choose_among_several(tmp_path: Path, strangers: list[str]) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "x.stranger").touch()
    assert set(strangers) <= set(formats())
    with pytest.raises(InputError, match=f"fits {' and '.join(strangers)}; choose one with"):
        read_corpus(folder)
    assert [read_corpus(folder, name).name for name in strangers] == strangers


@pytest.mark.parametrize("format", ["auto", *NAMES])
def test_a_missing_path(tmp_path: Path, format: str) -> None:
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        read_corpus(tmp_path / "nowhere", format)


def test_an_unknown_format_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"did you mean '{NAMES[0]}'"):
        read_corpus(tmp_path, f"{NAMES[0]}x")


def test_an_error_of_the_file_system_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *args: object) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "glob", refuse)
    with pytest.raises(InputError, match="Permission denied; check the path and permissions"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("reading", [Path.exists, Path.is_dir])
def test_recognising_reads_no_file(
    sample: tuple[str, Path], reading: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = sample
    assert reading(folder)

    def refuse(self: Path, *args: object, **kwargs: object) -> bytes:
        raise AssertionError(f"{self} was opened")

    for opener in ("open", "read_bytes", "read_text"):
        monkeypatch.setattr(Path, opener, refuse)
    for name in NAMES:
        plugins.load(PACKAGE, name).recognises(folder)
