"""``export``: read back row by row, against what the run predicts and the corpus holds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.matrices import open_matrix
from core.sealed import check_sealed
from pipeline.corpus import read
from pipeline.exported import kept, rows
from tests.e2e.conftest import Chain, Said, Type
from tests.e2e.test_bad_input import one_line

Table = tuple[list[dict[str, Any]], npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> Path:
    """The collection of the chain, kept once."""
    from pipeline.searched.collect import collect
    from pipeline.stages.terms import Terms

    folder = tmp_path_factory.mktemp("vectors") / "own"
    collect(chain.run, terms=Terms(work=chain.work), out=folder)
    return folder


def exported(tencrop: Type, chain: Chain, *words: object) -> Said:
    said = tencrop("export", chain.run, "--work", chain.work, *words)
    assert said.code == 0, said.err
    return said


def tables(folder: Path, kind: str, side: str) -> Table:
    if kind == "npy":
        lines = (folder / f"{side}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines], np.load(folder / f"{side}.npy")
    parquet = pytest.importorskip("pyarrow.parquet", reason="make setup EXTRAS=1 installs pyarrow")
    found = parquet.read_table(folder / f"{side}.parquet").to_pylist()
    values = np.array([row.pop("vector") for row in found], dtype=np.float32)
    return found, values


@pytest.mark.parametrize("kind", ["parquet", "npy"])
@pytest.mark.parametrize("splits", [(), ("test",), ("val", "test")])
def test_every_row_is_what_the_corpus_and_the_run_say(
    tencrop: Type,
    chain: Chain,
    vectors: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    splits: tuple[str, ...],
) -> None:
    monkeypatch.setattr(rows, "NUMBERS", 32 * 7)  # groups of seven rows
    words = [word for split in splits for word in ("--split", split)]
    said = exported(tencrop, chain, "--as", kind, "--out", tmp_path / "out", *words)
    assert said.last == str(tmp_path / "out")
    corpus = read(chain.data, "auto", chain.work)
    keep = [not splits or image.split in splits for image in corpus.images]
    pictures, values = tables(tmp_path / "out", kind, "pictures")
    assert np.array_equal(values, open_matrix(vectors / "image.npy")[keep])
    part = corpus.split(*splits) if splits else corpus
    assert [row["id"] for row in pictures] == [image.id for image in part.images]
    assert [row["split"] for row in pictures] == [image.split for image in part.images]
    assert [row["path"] for row in pictures] == [str(image.place) for image in part.images]
    captions, values = tables(tmp_path / "out", kind, "captions")
    assert np.array_equal(
        values, open_matrix(vectors / "caption.npy")[np.array(keep)[corpus.owner]]
    )
    assert [row["text"] for row in captions] == [caption.text for caption in part.captions]
    of = [part.images[owner].id for owner in part.owner]
    assert [row["picture"] for row in captions] == of
    both = [(row["id"], text) for row in pictures for text in row["captions"]]
    assert both == [(row["picture"], row["text"]) for row in captions]


def test_it_says_what_it_is_and_how_it_is_asked(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="make setup EXTRAS=1 installs pyarrow")
    said = exported(tencrop, chain, "--out", tmp_path / "out")
    assert "64 pictures, " in said.err
    assert "vectors of 32 float32; ask by the inner product with what `embed` gives" in said.err
    assert check_sealed(tmp_path / "out" / "export.json")
    told = json.loads((tmp_path / "out" / "export.json").read_text())
    assert told["unit"] == {"pictures": True, "captions": True}
    assert told["ask"] == {
        "metric": "inner product",
        "append": {"other side": [], "same side": []},
    }
    schema = parquet.read_schema(tmp_path / "out" / "pictures.parquet")
    inside = json.loads(schema.metadata[b"tencrop"])
    assert inside == {name: told[name] for name in inside}
    assert {"run", "model", "similarity", "unit", "ask", "dim"} <= set(inside)
    assert str(schema.field("vector").type) == "fixed_size_list<element: float>[32]"


def test_it_is_found_again_and_nothing_else_is_written_over(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    first = exported(tencrop, chain, "--as", "npy")
    assert Path(first.last).parent == chain.work / "exports"
    again = exported(tencrop, chain, "--as", "npy")
    assert again.last == first.last
    assert f"{first.last} is there" in again.err
    words = ("export", chain.run, "--work", chain.work, "--as", "npy", "--out")
    other = tencrop(*words, first.last, "--split", "test")
    assert (other.code, other.out) == (1, "")
    why = "holds an export of something else; move it away, or choose another --out"
    assert why in other.err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").touch()
    why = "is there, and is no whole export; move it away, or choose another --out"
    assert why in tencrop(*words, "mine").err
    (Path(first.last) / "captions.npy").write_bytes(b"cut")
    why = "is not as it was written; move it away, or choose another --out"
    assert why in tencrop(*words, first.last).err


@pytest.mark.parametrize("damaged", ["captions.npy", "export.json"])
def test_what_is_damaged_in_the_work_folder_is_written_anew(
    tencrop: Type, chain: Chain, damaged: str
) -> None:
    folder = Path(exported(tencrop, chain, "--as", "npy").last)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    (folder / damaged).write_bytes(b"cut")
    again = exported(tencrop, chain, "--as", "npy")
    assert again.last == str(folder)
    assert f"{folder} is there" not in again.err
    assert before == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_has_the_runs_name_also_from_inside_the_run(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported(tencrop, chain, "--as", "npy")
    monkeypatch.chdir(chain.run)
    said = tencrop("export", ".", "--work", chain.work, "--as", "npy")
    assert said.last == first.last
    told = json.loads((Path(said.last) / "export.json").read_text())
    assert told["run"] == chain.run.name


def test_a_kill_leaves_nothing(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kept, "write_sealed", killed)
    out = tmp_path / "there" / "out"
    said = tencrop("export", chain.run, "--work", chain.work, "--as", "npy", "--out", out)
    assert said.code != 0
    assert list(out.parent.iterdir()) == []


def test_a_split_that_is_none_is_one_line(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    said = tencrop("export", chain.run, "--work", chain.work, "--split", "tset")
    assert (said.code, said.out) == (1, "")
    assert "'test'" in said.err


def test_format_is_how_data_is_laid_out_as_in_every_command(tencrop: Type, chain: Chain) -> None:
    words = ("export", chain.run, "--work", chain.work, "--data", chain.data)
    said = tencrop(*words, "--format", "npy")
    assert (said.code, said.out) == (1, "")
    assert "'npy'" in said.err
    one_line(tencrop(*words, "--data-format", "scenes"), "No such option '--data-format'")
