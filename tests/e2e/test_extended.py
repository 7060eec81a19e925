"""``evaluate --protocol extended --positives FILE``: read early, part of the question, said."""

import json
import shutil
from pathlib import Path

import pytest

from core.predictions import Embeddings
from tests.e2e.conftest import Chain, Type
from tests.e2e.test_bad_input import one_line
from train.trained import Trained

ASK = ("--protocol", "extended", "--positives")


@pytest.fixture
def run(chain: Chain, tmp_path: Path) -> Path:
    """A copy of the run, without reports."""
    return shutil.copytree(
        chain.run, tmp_path / chain.run.name, ignore=shutil.ignore_patterns("eval-*")
    )


def test_a_table_of_ones_own(tencrop: Type, run: Path, tmp_path: Path) -> None:
    """Each caption of the first picture is right for the second one, too."""
    tencrop("evaluate", run)
    given = Embeddings.load(run / "eval-test")
    assert given.caption is not None
    assert given.owner is not None
    images, captions = given.image.id, given.caption.id
    pairs = [(images[o], c) for c, o in zip(captions, given.owner, strict=True)]
    pairs += [(images[1], c) for c in captions[given.owner == 0]]
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(["image,caption", *map(",".join, pairs), "gone.jpg,0"]))
    said = tencrop("evaluate", run, *ASK, file)
    assert said.code == 0, said.err
    (folder,) = run.glob("eval-test-extended-by-*")
    report = json.loads((folder / "report.json").read_text())
    assert report["i2t"]["positives"] == 65 / 12
    assert report["t2i"]["positives"] == 65 / 60
    assert len(report["asked"]["positives"]) == 1
    assert str(tmp_path) not in json.dumps(report)
    assert "right by mine.csv" in said.out
    assert "12 / 60 queries, 60 / 12 candidates, 5.42 / 1.08 right; ties by" in said.out
    assert "1 image of the files are not in this split, first 'gone.jpg': left out" in said.err
    moved = file.rename(tmp_path / "moved.csv")
    again = tencrop("evaluate", run, *ASK, moved)
    assert again.out == said.out
    assert "nothing that the answer follows from has changed" in again.err
    moved.write_text(moved.read_text().replace("gone", "away"))
    tencrop("evaluate", run, *ASK, moved)
    assert len(list(run.glob("eval-test-extended-by-*"))) == 2


def test_what_cannot_be_read_is_refused_before_anything_is_predicted(
    tencrop: Type, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trained, "predict", None)
    one_line(tencrop("evaluate", run, *ASK, tmp_path / "no.csv"), "no.csv: No such file")
    (tmp_path / "a.csv").write_text("image,text\n")
    one_line(tencrop("evaluate", run, *ASK, tmp_path / "a.csv"), "needs the columns image and")
    one_line(
        tencrop("evaluate", run, "--positives", tmp_path / "a.csv"),
        "--positives is of the protocol extended",
    )
    one_line(tencrop("evaluate", run, "--least", 2), "--least is of the protocol extended")
