"""What a process has read is handed on; what it has not compared is compared."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.corpora import formats
from core.records import Corpus
from pipeline.memory import once as module
from pipeline.memory.once import Once


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "images").mkdir(parents=True)
    for name in "abc":
        (tmp_path / "data" / "images" / f"{name}.jpg").touch()
    (tmp_path / "data" / "captions.csv").write_text(
        "image,caption,split\na.jpg,a dog,train\nb.jpg,a cat,test\nc.jpg,,val\n"
    )
    return tmp_path / "data"


def cache(path: Path) -> SimpleNamespace:
    return SimpleNamespace(path=path, manifest={"fields": {"backbone": "none"}})


def test_a_corpus_is_read_once_and_its_notes_are_said_once(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Once(data.parent / "work")
    first = shared.corpus(data, "auto")
    monkeypatch.chdir(data)
    assert shared.corpus(Path(), "auto") is first
    assert capsys.readouterr().err.count("1 empty caption dropped") == 1
    assert "folder" in formats()
    assert shared.corpus(data, "folder") is not first


def test_a_part_of_what_was_compared_is_not_compared_again(data: Path, tmp_path: Path) -> None:
    shared = Once(tmp_path / "work")
    whole = shared.corpus(data, "auto")
    there, elsewhere = cache(tmp_path / "one"), cache(tmp_path / "two")
    assert shared.sample(whole, there, 7) == 7
    shared.compared(whole, tmp_path / "one", whole=False)
    assert shared.sample(whole, there, 7) == shared.sample(whole.split("test"), there, 7) == 0
    assert shared.sample(whole, elsewhere, 7) == 7
    # The same pictures read anew may be other files by now.
    assert shared.sample(Once(tmp_path / "work").corpus(data, "auto"), there, 7) == 7


def test_a_cache_is_opened_once_and_hashed_unless_it_was_compared(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, bool]] = []

    def note(path: Path, *, check: bool) -> SimpleNamespace:
        opened.append((path.name, check))
        return cache(path)

    monkeypatch.setattr(module, "FeatureCache", note)
    shared = Once(tmp_path / "work")
    corpus: Corpus = shared.corpus(data, "auto")
    shared.compared(corpus, tmp_path / "made", whole=False)
    shared.compared(corpus, tmp_path / "found", whole=True)
    for name in ("made", "found", "other", "found"):
        assert shared.cache(tmp_path / name) is shared.cache(tmp_path / name)
    assert opened == [("made", True), ("found", False), ("other", True)]
