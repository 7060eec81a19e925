"""`evaluate RUN --similarity PATH`, and `evaluate --from-similarity PATH` of ours and of others."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.predictions import Embeddings
from core.sealed import check_sealed
from core.similarities.reading import read_similarity
from evaluate.kept import verify_report
from evaluate.queries import read_queries
from tests.e2e.conftest import Chain, Type
from tests.e2e.test_average import second
from tests.e2e.test_bad_input import one_line
from tests.e2e.test_report import SAME, report
from train.trained import Trained

__all__ = ["second"]
MEASURED = ("images", "captions", "i2t", "t2i", "rsum", "tied_queries", "chance", "protocol")
TOLD = ("run", "recipe", "seed", "epoch", "model", "cache", "encoders", "corpus", "split")


@pytest.fixture(scope="module")
def kept(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an answer, and beside it the matrix."""
    from tests.e2e.conftest import typed

    folder = tmp_path_factory.mktemp("kept")
    words = ("--out", folder / "answer", "--similarity", folder / "scores.h5")
    typed("evaluate", chain.run, *words)
    return folder


def product(folder: Path, name: str = "embeddings.npz") -> np.ndarray[Any, Any]:
    made = Embeddings.load(folder, name)
    assert made.caption is not None
    return made.image.value.astype(float) @ made.caption.value.astype(float).T


def test_the_matrix_is_that_of_the_vectors_beside_the_report(kept: Path, chain: Chain) -> None:
    found, told = read_similarity(kept / "scores.h5"), report(kept / "answer")
    np.testing.assert_allclose(found.value, product(kept / "answer"), rtol=1e-12, atol=1e-12)
    made = Embeddings.load(kept / "answer")
    assert made.caption is not None
    assert found.image_id.tolist() == made.image.id.tolist()
    assert found.caption_id.tolist() == made.caption.id.tolist()
    assert {name: found.facts[name] for name in TOLD} == {name: told[name] for name in TOLD}
    assert (found.words, found.protocol) == ("inner product in float64", "retrieval")
    assert str(chain.run.parent) not in json.dumps(found.facts)


def test_a_file_of_ours_has_the_report_of_its_run(kept: Path, tencrop: Type) -> None:
    said = tencrop("evaluate", "--from-similarity", kept / "scores.h5")
    assert said.code == 0, said.err
    facts, own = report(kept / "scores-eval-test"), report(kept / "answer")
    assert {name: facts[name] for name in MEASURED} == {name: own[name] for name in MEASURED}
    assert {name: facts[name] for name in TOLD} == {name: own[name] for name in TOLD}
    assert facts["table"] == own["table"]
    assert said.out == f"{facts['table']}\n{facts['line']}\n"
    assert facts["similarity"]["sha256"] == read_similarity(kept / "scores.h5").sha256
    assert facts["similarity"]["made_with"]["torch"] == own["torch"]
    assert check_sealed(kept / "scores-eval-test" / "report.json")
    assert verify_report(kept / "scores-eval-test") == []
    assert set(facts["files"]) == {"queries.npz"}
    for ours, theirs in zip(
        *(read_queries(kept / name) for name in ("scores-eval-test", "answer")), strict=True
    ):
        assert ours.id.tolist() == theirs.id.tolist()
        for name, values in theirs.values.items():
            assert ours.values[name].tolist() == values.tolist()
    before = (kept / "scores-eval-test" / "report.json").read_bytes()
    again = tencrop("evaluate", "--from-similarity", kept / "scores.h5")
    assert (again.code, again.out) == (0, said.out)
    assert SAME in again.err
    assert (kept / "scores-eval-test" / "report.json").read_bytes() == before


def test_other_measures_are_another_answer(kept: Path, tencrop: Type, tmp_path: Path) -> None:
    words = ("--measures", "average_precision", "--ties")
    said = tencrop("evaluate", "--from-similarity", kept / "scores.h5", *words)
    assert said.code == 0, said.err
    facts = report(kept / "scores-eval-test-measures-average_precision-by-ties")
    assert "map" in facts["i2t"]
    assert "r1" not in facts["i2t"]
    assert facts["ties"]["i2t"]["open"] >= 0
    there = tencrop("evaluate", "--from-similarity", kept / "scores.h5", "--out", kept / "answer")
    one_line(there, "answers another question")
    out = tmp_path / "out"
    assert tencrop("evaluate", "--from-similarity", kept / "scores.h5", "--out", out).code == 0
    assert report(out)["rsum"] == facts["rsum"]


