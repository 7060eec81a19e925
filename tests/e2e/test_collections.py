"""The vectors of a run over a corpus: computed once, found again, and never stale."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import RunError, SettingError
from core.lock import LOCK, exclusive
from core.sealed import read_sealed, write_sealed
from pipeline.inventory import run_check
from pipeline.searched import collect as module
from pipeline.searched import kept, turn
from pipeline.searched.collect import collect
from pipeline.searched.collection import Collection
from pipeline.searched.galleries import Galleries
from pipeline.stages.terms import CorpusAt, Terms
from tests.e2e.conftest import Chain, Restored, Type

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, Restored]:
    """A copy of the chain's corpus and run, whose vectors were made."""
    root = tmp_path_factory.mktemp("collections")
    data = shutil.copytree(chain.data, root / "scenes")
    alone = shutil.ignore_patterns(kept.VECTORS)
    run = shutil.copytree(chain.run, root / "runs" / "r", ignore=alone)
    own = chain._replace(data=data, run=run)
    asked(own)
    return own, Restored.of(run)


@pytest.fixture
def here(made: tuple[Chain, Restored]) -> Chain:
    """As it was made."""
    made[1].put_back()
    return made[0]


def asked(chain: Chain, *, out: Path | None = None) -> Collection:
    terms = Terms(work=chain.work, device="cpu")
    return collect(chain.run, terms=terms, data=CorpusAt(chain.data), out=out)


def never(*_: object) -> None:
    raise AssertionError("the vectors are there")


def own_of(chain: Chain) -> Path:
    return chain.run / kept.VECTORS / "own"


def test_all_pictures_and_captions_have_the_vectors_that_evaluate_has(
    here: Chain, tencrop: Type
) -> None:
    found = asked(here)
    assert found.folder == own_of(here)
    assert {image.split for image in found.corpus.images} == {"train", "val", "test"}
    assert [image.id for image in found.corpus.images] == found.images.id.tolist()
    assert found.captions is not None
    assert [caption.id for caption in found.corpus.captions] == found.captions.id.tolist()
    assert isinstance(found.images.value, np.memmap)
    assert tencrop("evaluate", here.run, "--data", here.data, "--work", here.work).code == 0
    with np.load(here.run / "eval-test" / "embeddings.npz") as then:
        for side, vectors in (("image", found.images), ("caption", found.captions)):
            row = {str(name): number for number, name in enumerate(vectors.id)}
            rows = [row[name] for name in then[f"{side}_id"]]
            assert np.allclose(vectors.value[rows], then[f"{side}_vector"], atol=1e-6)
    with np.load(here.run / "eval-test" / "queries.npz") as queries:
        assert ranks(found) == queries["t2i_value_mean_rank"].tolist()


def ranks(found: Collection) -> list[int]:
    """Where the own picture of each caption of the test split stands."""
    assert found.captions is not None
    galleries, among = Galleries(found), found.pictures_of(["test"])
    rows = np.flatnonzero(found.captions_of(["test"]))
    near = [galleries.near(found.captions.value[[row]], 99, "pictures", among) for row in rows]
    owners = found.corpus.owner[rows]
    return [each.row.tolist().index(o) + 1 for each, o in zip(near, owners, strict=True)]


