"""``index``: built, found again, damaged, of other vectors, below what was wanted."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.sealed import write_sealed
from pipeline.corpus import read
from pipeline.indexed import candidates, kept
from pipeline.indexed.asked import Asked, questions
from pipeline.indexed.library import Index
from tests.e2e.conftest import Chain, Said, Type


@pytest.fixture
def place(chain: Chain, tmp_path: Path) -> Path:
    """A folder for the vectors, which the run itself is left without."""
    return tmp_path / "vectors"


def built(tencrop: Type, chain: Chain, place: Path, *words: object) -> Said:
    return tencrop("index", chain.run, "--work", chain.work, "--out", place, *words)


def facts(place: Path, find: str = "pictures") -> dict[str, object]:
    found: dict[str, object] = json.loads((place / f"index-{find}.json").read_text())
    return found


@pytest.fixture(autouse=True)
def faiss() -> None:
    pytest.importorskip("faiss", reason="make setup EXTRAS=1 installs FAISS")


def test_it_is_built_beside_the_vectors_and_found_again(
    tencrop: Type, chain: Chain, place: Path
) -> None:
    said = built(tencrop, chain, place)
    assert (said.code, said.last) == (0, str(place / "index-pictures.json"))
    assert "flat: 64 vectors of pictures, " in said.out
    assert "recall@10 1.000 against exact search, of " in said.out
    told = facts(place)
    assert (told["kind"], told["count"]) == ("flat", 64)
    file = place / str(told["file"])
    before = file.stat().st_mtime_ns, file.read_bytes()
    again = built(tencrop, chain, place)
    assert again.out == said.out
    assert f"{file} is there" in again.err
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    flaw = bytearray(before[1])
    flaw[-1] ^= 1
    file.write_bytes(flaw)
    assert built(tencrop, chain, place).code == 0  # a damaged one is none
    assert file.read_bytes() == before[1]


def test_another_kind_takes_its_place(tencrop: Type, chain: Chain, place: Path) -> None:
    for kind in ("flat", "hnsw"):
        assert built(tencrop, chain, place, "--kind", kind, "--find", "captions").code == 0
    assert facts(place, "captions")["kind"] == "hnsw"
    assert len(list(place.glob("*.faiss"))) == 1


def test_below_the_recall_that_is_wanted_the_exit_code_is_2(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.indexed.kinds.CELL", 4)
    words = ("--kind", "ivf", "--effort", 1, "--find", "captions")
    for _ in range(2):  # built, and found
        said = built(tencrop, chain, place, *words)
        assert said.code == 2
        assert "recall@10 0." in said.out
        assert said.err.splitlines()[-1].startswith("error: the index finds 0.")
        assert "take a larger --effort, or none, or --kind hnsw or --kind flat" in said.err
    assert list(place.glob("*.faiss"))
    low = built(tencrop, chain, place, *words, "--recall", 0.01)
    assert low.code == 0
    assert "its recall is below 0.95, as was asked for" in low.err


def test_a_kill_leaves_the_one_that_was_there(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tencrop, chain, place)
    before = facts(place)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept, "write_sealed", killed)
        assert built(tencrop, chain, place, "--kind", "hnsw").code != 0
    assert facts(place) == before
    assert kept.load(place, "pictures", "")[1]["kind"] == "flat"
    assert built(tencrop, chain, place, "--kind", "hnsw").code == 0
    assert len(list(place.glob("*.faiss"))) == 1


def test_run_verify_compares_every_byte_of_an_index(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    run = shutil.copytree(chain.run, tmp_path / "run")
    words = ("index", run, "--data", chain.data, "--cache", chain.cache, "--work", chain.work)
    record = Path(tencrop(*words).last)
    assert record.parent.parent == run / "vectors"
    assert tencrop("run", "verify", run).code == 0
    told = kept.said(record.parent, "pictures")
    assert told is not None
    for damaged in (record.parent / str(told["file"]), record):
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
        said = tencrop("run", "verify", run)
        assert said.code == 1
        assert (
            "or its index, is damaged or gone; build it again with `index`" in said.err + said.out
        )
        assert tencrop(*words).code == 0
        assert tencrop("run", "verify", run).code == 0


def test_other_vectors_are_not_asked_by_it(tencrop: Type, chain: Chain, place: Path) -> None:
    built(tencrop, chain, place)
    other = shutil.copytree(place, place.with_name("other"))
    told = kept.said(other, "pictures")
    assert told is not None
    write_sealed(other / "index-pictures.json", {**told, "vectors": "0" * 64})
    with pytest.raises(InputError, match="vectors are others since the index was built; build it"):
        kept.load(other, "pictures", "a line")
    (place / str(told["file"])).unlink()
    with pytest.raises(InputError, match="is damaged or gone; build it again: a line$"):
        kept.load(place, "pictures", "a line")


@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_a_search_by_the_index_finds_what_exact_search_finds(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(candidates, "ALL_COMPARED", 3)
    (place.parent / "asked.txt").write_text("a red circle\na blue square\n")
    picture = next((chain.data / "images").iterdir())
    words = ("search", chain.run, "--work", chain.work, "--out", place, "-k", 5, "--json")
    asked = ("--texts", place.parent / "asked.txt", "--image", picture)
    none = tencrop(*words, *asked, "--index")
    assert (none.code, none.out) == (1, "")
    where = f"--out {place} --work {chain.work}"
    line = f"pipeline index {chain.run} --find pictures {where}\n"
    assert re.search(f"has no index of pictures; build one: .*{re.escape(line)}", none.err)
    said = built(tencrop, chain, place, "--kind", kind)
    line = f"pipeline search {chain.run} 'a red car' --find pictures --index {where}"
    assert re.search(f"next: .*{re.escape(line)}$", said.err.rstrip())
    for more in ((), ("--split", "test")):
        plain, by_index = (tencrop(*words, *asked, *more, *index) for index in ((), ("--index",)))
        assert plain.code == by_index.code == 0
        assert by_index.out == plain.out
        assert "index-pictures-" not in plain.err
        assert "recall@10 1.000 against exact search" in by_index.err
    timed = tencrop(*words, "a red circle", "--index", "--time")
    assert "search by the index of 64 vectors" in timed.err


def test_only_candidates_of_the_index_are_compared(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "ALL_COMPARED", 3)
    built(tencrop, chain, place)
    monkeypatch.setattr(Index, "nearest", lambda *_: np.array([[1, 2, 3, -1]]))
    words = ("search", chain.run, "a red circle", "--work", chain.work, "--out", place, "--json")
    found = tencrop(*words, "-k", 3, "--index")
    ids = [image.id for image in read(chain.data, "auto", chain.work).images[1:4]]
    assert sorted(each["id"] for each in json.loads(found.out)["results"]) == ids


def test_without_faiss_one_line(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    said = built(tencrop, chain, place)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines()[-1].endswith("which is not installed; type make setup EXTRAS=1")
    assert not place.exists()


def test_the_run_says_what_it_was_trained_on(
    tencrop: Type, chain: Chain, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[set[str]] = []

    def noted(here: Any, find: Any, trained_on: set[str], seed: int) -> Asked:
        told.append(trained_on)
        return questions(here, find, trained_on, seed)

    monkeypatch.setattr("pipeline.indexed.making.questions", noted)
    assert built(tencrop, chain, place).code == 0
    seen = json.loads((chain.run / "seen.json").read_text(encoding="utf-8"))
    assert told == [{image_id for image_id, _ in seen["train"]}]
    assert told[0]
