"""`evaluate --protocol labels` as a user types it: on a corpus with labels, and on one without."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from core.predictions import Embeddings
from evaluate.judge import judge
from evaluate.queries import read_queries
from tests.e2e.conftest import SMALL, Chain, Type
from tests.e2e.test_bad_input import one_line

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve pictures to be asked about, three colours as labels; one picture has none."""
    folder = tmp_path / "photos"
    (folder / "images").mkdir(parents=True)
    with (folder / "captions.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "caption", "split", "label"])
        for number in range(12):
            name, colour = f"{number}.png", list(COLOURS)[number % 3]
            shade = tuple(min(255, part + 2 * number) for part in COLOURS[colour])
            Image.new("RGB", (80, 80), shade).save(folder / "images" / name)
            label = colour if number else ""
            table.writerow([name, f"a {colour} square", "test", label])
            table.writerow([name, f"all of it is {colour}", "test", label])
    return folder


def test_a_run_that_knew_no_label_is_asked_by_those_of_the_corpus(
    tencrop: Type, chain: Chain, photos: Path, tmp_path: Path
) -> None:
    words = ("evaluate", chain.run, "--data", photos, "--work", chain.work)
    said = tencrop(*words, "--protocol", "labels", "--out", tmp_path / "out")
    assert said.code == 0, said.err
    assert "test: 12 images, 24 captions, 3 classes" in said.out
    assert "chance mAP " in said.out
    assert "1 image of 12 without a label" in said.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["protocol_name"] == "labels"
    assert (report["i2t"]["queries"], report["t2t"]["gallery"]) == (11, 23)
    kept = Embeddings.load(tmp_path / "out")
    assert kept.image.label is not None
    assert kept.image.label.sum() == 11
    again = judge(kept, protocol="labels")
    assert (again.facts["map"], again.facts["t2t"]) == (report["map"], report["t2t"])
    ways = {each.way: each for each in read_queries(tmp_path / "out")}
    assert ways["t2i"].values["map"].mean() == pytest.approx(report["t2i"]["map"])
    page = (tmp_path / "out" / "report.html").read_text()
    for asks in ("picture", "caption"):
        for answers in ("pictures", "captions"):
            assert page.count(f"A {asks} asks, {answers} answer") == 2
    assert page.count("Not shown") == 1  # what is confused
    again_said = tencrop(*words, "--protocol", "labels", "--out", tmp_path / "out")
    assert "nothing that the answer follows from has changed" in again_said.err
    assert again_said.out == said.out


def test_a_corpus_without_labels_is_refused_before_anything_is_extracted(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    said = tencrop("evaluate", chain.run, "--protocol", "labels", "--work", chain.work)
    one_line(said, "scenes", "no picture has one", "docs/corpora.md", "--protocol")
    assert not list(chain.run.glob("eval-test-labels*"))
    other = tmp_path / "other"
    tencrop("scenes", other, "--train", 4, "--val", 4, "--test", 10, "--seed", 5)
    words = ("evaluate", chain.run, "--data", other, "--work", tmp_path)
    one_line(tencrop(*words, "--protocol", "labels"), "no picture has one")
    assert not list((tmp_path / "features").glob("*"))


def test_the_gallerys_bias_is_left_out_of_cosines(
    tencrop: Type, chain: Chain, photos: Path, tmp_path: Path
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--work", tmp_path)
    run = Path(tencrop(*words, "--set", "gallery.bias=true", "--set", "bank=30").last)
    maps = {}
    for name, asked in (("biased", run), ("plain", chain.run)):
        out = ("--protocol", "labels", "--out", tmp_path / name)
        said = tencrop("evaluate", asked, "--data", photos, "--work", chain.work, *out)
        assert said.code == 0, said.err
        assert ("the gallery's bias is left out" in said.err) == (name == "biased")
        report = json.loads((tmp_path / name / "report.json").read_text())
        assert "without" not in report
        maps[name] = [report[way]["map"] for way in ("i2t", "t2i", "i2i", "t2t")]
    assert maps["biased"] == maps["plain"]
    out = ("--protocol", "labels", "--out", tmp_path / "both")
    said = tencrop("evaluate", run, chain.run, "--data", photos, "--work", chain.work, *out)
    assert said.code == 0, said.err
    assert "the average is of two scoring rules" not in said.err
    report = json.loads((tmp_path / "both" / "report.json").read_text())
    # The mean of one cosine and itself.
    assert [report[way]["map"] for way in ("i2t", "t2i", "i2i", "t2t")] == maps["plain"]
    compared = tencrop(
        *("compare", run, chain.run, "--data", photos, "--work", chain.work),
        *("--protocol", "labels", "--out", tmp_path / "compared"),
    )
    assert compared.code == 0, compared.err
    assert "map" in compared.out