def test_a_matrix_that_is_there_is_not_made_again(
    kept: Path, chain: Chain, tencrop: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (kept / "scores.h5").read_bytes()
    monkeypatch.setattr(Trained, "predict", None)
    words = ("evaluate", chain.run, "--out", kept / "answer", "--similarity")
    said = tencrop(*words, kept / "scores.h5")
    assert said.code == 0, said.err
    assert "holds the similarities of this answer already" in said.err
    other = tencrop(*words, kept / "again.h5")  # of the vectors that the answer keeps
    assert other.code == 0, other.err
    assert (kept / "again.h5").read_bytes() == before
    (kept / "again.h5").write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    mended = tencrop(*words, kept / "again.h5")
    assert mended.code == 0, mended.err
    assert (kept / "again.h5").read_bytes() == before


def test_nothing_else_is_written_over(
    kept: Path, chain: Chain, tencrop: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trained, "predict", None)
    note, folder = tmp_path / "note.txt", tmp_path / "folder"
    note.write_text("mine")
    folder.mkdir()
    for path in (note, folder):
        said = tencrop("evaluate", chain.run, "--split", "val", "--similarity", path)
        one_line(said, f"{path} is no similarity file of `evaluate`; name another file with")
    assert note.read_text() == "mine"
    before = (kept / "scores.h5").read_bytes()
    said = tencrop("evaluate", chain.run, "--split", "val", "--similarity", kept / "scores.h5")
    one_line(said, "is of another question (another split and another corpus); name another file")
    assert (kept / "scores.h5").read_bytes() == before


def test_of_several_runs_it_is_the_mean(
    chain: Chain, second: Path, tencrop: Type, tmp_path: Path
) -> None:
    path, both = tmp_path / "mean.h5", tmp_path / "both"
    said = tencrop("evaluate", chain.run, second, "--out", both, "--similarity", path)
    assert said.code == 0, said.err
    mean = (product(both, "embeddings-1.npz") + product(both, "embeddings-2.npz")) / 2
    np.testing.assert_allclose(read_similarity(path).value, mean, rtol=1e-12, atol=1e-12)
    told = tencrop("evaluate", "--from-similarity", path)
    assert told.code == 0, told.err
    facts, own = report(tmp_path / "mean-eval-test"), report(both)
    for name in ("i2t", "t2i", "rsum", "tied_queries"):
        assert facts[name] == own[name], name
    assert facts["run"] == own["run"]
    assert "mean of 2 models' inner product in float64" in facts["protocol"]


def others(path: Path, value: Any, **changed: Any) -> Path:
    """A matrix as another system writes it: of 3 images and 4 captions."""
    contents = {
        "similarity": value,
        "image_id": ["a.jpg", "b.jpg", "c.jpg"],
        "caption_id": [10, 11, 12, 13],
        "owner": [0, 1, 1, 2],
    }
    with h5py.File(path, "w") as file:
        for name, values in {**contents, **changed}.items():
            file[name] = values
    return path


VALUE = np.array([[9.0, 1, 8, 0], [2, 5, 9, 7], [0, 6, 1, 3]], dtype=np.float32)


def test_the_matrix_of_another_system_is_ranked(tencrop: Type, tmp_path: Path) -> None:
    words = ("--measures", "mean_rank,recall")
    said = tencrop("evaluate", "--from-similarity", others(tmp_path / "theirs.h5", VALUE), *words)
    assert said.code == 0, said.err
    facts = report(tmp_path / "theirs-eval-measures-mean_rank+recall")
    assert facts["i2t"]["mean_rank"] == pytest.approx((1 + 1 + 2) / 3)
    assert facts["t2i"]["mean_rank"] == pytest.approx((1 + 2 + 1 + 2) / 4)
    assert (facts["run"], facts["split"], facts["corpus"]) == ("theirs", None, None)
    assert "stored similarity" in facts["protocol"]
    assert str(tmp_path) not in json.dumps(facts)


def test_two_systems_and_their_mean_are_one_table(tencrop: Type, tmp_path: Path) -> None:
    first = others(tmp_path / "first.h5", VALUE)
    turned = others(
        tmp_path / "turned.h5", -VALUE[:, ::-1], caption_id=[13, 12, 11, 10], owner=[2, 1, 1, 0]
    )
    words = ("evaluate", "--from-similarity", first, "--from-similarity", turned)
    one_line(tencrop(*words), "name a folder with --out")
    said = tencrop(*words, "--out", tmp_path / "both")
    assert said.code == 0, said.err
    facts = report(tmp_path / "both")
    assert facts["run"] == ["first", "turned"]
    assert facts["tied_queries"] == 7  # the one is minus the other: all scores of the mean are 0
    assert len(facts["each"]) == 2
    assert "run 2, turned: rsum" in said.out


def test_the_mean_of_three_systems_follows_from_no_order(tencrop: Type, tmp_path: Path) -> None:
    """Each pair has .1, .2 and .3; where they are added as they come, not all means are .2."""
    turn = np.arange(12).reshape(3, 4) % 3
    scores = np.array([0.1, 0.2, 0.3])
    paths = [others(tmp_path / f"{n}.h5", scores[(turn + n) % 3]) for n in range(3)]
    numbers = []
    for name, order in (("on", paths), ("back", paths[::-1])):
        words = [word for path in order for word in ("--from-similarity", path)]
        said = tencrop("evaluate", *words, "--ties", "--out", tmp_path / name)
        assert said.code == 0, said.err
        facts = report(tmp_path / name)
        assert facts["tied_queries"] == 7
        numbers.append([facts[each] for each in ("i2t", "t2i", "rsum", "ties")])
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("ours", [True, False])
def test_a_matrix_twice_is_refused(ours: bool, kept: Path, tencrop: Type, tmp_path: Path) -> None:
    path, copy = tmp_path / "one.h5", tmp_path / "copy.h5"
    others(path, VALUE)
    if ours:
        path.write_bytes((kept / "scores.h5").read_bytes())
    copy.write_bytes(path.read_bytes())
    for again, why in [
        (path, f"{path} is given twice; give it once"),
        (copy, f"{copy} and {path} are one matrix, given twice; give it once"),
    ]:
        words = ("--from-similarity", path, "--from-similarity", again)
        one_line(tencrop("evaluate", *words, "--out", tmp_path / "out"), why)
    assert not (tmp_path / "out").exists()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a NaN": ({"similarity": np.where(VALUE == 3, np.nan, VALUE)},
              "of image 'c.jpg' and caption '13' is nan; make the matrix again"),
    "a shape": ({"similarity": VALUE[:, :3]}, r"theirs.h5: similarity is (3, 3) float32"),
    "an owner": ({"owner": [0, 1, 1, 3]}, "rows of images are 0 to 2; make the matrix again"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "why"), WRONG.values(), ids=WRONG)
def test_a_matrix_that_is_none_is_one_line(
    changed: dict[str, Any], why: str, tencrop: Type, tmp_path: Path
) -> None:
    path = others(tmp_path / "theirs.h5", **{"value": VALUE, **changed})
    said = tencrop("evaluate", "--from-similarity", path)
    assert said.code == 1
    assert why in said.err.splitlines()[-1]
    assert said.err.splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "theirs-eval" / "report.json").exists()


def test_what_does_not_go_together_is_said(kept: Path, chain: Chain, tencrop: Type) -> None:
    words = ("evaluate", "--from-similarity", kept / "scores.h5")
    for more, flag in [
        ((chain.run,), "RUN"),
        (("--split", "val"), "--split"),
        (("--data", chain.data), "--data"),
        (("--cache", chain.cache), "--cache"),
        (("--similarity", kept / "x.h5"), "--similarity"),
    ]:
        one_line(tencrop(*words, *more), f"{flag}")
    nothing = tencrop("evaluate")
    assert nothing.code == 1
    assert "Missing argument" in nothing.err
