"""A run belongs to its encoder: asked about any corpus, but never about what it was trained on."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.predictions import Embeddings
from core.provenance import check_same_pictures
from core.sealed import read_sealed, write_sealed
from evaluate.judge import judge
from pipeline.corpus import require_pictures
from pipeline.said.progress import TrainingBar
from tests.e2e.conftest import FEATURES, Chain, Said, Type, whoever
from tests.e2e.test_bad_input import one_line


@pytest.fixture
def other(tencrop: Type, tmp_path: Path) -> Path:
    """Scenes that the run has never seen."""
    folder = tmp_path / "other"
    tencrop("scenes", folder, "--train", 4, "--val", 4, "--test", 10, "--seed", 5)
    return folder


def copied(chain: Chain, folder: Path) -> Path:
    shutil.copytree(chain.data, folder)
    return folder


def rewrite(folder: Path, change: dict[str, str]) -> None:
    """Put each picture of a scenes corpus into another split."""
    listing = json.loads((folder / "scenes.json").read_text())
    for picture in listing["pictures"]:
        picture["split"] = change.get(picture["split"], picture["split"])
    (folder / "scenes.json").write_text(json.dumps(listing))


def reports(chain: Chain, name: str) -> list[Path]:
    return sorted(chain.run.glob(f"eval-test-{name}-*/report.json"))


def test_pictures_that_the_run_never_saw_are_extracted_and_judged(
    tencrop: Type, chain: Chain, other: Path
) -> None:
    said = tencrop("evaluate", chain.run, "--data", other, "--work", chain.work)
    assert said.code == 0, said.err
    assert "extracting" in said.err
    assert "test: 10 images, 50 captions" in said.out
    (report,) = reports(chain, "other")
    facts = json.loads(report.read_text())
    assert (facts["trained_on"], facts["chosen_on"]) == (0, 0)
    again = judge(Embeddings.load(report.parent))
    assert facts["rsum"] == again.facts["rsum"]

    like = tencrop("features", other, "--like", chain.run, "--work", chain.work)
    plain = tencrop("features", other, *FEATURES, "--work", chain.work)
    assert like.last == plain.last
    given = tencrop("evaluate", chain.run, "--data", other, "--cache", like.last)
    assert given.out == said.out
    assert "extracting" not in given.err


def test_training_pictures_under_another_split_are_an_error(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    swapped = copied(chain, tmp_path / "swapped")
    rewrite(swapped, {"train": "test", "test": "train"})
    said = tencrop("evaluate", chain.run, "--data", swapped, "--work", chain.work)
    one_line(said, "40 of the 40", "'test'", "--split train")
    assert said.out == ""
    assert reports(chain, "swapped") == []


def test_a_training_picture_under_another_name_is_found(
    tencrop: Type, chain: Chain, other: Path
) -> None:
    listing = json.loads((other / "scenes.json").read_text())
    first = next(p for p in listing["pictures"] if p["split"] == "test")
    trained = next((chain.data / "images").glob("train-*.png"))
    shutil.copy(trained, other / first["file"])
    said = tencrop("evaluate", chain.run, "--data", other, "--work", chain.work)
    one_line(said, "1 of the 10", first["id"])


def test_a_training_picture_saved_again_is_said(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    swapped = copied(chain, tmp_path / "saved")
    rewrite(swapped, {"train": "test", "test": "train"})
    for picture in (swapped / "images").glob("train-*.png"):
        Image.open(picture).save(picture, compress_level=9)
    said = tencrop("evaluate", chain.run, "--data", swapped, "--work", chain.work)
    assert said.code == 0, said.err
    assert "40 of 40 pictures have the id of a training picture and another file" in said.err


def test_the_training_split_by_its_name_is_told_to_be_the_fit(tencrop: Type, chain: Chain) -> None:
    said = tencrop("evaluate", chain.run, "--split", "train")
    assert said.code == 0, said.err
    assert "40 of 40 pictures were trained on" in said.err
    facts = json.loads((chain.run / "eval-train" / "report.json").read_text())
    assert facts["trained_on"] == 40


def test_other_captions_than_at_training_are_said(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    edited = copied(chain, tmp_path / "edited")
    text = (edited / "scenes.json").read_text()
    listing = json.loads(text)
    next(p for p in listing["pictures"] if p["split"] == "test")["captions"][0] = "A lion."
    (edited / "scenes.json").write_text(json.dumps(listing))
    said = tencrop("evaluate", chain.run, "--data", edited, "--work", chain.work)
    assert said.code == 0, said.err
    assert _told(said) == ["the ids, labels or captions of 'test' are others than in the corpus at"]
    facts = json.loads(reports(chain, "edited")[0].read_text())
    assert facts["other_than_at_training"] is True
    assert _told(tencrop("evaluate", chain.run)) == []


def test_pictures_that_chose_the_epoch_are_told(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    moved = copied(chain, tmp_path / "moved")
    rewrite(moved, {"val": "test", "test": "val"})
    said = tencrop("evaluate", chain.run, "--data", moved, "--work", chain.work)
    assert "12 of 12 pictures helped to choose the epoch" in said.err


def test_a_folder_that_grew_by_a_picture_is_still_judged(
    tencrop: Type, chain: Chain, tmp_path: Path, other: Path
) -> None:
    grown = copied(chain, tmp_path / "grown")
    listing = json.loads((grown / "scenes.json").read_text())
    new = json.loads((other / "scenes.json").read_text())["pictures"][-1]
    shutil.copy(other / new["file"], grown / new["file"])
    listing["pictures"].append(new)
    (grown / "scenes.json").write_text(json.dumps(listing))
    said = tencrop("evaluate", chain.run, "--data", grown, "--work", chain.work)
    assert said.code == 0, said.err
    assert "test: 13 images" in said.out


def _told(said: Said) -> list[str]:
    lines = said.err.splitlines()
    return [line.removesuffix(" training") for line in lines if "others than" in line]


def test_every_file_of_the_split_is_compared_not_a_sample(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = copied(chain, tmp_path / "changed")
    trained = next((chain.data / "images").glob("train-*.png"))
    tests = sorted((changed / "images").glob("test-*.png"))
    shutil.copy(trained, tests[1])
    for function in (check_same_pictures, require_pictures):
        monkeypatch.setitem(function.__kwdefaults__, "sample", 2)
    said = tencrop("evaluate", chain.run, "--data", changed, "--work", chain.work)
    one_line(said, "1 of the 12", tests[1].name)


def test_an_unfinished_run_is_said_to_be_one(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def interrupt(self: TrainingBar, *args: object, **kwargs: object) -> None:
        calls.append(args)
        if args[0] == 2:
            raise KeyboardInterrupt

    run = tmp_path / "unfinished"
    with monkeypatch.context() as patch:
        patch.setattr(TrainingBar, "__call__", interrupt)
        words = ("--set", "epochs=3", "--set", "embed_dim=8", "--set", "word_dim=8", "--run", run)
        assert tencrop("train", chain.cache, "--data", chain.data, *words).code == 130
    said = tencrop("evaluate", run)
    assert "is not finished: epoch 1 is the best of 1, of 3 in all" in said.err
    facts = json.loads((run / "eval-test" / "report.json").read_text())
    assert (facts["epoch"], facts["finished"]) == (1, False)


def test_what_one_cache_cannot_hold_is_said_before_anything_is_trained(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = tmp_path / "none"  # where nothing is kept of a program that is another each time
    for layers, words in (
        ({"image": "pooled", "map": "grid"}, ("not 'grid'", "--layer grid")),
        ({"image": "pixels"}, ("learns from the pictures", "--from RUN --data DATA")),
        ({"image": "pooled", "map": "pixels"}, ("learns from the pictures", "--from RUN")),
    ):
        monkeypatch.setattr("train.tasks.paired.sources", lambda options, found=layers: found)
        said = tencrop("train", chain.cache, "--data", chain.data, "--work", none)
        one_line(said, *words)


def test_validation_pictures_that_are_trained_on_are_said(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    data = copied(chain, tmp_path / "copies")
    trained = next((data / "images").glob("train-*.png"))
    shutil.copy(trained, next((data / "images").glob("val-*.png")))
    cache = tencrop("features", data, *FEATURES, "--work", tmp_path).last
    words = ("--set", "epochs=1", "--set", "embed_dim=8", "--set", "word_dim=8", "--work", tmp_path)
    said = tencrop("train", cache, "--data", data, *words)
    assert said.code == 0, said.err
    assert "1 of the 12 validation pictures is a training picture too" in said.err
    assert "the same files are in two splits" not in said.err
    plain = tencrop("train", chain.cache, "--data", chain.data, *words)
    assert "training picture" not in plain.err


def test_a_cache_that_is_gone_is_said_and_made_again(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(chain.run, run)
    config = read_sealed(run / "config.json")
    gone = str(tmp_path / "moved")
    config["given"]["cache"] = config["given"]["then"]["cache"] = gone
    write_sealed(run / "config.json", config)
    said = tencrop("evaluate", run, "--work", chain.work)
    assert f"{tmp_path / 'moved'} is gone (--cache, if it moved): extracting" in said.err
    assert whoever(said.out) == whoever(tencrop("evaluate", chain.run).out)
