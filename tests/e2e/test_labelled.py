"""Training by labels as a user types it: what is said, chosen by, and kept in the report."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from pipeline.plots.png import texts
from tests.e2e.conftest import FEATURES, Type, typed
from tests.e2e.test_bad_input import one_line

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
TRAIN = (
    "--recipe",
    "dscmr-words",
    "--set",
    "epochs=2",
    "--set",
    "hidden=16",
    "--set",
    "min_count=1",
)


def squares(folder: Path, *, labels: bool = True) -> Path:
    """Ten pictures to train on, four to choose by, four to be asked about."""
    (folder / "images").mkdir(parents=True)
    with (folder / "captions.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "caption", "split", "label"])
        for number in range(18):
            name, colour = f"{number:02d}.png", list(COLOURS)[number % 3]
            shade = tuple(min(255, part + 2 * number) for part in COLOURS[colour])
            Image.new("RGB", (80, 80), shade).save(folder / "images" / name)
            split = "train" if number < 10 else "val" if number < 14 else "test"
            table.writerow([name, f"a {colour} square", split, colour if labels else ""])
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The pictures, and a cache of theirs."""
    root = tmp_path_factory.mktemp("squares")
    data = squares(root / "data")
    return data, Path(typed("features", data, *FEATURES, "--work", root / "work"))


def test_a_run_is_chosen_by_map_and_its_report_says_the_noise(
    tencrop: Type, made: tuple[Path, Path], tmp_path: Path
) -> None:
    data, cache = made
    words = ("train", cache, "--data", data, *TRAIN, "--work", tmp_path)
    said = tencrop(*words, "--set", "label_noise=0.2", "--run", tmp_path / "run")
    assert said.code == 0, said.err
    assert "label_noise = 0.2: 2 of 10 labelled items" in said.err
    assert "validation mAP " in said.err
    asked = tencrop("evaluate", tmp_path / "run", "--work", tmp_path, "--no-page")
    assert asked.code == 0, asked.err
    assert "test: 4 images, 4 captions, 3 classes" in asked.out
    assert "; label noise 0.2; model " in asked.out
    report = json.loads((tmp_path / "run" / "eval-test" / "report.json").read_text())
    assert (report["protocol_name"], report["label_noise"]) == ("labels", 0.2)
    assert report["i2t"]["queries"] == 4


def test_a_validation_split_is_asked_again_as_it_was_chosen_by(
    tencrop: Type, made: tuple[Path, Path], tmp_path: Path
) -> None:
    data, cache = made
    run = tmp_path / "run"
    tencrop("train", cache, "--data", data, *TRAIN, "--work", tmp_path, "--run", run)
    best = json.loads((run / "last.json").read_text())["best"]
    tencrop("evaluate", run, "--work", tmp_path, "--split", "val", "--no-page")
    report = json.loads((run / "eval-val" / "report.json").read_text())
    assert report["map"] == pytest.approx(best["score"])
    assert "label_noise" not in report
    bare = squares(tmp_path / "bare", labels=False)
    other = ("--data", bare, "--work", tmp_path / "empty")
    one_line(tencrop("evaluate", run, *other), "right is what shares a label, and no picture has")
    assert not (tmp_path / "empty" / "features").exists()


def test_a_corpus_without_labels_is_refused_and_nothing_is_written(
    tencrop: Type, made: tuple[Path, Path], tmp_path: Path
) -> None:
    bare = squares(tmp_path / "bare", labels=False)
    words = ("train", made[1], "--data", bare, *TRAIN, "--work", tmp_path / "work")
    one_line(tencrop(*words, "--run", tmp_path / "run"), "the training items have no labels")
    assert not (tmp_path / "run").exists()


def test_a_run_with_classes_is_mapped_and_its_page_has_the_map(
    tencrop: Type, made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, cache = made
    run, to = tmp_path / "run", ("--work", tmp_path)
    tencrop("train", cache, "--data", data, *TRAIN, *to, "--run", run)
    said = tencrop("map", run, *to)
    assert (said.code, said.last) == (0, str(run / "map-test.png")), said.err
    assert texts(run / "map-test.png") is not None
    elsewhere = tmp_path / "here.png"
    assert tencrop("map", run, *to, "--by", "pca", "--out", elsewhere).last == str(elsewhere)
    assert elsewhere.read_bytes() == (run / "map-test.png").read_bytes()
    one_line(tencrop("map", run, *to, "--by", "tsne"), "of 4 points it shows", "choose pca")
    (tmp_path / "folder.png").mkdir()
    one_line(tencrop("map", run, *to, "--out", tmp_path / "folder.png"), "cannot be written")
    one_line(tencrop("map", run, *to, "--out", tmp_path / "map.jpg"), "is a PNG", "in .png")
    bare = squares(tmp_path / "bare", labels=False)
    said = tencrop("map", run, *to, "--data", bare)
    one_line(said, "no picture has a label", "docs/corpora.md", "report.html")
    monkeypatch.setattr("pipeline.plots.report.figures", lambda *given: [*given[-1]()])
    tencrop("evaluate", run, *to)
    page = (run / "eval-test" / "report.html").read_text()
    assert "<h3>Classes, before and after</h3>" in page
    removed = tencrop("remove", run, *to, "--yes")
    assert removed.code == 0, removed.err
    assert not run.exists()
