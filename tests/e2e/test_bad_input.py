"""Bad input gets one line, the right exit code, and costs nothing that is done."""

import csv
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type


def one_line(said: Said, *words: str, code: int = 1) -> None:
    lines = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert said.code == code, said.err
    assert len(lines) == 1, said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--backbone", "resnet151"), ("resnet151", "resnet152")),
        (("--format", "karpathi_json"), ("karpathi_json", "karpathy_json")),
        (("--weights", "IMAGENET1K_V9"), ("IMAGENET1K_V9", "IMAGENET1K_V1")),
        (("--weights", "not-there.safetensors"), ("not-there.safetensors",)),
        (("--crops", "7"), ("7", "10")),
        (("--layer", "grid", "--crops", "5"), ("grid", "--keep all")),
        (("--device", "abacus"), ("abacus", "cpu")),
        (("--max-errors", "many"), ("many",)),
        (("--no-such-option",), ("--no-such-option", "--help")),
    ],
)
def test_features_refuses(
    tencrop: Type, chain: Chain, change: tuple[str, ...], words: tuple[str, ...]
) -> None:
    one_line(tencrop("features", chain.data, *FEATURES, "--work", chain.work, *change), *words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--recipe", "vse+"), ("vse+", "vse++")),
        (("--set", "epoch=3"), ("epoch", "epochs")),
        (("--set", "epochs=many"), ("epochs", "many")),
        (("--set", "margin"), ("margin", "key=value")),
        (("--set", "text=gruu"), ("gruu", "gru")),
        (("--set", "text.encoder=gru"), ("text.name",)),
        (("--set", "warmup_epochs=2"), ("phase.NAME.epochs",)),
        (("--set", "batch_size=0"), ("batch_size",)),
    ],
)
def test_train_refuses(
    tencrop: Type, chain: Chain, change: tuple[str, ...], words: tuple[str, ...]
) -> None:
    said = tencrop("train", chain.cache, "--data", chain.data, "--work", chain.work, *change)
    one_line(said, *words)


