"""`features DATA --text ENCODER`: the captions' vectors in a cache, and what is refused."""

import json
from pathlib import Path

import pytest

from core.sources import text_sha256
from core.store import FeatureCache
from tests.e2e.conftest import Type
from tests.e2e.test_bad_input import one_line

ENCODER = """
import numpy as np

def encode(texts):
    return np.array([[len(t), t.count("a"), 1.0] for t in texts])
"""
CAPTIONS = ["a dog", "two dogs", "a cat, asleep", "a cat"]


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    file = tmp_path / "own.py"
    file.write_text(ENCODER)
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Captions of pictures that are not there."""
    folder = tmp_path / "photos"
    (folder / "images").mkdir(parents=True)
    rows = [f"{n // 2}.jpg,{text!r}" for n, text in enumerate(CAPTIONS)]
    rows = [row.replace("'", '"') for row in rows]
    (folder / "captions.csv").write_text("\n".join(["image,caption", *rows]))
    for name in ("0.jpg", "1.jpg"):
        (folder / "images" / name).touch()
    return folder


def test_captions_are_cached_without_a_look_at_a_picture(
    tencrop: Type, data: Path, encoder: Path, tmp_path: Path
) -> None:
    typed = ("features", data, "--text", f"{encoder}:encode", "--work", tmp_path / "w")
    said = tencrop(*typed)
    assert said.code == 0, said.err
    assert "own.encode: a vector a caption, float32" in said.err
    assert "4 captions encoded in" in said.err
    assert f"train PICTURECACHE {said.last} --data {data} --recipe adapters-light" in said.err
    cache = FeatureCache(Path(said.last))
    assert sorted(cache.digests) == sorted(map(text_sha256, CAPTIONS))
    again = tencrop(*typed)
    assert again.last == said.last
    assert "complete, all 4 captions are there" in again.err
    assert tencrop("cache", "verify", said.last).code == 0
    told = json.loads(tencrop("cache", "info", said.last).out)
    assert told["fields"]["rows"] == "captions"
    listed = tencrop("list", "--work", tmp_path / "w").out
    (row,) = [line for line in listed.splitlines() if said.last.rpartition("/")[2] in line]
    assert row.split()[-5:-1] == ["4", "own.encode", "-", "photos"]


def test_a_caption_that_was_edited_makes_another_cache(
    tencrop: Type, data: Path, encoder: Path, tmp_path: Path
) -> None:
    typed = ("features", data, "--text", f"{encoder}:encode", "--work", tmp_path / "w")
    first = tencrop(*typed).last
    table = data / "captions.csv"
    table.write_text(table.read_text().replace("two dogs", "three dogs"))
    assert tencrop(*typed).last != first


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--crops", 1), "--text is of captions alone, and --crops of pictures: leave it out"),
        (("--backbone", "vgg19", "--layer", "grid"), "--backbone, --layer of pictures"),
        (("--like", "{data}"), "--like of pictures"),
    ],
)
def test_options_of_pictures_are_refused(
    tencrop: Type, data: Path, encoder: Path, options: tuple[object, ...], told: str
) -> None:
    filled = [str(each).format(data=data.parent) for each in options]
    said = tencrop("features", data, "--text", f"{encoder}:encode", *filled)
    assert said.out == ""
    one_line(said, told)


def test_a_broken_encoder_ends_in_one_line_and_costs_no_cache(
    tencrop: Type, data: Path, encoder: Path, tmp_path: Path
) -> None:
    encoder.write_text("def encode(texts):\n    return texts[0] + 1\n")
    said = tencrop("features", data, "--text", f"{encoder}:encode", "--work", tmp_path / "w")
    assert said.code == 1
    assert "own.py failed, line 2: TypeError" in said.err
    assert said.err.strip().splitlines()[-1].endswith("mend that")
    assert not [*(tmp_path / "w").glob("features/*")]
