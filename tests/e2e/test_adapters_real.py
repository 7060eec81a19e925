"""The recipes of stored vectors on real photographs and means of real word vectors."""

import csv
import os
import shutil
from pathlib import Path

import pytest
import torch

from core.corpora import read_corpus
from core.store import FeatureCache
from evaluate.judge import judge
from pipeline import recipe_files
from pipeline.asked.sources import open_sources
from tests.e2e.conftest import typed
from tests.interruption import assert_same_run, interrupted_at
from train.outline import Outline
from train.plan import Plan
from train.recipe import resolve
from train.training import train

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
FLICKR, GLOVE = DATA / "flickr8k", DATA / "words" / "glove.6B.50d.5k.txt"
WEIGHTS = DATA.parent / "weights" / "squeezenet1_1.safetensors"
THERE = FLICKR.is_dir() and GLOVE.is_file() and WEIGHTS.is_file()
SPLITS = {"train": 120, "val": 60, "test": 5}
CHANCE = 100 * (1 + 5 + 10) / 60 + 100 * sum(
    1 - (1 - 5 / 300) ** k for k in (1, 5, 10)
)  # drawn with replacement: a little more than is so
pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.soak,
    pytest.mark.skipif(not THERE, reason=f"{FLICKR}, words or weights are not there"),
]
ENCODER = f"""
import re
from pathlib import Path

import numpy as np

FILE = {str(GLOVE)!r}
TABLE = {{}}

def weights():
    return [FILE]

def encode(texts):
    if not TABLE:
        for line in Path(FILE).read_text(encoding="utf-8").splitlines():
            word, *numbers = line.split(" ")
            TABLE[word] = np.array(numbers, dtype=np.float32)
    rows = [[TABLE[w] for w in re.findall("[a-z]+", t.lower()) if w in TABLE] for t in texts]
    return np.array([np.mean(row, axis=0) if row else np.zeros(50) for row in rows])
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The first pictures of Flickr8k's parts, with a cache of them and one of their captions."""
    root = tmp_path_factory.mktemp("real")
    (root / "photos" / "images").mkdir(parents=True)
    texts = {}
    for line in (FLICKR / "Flickr8k.token.txt").read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition("\t")
        texts.setdefault(name.partition("#")[0], []).append(text)
    with (root / "photos" / "captions.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["image", "caption", "split"])
        for split, many in SPLITS.items():
            listed = {"val": "dev"}.get(split, split)
            for name in (FLICKR / f"Flickr_8k.{listed}Images.txt").read_text().split()[:many]:
                shutil.copy(FLICKR / "images" / name, root / "photos" / "images")
                table.writerows([name, text, split] for text in texts[name])
    (root / "glove.py").write_text(ENCODER)
    made = (root / "photos", "--work", root / "work")
    options = ("--backbone", "squeezenet1_1", "--weights", WEIGHTS, "--crops", 1)
    caches = (
        typed("features", *made, *options),
        typed("features", *made, "--text", f"{root / 'glove.py'}:encode"),
    )
    return read_corpus(root / "photos", "auto"), [FeatureCache(Path(cache)) for cache in caches]


def fit(corpus, run, recipe, assignments, progress=lambda *_, **__: None):
    part, caches = corpus
    outline = Outline.of(resolve(recipe_files.read(recipe), assignments))
    return train(
        Plan.of(part, open_sources(outline, caches), outline),
        run,
        device=torch.device("cpu"),
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress,
        given={},
    )


@pytest.mark.parametrize(
    ("recipe", "assignments"),
    [
        ("adapters-light", ()),
        ("adapters", ("epochs=20", "warmup_steps=8")),
    ],
)
def test_it_learns_and_goes_on_to_the_same_bits(corpus, tmp_path, recipe, assignments):
    done = fit(corpus, tmp_path / "whole", recipe, assignments)
    assert done.best["score"] > 2 * CHANCE
    with pytest.raises(KeyboardInterrupt):
        fit(corpus, tmp_path / "run", recipe, assignments, interrupted_at(7, 1))
    fit(corpus, tmp_path / "run", recipe, assignments)
    assert_same_run(tmp_path / "run", tmp_path / "whole")