def test_missing_things(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    one_line(tencrop("features", gone, *FEATURES), "gone")
    one_line(tencrop("train", gone, "--data", chain.data), "gone")
    one_line(tencrop("train", chain.cache, "--data", gone), "gone")
    one_line(tencrop("evaluate", gone), "gone")
    one_line(tencrop("evaluate", chain.run, "--split", "tset"), "tset", "test")
    one_line(tencrop("cache", "verify", gone), "gone")
    one_line(tencrop("featurse"), "features")


def test_a_folder_that_is_no_corpus(tencrop: Type, tmp_path: Path) -> None:
    one_line(tencrop("features", tmp_path, *FEATURES), "an empty folder", "captions.csv")


def test_another_corpus(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    other = tmp_path / "other"
    tencrop("scenes", other, "--train", 40, "--val", 12, "--test", 12, "--seed", 5)
    said = tencrop("train", chain.cache, "--data", other, *SMALL, "--work", chain.work)
    one_line(said, "corpus")


def test_another_backbone(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    words = ("--backbone", "resnet18", "--weights", "random", "--crops", 1, "--work", tmp_path)
    cache = tencrop("features", chain.data, *words).last
    one_line(tencrop("evaluate", chain.run, "--cache", cache), "squeezenet1_1", "resnet18")


def test_a_run_with_other_settings_is_not_overwritten(tencrop: Type, chain: Chain) -> None:
    before = (chain.run / "model.safetensors").read_bytes()
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--run", chain.run)
    one_line(tencrop(*words, "--set", "margin=0.3"), "margin", "0.2", "0.3")
    assert (chain.run / "model.safetensors").read_bytes() == before


def test_a_truncated_shard_is_named_and_mended(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(chain.work, work)
    cache = work / "features" / chain.cache.name
    shard = cache / "shard-00000.h5"
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2])
    one_line(tencrop("cache", "verify", cache), "shard-00000.h5 is damaged", "run the same")
    one_line(tencrop("train", cache, "--data", chain.data, *SMALL), "shard-00000.h5", "features")
    assert tencrop("features", chain.data, *FEATURES, "--work", work).code == 0
    assert shard.read_bytes() == whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty pictures with odd captions, one that is no picture, and one that is not there."""
    data = tmp_path / "folder"
    (data / "images").mkdir(parents=True)
    odd = ["", "😀👩‍👩‍👧", "كلب يجري على العشب", "a long one " * 3000, "a plain picture"]
    rows = []
    for number in range(20):
        name = f"{number}.png"
        Image.new("RGB", (40, 30), (number * 12, 99, 255 - number * 12)).save(
            data / "images" / name
        )
        split = ("train", "train", "val", "test")[number % 4]
        texts = [f"picture number {number}", odd[number % 5]] if number else []
        rows += [(name, text, split) for text in texts]
    (data / "images" / "3.png").write_text("<html>404</html>")
    rows.append(("missing.png", "a picture that is not there", "train"))
    with (data / "captions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "caption", "split"), *rows])
    return data


def test_bad_pictures_are_listed_and_the_rest_is_kept(
    tencrop: Type, folder: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    missing = tencrop("features", folder, *FEATURES, "--work", work)
    one_line(missing, "1 of 21 pictures are not there", "nothing was computed", code=2)
    assert "missing.png: missing file" in missing.err
    kept = work / "left-out" / "folder-pictures.txt"
    assert str(kept) in missing.err
    assert kept.read_text() == "missing.png: missing file\n"
    assert not (work / "features").exists()
    said = tencrop("features", folder, *FEATURES, "--work", work, "--max-errors", 5)
    one_line(said, "2 of 21", "--max-errors", code=2)
    assert "3.png" in said.err
    assert "missing.png" in said.err
    cache = Path(said.last)
    assert tencrop("cache", "verify", cache).code == 0

    accepted = tencrop("features", folder, *FEATURES, "--work", work, "--max-errors", "10%")
    assert (accepted.code, accepted.last) == (0, str(cache))
    unread = work / "left-out" / "folder-unread.txt"
    assert f"3 entries left out (all listed in {unread})" in accepted.err
    assert unread.read_text().splitlines() == [f"{n}.png#1: empty" for n in (5, 10, 15)]

    words = ("train", cache, "--data", folder, *SMALL, "--set", "min_count=1", "--work", work)
    one_line(tencrop(*words), "--max-errors", code=2)
    run = tencrop(*words, "--max-errors", 20)
    assert run.code == 0, run.err
    kept = next((work / "left-out").glob("folder-captions-*.txt"))
    assert str(kept) in run.err
    assert kept.read_text().splitlines() == [
        "3.png#0: 3.png has no features",
        "3.png#1: 3.png has no features",
        "missing.png#0: missing.png has no features",
    ]
    judged = tencrop("evaluate", run.last, "--max-errors", 50)
    assert judged.code == 0, judged.err


def test_what_a_later_stage_would_refuse_is_refused_before_a_training(
    tencrop: Type, folder: Path, tmp_path: Path
) -> None:
    """Of the pictures and captions in all 12 % are not lost, of those of the test split 20."""
    work = tmp_path / "work"
    words = ("all", folder, *FEATURES, *SMALL, "--set", "min_count=1", "--work", work)
    said = tencrop(*words, "--max-errors", 12)
    one_line(said, "captions of 'test' are of pictures that cannot be used", code=2)
    assert not (work / "runs").exists()
    offered = said.err.strip().rpartition("--max-errors ")[2]
    done = tencrop(*words, "--max-errors", offered)
    assert done.code == 0, done.err
    assert "is asked about test of folder: 4 pictures, " in done.err
    asked = done.err.partition("is asked about test of folder: 4 pictures, ")[2].partition(" ")[0]
    assert f"test: 4 images, {asked} captions" in done.out


def test_an_empty_split(tencrop: Type, folder: Path, tmp_path: Path) -> None:
    text = (folder / "captions.csv").read_text().replace(",val", ",train")
    (folder / "captions.csv").write_text(text)
    work = tmp_path / "work"
    cache = tencrop("features", folder, *FEATURES, "--work", work, "--max-errors", 20).last
    said = tencrop("train", cache, "--data", folder, "--work", work, "--max-errors", 20)
    one_line(said, "'val'", "no picture with a caption", "column `split`")


def test_debug_shows_the_trace(tencrop: Type, tmp_path: Path) -> None:
    said = tencrop("--debug", "features", tmp_path / "gone", *FEATURES)
    assert said.code == 1
    assert "Traceback" in said.err
    assert said.err.strip().splitlines()[-1].startswith("error: ")
