"""`embed RUN`: a run's vectors of a corpus, or of sentences, as files for other programs."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from core.corpora import read_corpus
from core.predictions import Embeddings
from tests.e2e.conftest import Chain, Type, said_by
from tests.e2e.test_bad_input import one_line

KNOWN = "a red circle"


@pytest.fixture(scope="module")
def asked(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Embeddings]:
    """A work folder, and what `evaluate` keeps of the run's test split."""
    out = tmp_path_factory.mktemp("asked")
    said_by("evaluate", chain.run, "--out", out / "eval", "--work", chain.work)
    return out, Embeddings.load(out / "eval")


def ids(folder: Path, name: str) -> list[str]:
    found: list[str] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["ids"]
    return found


def test_a_split_of_the_runs_own_corpus_has_the_vectors_that_evaluate_keeps(
    tencrop: Type, chain: Chain, asked: tuple[Path, Embeddings]
) -> None:
    folder, kept = asked
    typed = ("embed", chain.run, "--split", "test", "--out", folder / "v", "--work", chain.work)
    said = tencrop(*typed)
    assert said.code == 0, said.err
    assert said.last == str(folder / "v")
    assert f"written: {folder / 'v'}/images.npy, 12 vectors of 32 float32 numbers" in said.err
    assert kept.caption is not None
    for name, side in (("images", kept.image), ("captions", kept.caption)):
        found = np.load(folder / "v" / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        assert found.dtype == np.float32
        assert found.flags.c_contiguous
        assert ids(folder / "v", name) == side.id.tolist()
        np.testing.assert_allclose(found, side.value, atol=1e-6)
    before = {file.name: file.read_bytes() for file in (folder / "v").iterdir()}
    assert tencrop(*typed).last == said.last
    assert before == {file.name: file.read_bytes() for file in (folder / "v").iterdir()}


def test_every_split_unless_one_is_named_in_a_folder_by_what_is_in_it(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    said = tencrop("embed", chain.run, "--work", chain.work)
    folder = Path(said.last)
    assert folder.parent == chain.work / "embedded"
    assert folder.name.startswith(f"{chain.run.name}-scenes-")
    corpus = read_corpus(chain.data, "auto")
    assert ids(folder, "images") == [image.id for image in corpus.images]
    assert ids(folder, "captions") == [caption.id for caption in corpus.captions]
    other = tencrop("embed", chain.run, "--split", "val", "--work", chain.work)
    assert Path(other.last).name.startswith(f"{chain.run.name}-scenes-val-")


def test_pictures_of_another_corpus_without_a_caption(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    files = sorted(chain.data.rglob("test-*.png"))[:3]
    for file in files:
        (photos / file.name).write_bytes(file.read_bytes())
    said = tencrop("embed", chain.run, "--data", photos, "--out", "v", "--work", tmp_path / "w")
    assert said.code == 0, said.err
    assert ids(tmp_path / "v", "images") == [file.name for file in files]
    assert not (tmp_path / "v" / "captions.npy").exists()


def test_sentences_of_a_file_are_rows_by_their_lines(
    tencrop: Type, chain: Chain, asked: tuple[Path, Embeddings], tmp_path: Path
) -> None:
    _, kept = asked
    assert kept.caption is not None
    text = {caption.id: caption.text for caption in read_corpus(chain.data, "auto").captions}
    some = kept.caption.id[:2].tolist()
    file = tmp_path / "s.txt"
    file.write_text(f"{text[some[0]]}\n\n  {text[some[1]]} \r\na red zebra\n")
    said = tencrop("embed", chain.run, "--texts", file, "--work", tmp_path / "w")
    assert said.code == 0, said.err
    assert "s.txt: 1 blank line left out" in said.err
    assert "that the run does not know (" in said.err
    assert "line 4: zebra" in said.err
    assert ids(Path(said.last), "captions") == ["1", "3", "4"]
    found = np.load(Path(said.last) / "captions.npy")
    np.testing.assert_allclose(found[:2], kept.caption.value[:2], atol=1e-6)
    told = json.loads((Path(said.last) / "captions.json").read_text())
    assert told["texts"][1] == text[some[1]]
    assert told["unknown"]["4"] == ["zebra"]
    assert told["similarity"] == "inner"


def test_sentences_of_stdin(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(KNOWN.encode()))
    monkeypatch.setattr("sys.stdin", typed)
    said = tencrop("embed", chain.run, "--texts", "-", "--work", tmp_path / "w")
    assert np.load(Path(said.last) / "captions.npy").shape == (1, 32)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "s.txt holds no sentence; write one a line"),
        (b"\n \n", "s.txt holds no sentence"),
        (b"a red circle\ncaf\xe9\n", "s.txt, line 2: no UTF-8; save it as UTF-8"),
        (b"a red circle\n" + b"a " * 5_000_000, "s.txt, line 2 has 10,000,000 characters"),
        (b"a red circle\nzebra xylophone\n", "s.txt, line 2 (zebra, xylophone); leave it out"),
        (b"?\n", "s.txt, line 1 holds no word"),
        (b"a red\0circle\n", "s.txt, line 1 is no text"),
    ],
)
def test_what_is_no_sentence_is_one_line(
    tencrop: Type, chain: Chain, tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "s.txt"
    file.write_bytes(content)
    said = tencrop("embed", chain.run, "--texts", file, "--out", "v", "--work", tmp_path / "w")
    assert said.code == 1
    one_line(said, why)
    assert not Path("v").exists()


def test_what_does_not_go_together_is_one_line(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    one_line(
        tencrop("embed", chain.run, "--texts", "s.txt", "--split", "val"),
        "leave --data, --cache and --split out",
    )
    one_line(tencrop("embed", chain.run, "--texts", "s.txt"), "s.txt")
    one_line(tencrop("embed", chain.run, "--split", "restval", "--work", chain.work), "restval")


def test_what_others_have_put_there_stays(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    file, folder = tmp_path / "s.txt", tmp_path / "v"
    file.write_text(KNOWN)
    folder.mkdir()
    np.save(folder / "captions.npy", np.zeros(3))
    typed = ("embed", chain.run, "--texts", file, "--out", folder, "--work", tmp_path / "w")
    why = "or that have lost their captions.json; move them away, or name another folder with --out"
    one_line(tencrop(*typed), why)
    assert np.load(folder / "captions.npy").tolist() == [0, 0, 0]


def test_what_was_cut_short_is_written_by_the_same_command(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "s.txt"
    file.write_text(KNOWN)
    for where in (("--out", tmp_path / "v"), ()):
        typed = ("embed", chain.run, "--texts", file, "--work", tmp_path / "w", *where)
        with monkeypatch.context() as patch:
            patch.setattr("core.vector_files._save", killed)
            assert tencrop(*typed).code != 0
        folder = Path(tencrop(*typed).last)
        assert sorted(path.name for path in folder.iterdir()) == ["captions.json", "captions.npy"]
    (folder / "captions.json").unlink()
    assert tencrop(*typed).last == str(folder)