def test_what_is_there_is_found_and_nothing_is_computed(
    here: Chain, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(module, "_made", never)
    assert asked(here).images.value.shape == (64, 32)
    assert "vectors" not in capsys.readouterr().err


def test_nothing_that_computes_is_loaded_for_what_is_there(here: Chain) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from pipeline.searched.collect import collect\n"
        "from pipeline.stages.terms import CorpusAt, Terms\n"
        f"collect(Path({str(here.run)!r}), terms=Terms(work=Path({str(here.work)!r})), "
        f"data=CorpusAt(Path({str(here.data)!r})))\n"
        "assert not {'torch', 'torchvision', 'nltk', 'pyarrow'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=here.work)


def test_edited_captions_are_encoded_anew(here: Chain, capsys: Capture) -> None:
    """Of a corpus that is not the run's own: after one edit it is another one than that."""
    file = here.data / "scenes.json"
    text = file.read_text(encoding="utf-8")
    told = json.loads(text)
    found = []
    try:
        for number in range(2):
            told["pictures"][0]["captions"][1] += " and a red square"
            file.write_text(json.dumps(told), encoding="utf-8")
            found.append(np.array(asked(here).captions.value))  # type: ignore[union-attr]
            said = capsys.readouterr().err
            assert ("captions of scenes have changed; its vectors are made anew" in said) == number
    finally:
        file.write_text(text, encoding="utf-8")
    assert (np.abs(found[1] - found[0]).max(axis=1) > 1e-6).sum() == 1
    assert [folder.name[:7] for folder in kept.collections(here.run)] == ["own", "scenes-"]


def changed(chain: Chain, **facts: object) -> None:
    """Let the collection say that it follows from something else."""
    file = own_of(chain) / kept.SAID
    write_sealed(file, {**read_sealed(file), **facts})


def test_a_run_that_went_on_has_its_vectors_made_anew(here: Chain, capsys: Capture) -> None:
    changed(here, model="0" * 64)
    asked(here)
    assert "the model of the run is another by now; its vectors" in capsys.readouterr().err
    asked(here)
    assert "anew" not in capsys.readouterr().err


def test_a_cache_that_has_changed_gives_no_stale_vectors(here: Chain, capsys: Capture) -> None:
    caches = read_sealed(own_of(here) / kept.SAID)["caches"]
    changed(here, caches=[{**each, "shards": "0" * 64} for each in caches])
    asked(here)
    assert f"the cache {here.cache} has changed; its vectors are" in capsys.readouterr().err


def test_a_run_without_its_cache_is_searched_by_the_vectors_that_are_there(
    here: Chain, capsys: Capture
) -> None:
    away = here.cache.with_name("away")
    here.cache.rename(away)
    try:
        assert asked(here).images.value.shape == (64, 32)
        assert f"the cache {here.cache} is gone; the vectors" in capsys.readouterr().err
    finally:
        away.rename(here.cache)


@pytest.mark.parametrize("name", ["image.npy", "caption.npy", kept.IDS, kept.SAID])
def test_what_is_damaged_is_made_anew_and_told_by_verify(
    here: Chain, capsys: Capture, name: str
) -> None:
    before = np.array(asked(here).images.value)
    file = own_of(here) / name
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    told = run_check.problems(here.run)
    assert [name in each for each in told] == [True]
    assert told[0].endswith("makes them anew")
    assert np.array_equal(asked(here).images.value, before)
    assert run_check.problems(here.run) == []


@pytest.mark.parametrize("step", ["_write_matrix", "write_json", "write_sealed"])
def test_what_is_interrupted_does_not_count_and_is_made_anew(
    here: Chain, tencrop: Type, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = np.array(asked(here).images.value)
    shutil.rmtree(here.run / kept.VECTORS)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept, step, interrupted)
        assert tencrop("search", here.run, "a circle", "--work", here.work).code == 130
    assert kept.collections(here.run) == []
    assert np.array_equal(asked(here).images.value, before)
    assert run_check.problems(here.run) == []


def test_where_a_run_cannot_be_written_they_stay_in_memory_or_go_elsewhere(
    here: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    shutil.rmtree(here.run / kept.VECTORS)
    monkeypatch.setattr(module, "is_writable", lambda folder: here.run not in folder.parents)
    found = asked(here)
    assert (found.folder, found.images.value.shape) == (None, (64, 32))
    assert "in memory alone; --out DIR keeps them" in capsys.readouterr().err
    assert not (here.run / kept.VECTORS).exists()
    elsewhere = asked(here, out=tmp_path / "kept")
    assert elsewhere.folder == tmp_path / "kept"
    assert np.array_equal(elsewhere.images.value, found.images.value)


def test_who_comes_second_waits_and_takes_what_the_first_has_written(
    here: Chain, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, away = own_of(here), here.run / "away"
    folder.rename(away)
    first = exclusive(folder)
    first.__enter__()

    def written(seconds: float) -> None:
        for file in away.iterdir():
            if file.name != LOCK:
                shutil.copy(file, folder)
        first.__exit__(None, None, None)

    with monkeypatch.context() as patched:
        patched.setattr(turn, "time", SimpleNamespace(sleep=written))
        patched.setattr(kept, "write", never)
        found = asked(here)
    assert found.folder == folder
    told = capsys.readouterr().err
    assert told.count(f"{folder} is being written by process ") == 1
    assert "; waits until that ends" in told


def test_list_and_info_tell_of_them(here: Chain, tencrop: Type) -> None:
    assert run_check.info(here.run)["vectors"] == ["own"]
    work = here.run.parents[1]
    told = json.loads(tencrop("list", "--json", "--work", work).out)
    assert told["runs"][0]["vectors"] == ["own"]
    said = tencrop("remove", "r", "--work", work)
    assert "with the vectors of 1 collection that are searched: own" in said.err
    (own_of(here) / "mine.txt").write_text("mine")
    said = tencrop("remove", "r", "--work", work, "--yes")
    assert "holds 'vectors/own/mine.txt', which no command wrote" in said.err
    (own_of(here) / "mine.txt").unlink()
    assert tencrop("remove", "r", "--work", work, "--yes").code == 0
    assert not here.run.exists()


@pytest.mark.parametrize(
    "files",
    [
        {"image.npy": b"mine"},
        {"collection.json": b'{"mine":1}'},
        {"collection.json": b'{"mine":1}', ".lock": b"process 7 on here\n"},
        {"ids.json": b"[]", "collection.json": b"my coins"},
        {"caption.npy": b"mine", ".lock": b"of another program"},
    ],
)
def test_an_out_that_holds_something_else_is_left_alone(
    here: Chain, tmp_path: Path, files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RunError, match="choose another --out"):
        asked(here, out=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize("left", [b"", b'{\n "biased": fal', b'{"format": "tencrop-collection/0"}'])
def test_what_is_left_of_a_collection_of_ours_is_no_stranger(tmp_path: Path, left: bytes) -> None:
    (tmp_path / kept.SAID).write_bytes(left)
    (tmp_path / "image.npy").write_bytes(b"half")
    if not left:
        (tmp_path / ".lock").write_bytes(b"process 7 on here\n")
    kept.refuse_strangers(tmp_path)


def test_no_vectors_are_written_into_the_corpus(here: Chain) -> None:
    with pytest.raises(SettingError, match="inside the corpus .*; choose another --out"):
        asked(here, out=here.data / "vectors")
    assert not (here.data / "vectors").exists()
