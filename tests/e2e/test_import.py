"""`cache import DIR`: features that people have already, from their files to the report."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from core.records import SPLITS
from core.splitting import tokenise
from core.store import FeatureCache
from pipeline.leaks.alike import STORED
from tests.e2e.conftest import SMALL, Said, Type
from tests.e2e.test_bad_input import one_line
from tests.stored import corpus, drawn


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return corpus(tmp_path / "f8k_precomp")


@pytest.fixture
def cache(tencrop: Type, data: Path) -> Said:
    said = tencrop("cache", "import", data)
    assert said.code == 0, said.err
    return said


def trained(tencrop: Type, cache: Said, data: Path, *more: object) -> Said:
    said = tencrop("train", cache.last, "--data", data, "--recipe", "vse++", *SMALL, *more)
    assert said.code == 0, said.err
    return said


def test_it_says_what_is_there_and_what_to_type(tencrop: Type, data: Path, cache: Said) -> None:
    assert cache.out.count("\n") == 1
    assert "f8k_precomp: 67 stored vectors, 335 captions (train 40, val 12, test 15)" in cache.err
    assert f"{cache.last}: new" in cache.err
    assert "67 stored vectors imported in" in cache.err
    assert f"train {cache.last} --data {data}" in cache.err
    assert "picture" not in cache.err
    again = tencrop("cache", "import", data)
    assert again.last == cache.last
    assert "complete, all 67 stored vectors are there" in again.err
    assert tencrop("cache", "verify", cache.last).code == 0
    fields = json.loads(tencrop("cache", "info", cache.last).out)["fields"]
    assert (fields["backbone"], sorted(fields["files"])) == (
        "imported",
        ["dev_ims.npy", "test_ims.npy", "train_ims.npy"],
    )
    listed = tencrop("list").out
    assert "imported" in listed
    assert "f8k_precomp" in listed


def test_another_precision_is_said(tencrop: Type, data: Path) -> None:
    file = data / "train_ims.npy"
    np.save(file, np.load(file).astype(np.float64))
    file = data / "test_ims.npy"
    np.save(file, np.load(file).astype(np.float16))
    said = tencrop("cache", "import", data)
    assert "train_ims.npy of float64 are kept as float32" in said.err
    assert "test_ims.npy of float16 are kept as float32, as the others are" in said.err


def by_hand(run: Path, values: Any, texts: list[str]) -> tuple[Any, Any]:
    """The embeddings of pictures (N, D) and captions (C, D), from the run's files alone."""
    weights = load_file(run / "model.safetensors")
    image, text = (
        {key.removeprefix(f"task.{side}."): v for key, v in weights.items() if f".{side}." in key}
        for side in ("image", "text")
    )
    mean = values.reshape(len(values), -1, values.shape[-1]).mean(axis=1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    pictures = mean @ image["project.weight"].T + image["project.bias"]
    words = json.loads((run / "vocab.json").read_text())["words"]
    table = text["embedding.weight"]
    size = pictures.shape[1]
    gru = torch.nn.GRU(table.shape[1], size, batch_first=True)
    gru.load_state_dict(
        {k.removeprefix("gru."): torch.tensor(v) for k, v in text.items() if "gru." in k}
    )
    captions = []
    for each in texts:
        spoken = ["<start>", *tokenise(each), "<end>"]
        numbers = [words.index(word if word in words else "<unk>") for word in spoken]
        states, _ = gru(torch.tensor(table[numbers])[None])
        captions.append(states[0, -1].detach().numpy())
    sides = pictures, np.array(captions)
    return tuple(side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides)


def recall(pictures: Any, captions: Any, owner: list[int]) -> dict[str, float]:
    """R@1, 5, 10 both ways, by a loop; no caption stands there twice, so nothing ties."""
    scores = pictures.astype(np.float64) @ captions.T.astype(np.float64)
    forth, back = [], []
    for row, line in enumerate(scores):
        own = [c for c, image in enumerate(owner) if image == row]
        others = [line[c] for c in range(len(owner)) if c not in own]
        forth.append(1 + min(sum(o > line[c] for o in others) for c in own))
    for column, image in enumerate(owner):
        line = scores[:, column]
        back.append(1 + sum(score > line[image] for score in line))
    ranks = {"i2t": np.array(forth), "t2i": np.array(back)}
    return {
        f"{way}_r{k}": float(100 * np.mean(r <= k)) for way, r in ranks.items() for k in (1, 5, 10)
    }


@pytest.mark.parametrize("kind", ["plain", "fives", "regions"])
def test_a_run_on_them_gives_the_numbers_of_a_slow_computation(
    tencrop: Type, tmp_path: Path, kind: str
) -> None:
    data = corpus(tmp_path / "pre", shape=(3, 8) if kind == "regions" else (8,))
    values = np.load(data / "test_ims.npy")
    if kind == "fives":
        for file in data.glob("*_ims.npy"):
            np.save(file, np.repeat(np.load(file), 5, axis=0))
    cache = tencrop("cache", "import", data)
    run = trained(tencrop, cache, data)
    assert "trains on 40 stored vectors with 200 captions" in run.err
    said = tencrop("evaluate", run.last)
    assert said.code == 0, said.err
    assert "15 stored vectors, 75 captions" in said.err
    report = json.loads((Path(run.last) / "eval-test" / "report.json").read_text())
    texts = (data / "test_caps.txt").read_text().splitlines()
    sides = by_hand(Path(run.last), values, texts)
    slow = recall(*sides, [n // 5 for n in range(75)])
    assert report["leaks"]["alike"]["why"] == STORED
    assert report["leaks"]["captions"]["same"] is not None
    assert f"whether pictures look alike was not looked at: {STORED}" in said.err
    told = {f"{way}_r{k}": report[way][f"r{k}"] for way in ("i2t", "t2i") for k in (1, 5, 10)}
    assert told == pytest.approx(slow, abs=1e-6)


def test_testall_is_asked_about_by_its_name(tencrop: Type, data: Path) -> None:
    drawn(data, "testall", 20)
    run = trained(tencrop, tencrop("cache", "import", data), data)
    said = tencrop("evaluate", run.last, "--split", "testall")
    assert said.code == 0, said.err
    assert "testall: 20 images, 100 captions" in said.out


def test_a_matrix_that_changed_after_the_import_is_seen(
    tencrop: Type, data: Path, cache: Said
) -> None:
    run = trained(tencrop, cache, data)
    there = np.load(data / "test_ims.npy")
    there[3, 0] += 1
    np.save(data / "test_ims.npy", there)
    said = tencrop("evaluate", run.last, "--cache", cache.last)
    one_line(said, "was made from another file for 'test/000003'", "run `cache import`")
    later = tencrop("evaluate", run.last)
    assert "does not hold these pictures: importing" in later.err
    one_line(later, "not the numbers that the model was trained on", "files.test_ims.npy")


def test_a_cache_that_is_gone_is_imported_again(tencrop: Type, data: Path, cache: Said) -> None:
    run = trained(tencrop, cache, data)
    shutil.rmtree(cache.last)
    said = tencrop("evaluate", run.last)
    assert said.code == 0, said.err
    assert f"is gone (--cache, if it moved): importing {data}" in said.err
    assert Path(cache.last).is_dir()


def test_what_was_trained_on_is_not_asked_about(tencrop: Type, data: Path) -> None:
    there = np.load(data / "test_ims.npy")
    there[4] = np.load(data / "train_ims.npy")[7]
    np.save(data / "test_ims.npy", there)
    run = trained(tencrop, tencrop("cache", "import", data), data)
    assert "the same numbers are in two splits: 1 of 'train' in 'test'" in run.err
    one_line(tencrop("evaluate", run.last), "were trained on, first 'test/000004'")


def test_a_run_is_asked_about_another_import_of_the_same_name(
    tencrop: Type, data: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    drawn(other, "test", 9, seed=5)
    named = ("--encoder", "resnet152, ten crops")
    run = trained(tencrop, tencrop("cache", "import", data, *named), data)
    later = tencrop("cache", "import", other, *named)
    assert later.code == 0, later.err
    said = tencrop("evaluate", run.last, "--data", other, "--cache", later.last)
    assert said.code == 0, said.err
    assert "9 stored vectors, 45 captions" in said.err
    unnamed = tencrop("cache", "import", other)
    refused = tencrop("evaluate", run.last, "--data", other, "--cache", unnamed.last)
    one_line(refused, "not the numbers that the model was trained on", "cache import", "--encoder")
    one_line(tencrop("evaluate", run.last, "--data", other), "cache import", "--cache")


def test_features_of_them_say_what_to_type(tencrop: Type, data: Path) -> None:
    said = tencrop("features", data, "--backbone", "squeezenet1_1")
    one_line(said, "no pictures to make features of", f"cache import {data}")


def test_pictures_are_not_imported(tencrop: Type, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    one_line(tencrop("cache", "import", tmp_path / "photos"), "holds pictures", "`features`")


def test_a_look_at_them_counts_and_compares_them(tencrop: Type, data: Path) -> None:
    there = np.load(data / "test_ims.npy")
    there[4] = np.load(data / "train_ims.npy")[7]
    np.save(data / "test_ims.npy", there)
    said = tencrop("corpus", data)
    assert said.code == 0, said.err
    assert "f8k_precomp (precomputed): 67 stored vectors, 335 captions" in said.out
    assert "'test/000004' (test) = 'train/000007' (train)" in said.out
    assert "look alike" not in said.out
    assert "a training could begin" in said.out


def test_features_like_a_run_on_them_say_what_to_type(
    tencrop: Type, data: Path, cache: Said, tmp_path: Path
) -> None:
    run = trained(tencrop, cache, data)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    said = tencrop("features", tmp_path / "photos", "--like", run.last)
    one_line(said, "trained on imported vectors", "cache import")
    asked = tencrop("evaluate", run.last, "--data", captioned(tmp_path / "asked"))
    assert asked.code == 1
    assert "extracting" not in asked.err
    assert "cache import DATA` and name that cache to `evaluate` with --cache" in asked.err


def captioned(folder: Path) -> Path:
    """A picture in each split, with a caption."""
    names = [f"{name}.jpg" for name in "abc"]
    (folder / "images").mkdir(parents=True)
    for name in names:
        (folder / "images" / name).touch()
    told = [f"{name},{split},A dog" for name, split in zip(names, SPLITS, strict=True)]
    (folder / "captions.csv").write_text("\n".join(["image,split,caption", *told, ""]))
    return folder


def test_all_imports_and_trains_and_judges(tencrop: Type, data: Path) -> None:
    words = ("all", data, "--recipe", "vse++", *SMALL)
    said = tencrop(*words)
    assert said.code == 0, said.err
    assert "rsum" in said.out
    cache = next(Path("work/features").iterdir())
    assert FeatureCache(cache).manifest["fields"]["backbone"] == "imported"
    with_backbone = tencrop(*words, "--backbone", "vgg19")
    assert "what is said of backbones and of their crops does not count" in with_backbone.err
