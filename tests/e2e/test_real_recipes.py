"""Every recipe on 120 photographs: above twice chance, and resumed to the same bits."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from core.corpora import read_corpus
from core.predictions import Prediction
from core.records import Corpus
from core.sources import TEXT
from core.store import FeatureCache
from evaluate.judge import judge
from extract.catalogue import build
from extract.run import extract
from extract.settings import LAYERS, FeatureSettings
from extract.texts.run import encode_captions
from extract.texts.settings import TextSettings
from extract.texts.spec import open_encoder
from pipeline import recipe_files
from pipeline.asked.sources import open_sources
from tests.interruption import assert_same_run, interrupted_at
from train.layers import split
from train.outline import Outline
from train.plan import Plan
from train.recipe import resolve
from train.schema import Recipe
from train.training import train

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
FLICKR, WEIGHTS = DATA / "flickr8k", DATA.parent / "weights"
NOISE = "label_noise"
"""What every task has that needs labels, which these photographs lack."""
SPLITS = {"train": 120, "dev": 100, "test": 5}
NAMES = [n for n in recipe_files.names() if not hasattr(resolve(recipe_files.read(n)).task, NOISE)]
STEPPED = [name for name in NAMES if resolve(recipe_files.read(name)).epochs]
QUICK = ("bag", "cca")
"""In the usual tests; the others take minutes each, and have time in a soak."""

FEW = ("batch_size=40",)
"""Batches that leave an epoch of 600 captions as many steps as it has of thousands."""

LONG = ("epochs=400", "schedule.every=400", "embed_dim=256")
"""For as long as it takes, where the rate falls by epochs: hardest negatives begin slowly.

A narrower space takes as many steps, and each of them less time.
"""

WORDS = '''
from zlib import crc32
import numpy as np

def encode(texts):
    """A caption is the sum of a random vector a word, which follows from the word."""
    draw = lambda word: np.random.default_rng(crc32(word.encode())).normal(size=256)
    sums = [sum(map(draw, text.lower().split())) for text in texts]
    return np.array([one / np.linalg.norm(one) for one in sums], dtype=np.float32)
'''
"""A frozen sentence encoder that needs nothing."""

CPU = torch.device("cpu")
pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (FLICKR.is_dir() and WEIGHTS.is_dir()),
        reason=f"{FLICKR} or {WEIGHTS} is not there: set TENCROP_DATA",
    ),
]


class Reached(KeyboardInterrupt):
    """The score that was waited for."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("real") / "flickr8k"
    (folder / "images").mkdir(parents=True)
    chosen = set()
    for name, count in SPLITS.items():
        listed = f"Flickr_8k.{name}Images.txt"
        names = (FLICKR / listed).read_text().split()[:count]
        (folder / listed).write_text("".join(f"{each}\n" for each in names))
        chosen.update(names)
    for name in chosen:
        shutil.copy(FLICKR / "images" / name, folder / "images" / name)
    lines = (FLICKR / "Flickr8k.token.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.partition("#")[0] in chosen]
    (folder / "Flickr8k.token.txt").write_text("".join(kept), encoding="utf-8")
    return read_corpus(folder)


Caches = Callable[[str, Recipe], list[FeatureCache]]


@pytest.fixture(scope="module")
def caches(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Caches:
    """Makes what a recipe wants, mobilenet_v2 with one crop where it does not say."""
    made: dict[tuple[Any, ...], FeatureCache] = {}
    work = tmp_path_factory.mktemp("work")

    def make(wanted: Mapping[str, Any]) -> FeatureCache:
        if tuple(sorted(wanted.items())) not in made:
            file = WEIGHTS / f"{wanted['backbone']}.safetensors"
            if not file.is_file():
                pytest.skip(f"it wants {wanted['backbone']}, and {file} is not there")
            settings = FeatureSettings.model_validate({**wanted, "weights": str(file)})
            backbone = build(settings.backbone, str(file), settings.transform)
            done = extract(corpus, backbone, work, settings, device=CPU)
            made[tuple(sorted(wanted.items()))] = FeatureCache(done.path)
        return made[tuple(sorted(wanted.items()))]

    def wanted(name: str, recipe: Recipe) -> list[FeatureCache]:
        layers = {each for told in Outline.of(recipe).sources.values() for each in split(told)}
        if others := layers - {*LAYERS, TEXT}:
            pytest.skip(f"it reads {', '.join(others)}, which no command makes")
        usual = {"backbone": "mobilenet_v2", "crops": 1, "layer": ",".join(sorted(layers - {TEXT}))}
        tables = recipe_files.features(name).values() or [{}]
        return [make({**usual, **table}) for table in tables] + (
            [texts()] if TEXT in layers else []
        )

    def texts() -> FeatureCache:
        (work / "words.py").write_text(WORDS)
        encoder = open_encoder(f"{work / 'words.py'}:encode", "cpu")
        settings = TextSettings.model_validate({})
        return FeatureCache(encode_captions(corpus, encoder, work, settings))

    return wanted


def tried(names: list[str]) -> list[Any]:
    soak = pytest.mark.soak
    return [name if name in QUICK else pytest.param(name, marks=soak) for name in names]


Fit = Callable[..., None]


@pytest.fixture
def fit(request: pytest.FixtureRequest, corpus: Corpus, caches: Caches) -> Fit:
    """Trains, or goes on: ``fit(run, *assignments, long=, validate=, progress=)``."""
    name = request.param
    raw = recipe_files.read(name)
    found = caches(name, resolve(raw))

    def run(folder: Path, *assignments: str, long: bool = False, **told: Any) -> None:
        falls = name in STEPPED and resolve(raw).parts()["schedule"] == "step"
        more = (*FEW, *assignments, *(LONG if long and falls else ()))
        recipe = resolve(raw, more if name in STEPPED else ())
        sources = open_sources(Outline.of(recipe), found)
        usual = {"validate": scores, "progress": lambda *_, **__: None}
        plan = Plan.of(corpus, sources, recipe)
        train(plan, folder, device=CPU, given={}, score=scores, **usual | told)

    return run


def scores(prediction: Prediction) -> dict[str, float]:
    return judge(prediction).scores()


@pytest.mark.parametrize("fit", tried(NAMES), indirect=True)
def test_it_comes_above_twice_chance(fit: Fit, tmp_path: Path) -> None:
    def validate(prediction: Prediction) -> dict[str, float]:
        report = judge(prediction)
        chance = sum(sum(way.values()) for way in report.facts["chance"].values())
        if report.scores()["rsum"] > 2 * chance:
            raise Reached
        return report.scores()

    with pytest.raises(Reached):
        fit(tmp_path / "run", long=True, validate=validate)


@pytest.mark.parametrize("fit", tried(STEPPED), indirect=True)
def test_it_is_resumed_to_the_same_bits(fit: Fit, tmp_path: Path) -> None:
    whole, run = tmp_path / "whole", tmp_path / "run"
    fit(whole, "epochs=2")
    with pytest.raises(KeyboardInterrupt):
        fit(run, "epochs=2", progress=interrupted_at(2, 3))
    fit(run, "epochs=2")
    assert_same_run(run, whole)
