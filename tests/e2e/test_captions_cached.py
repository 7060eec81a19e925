"""A run on a cache of pictures and one of captions: trained, asked, and asked of other captions."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.conftest import Chain, Type, typed
from tests.e2e.test_bad_input import one_line

SMALL = ("--set", "epochs=2", "--set", "embed_dim=16", "--set", "batch_size=60")
ENCODER = """
import numpy as np

WIDTH = 31

def encode(texts):
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in zip(rows, texts):
        for word in text.lower().split():
            row[sum(map(ord, word)) % WIDTH] += 1
    return rows
"""


class World(NamedTuple):
    data: Path
    work: Path
    pictures: Path
    captions: Path
    encoder: Path


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("captions")
    data = Path(shutil.copytree(chain.data, root / "scenes"))
    pictures = shutil.copytree(chain.cache, root / "work" / "features" / chain.cache.name)
    encoder = root / "own.py"
    encoder.write_text(ENCODER)
    captions = typed("features", data, "--text", f"{encoder}:encode", "--work", root / "work")
    return World(data, root / "work", Path(pictures), Path(captions), encoder)


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """A copy that a test may break."""
    folder = Path(shutil.copytree(made.data.parent, tmp_path / "project"))
    return World(*(folder / path.relative_to(made.data.parent) for path in made))


def words(world: World, *more: object, recipe: str = "adapters-light") -> tuple[object, ...]:
    return ("--data", world.data, "--recipe", recipe, "--work", world.work, *more)


def train(tencrop: Type, world: World) -> Path:
    said = tencrop("train", world.pictures, world.captions, *words(world, *SMALL))
    assert said.code == 0, said.err
    return Path(said.last)


def test_it_is_trained_and_asked(tencrop: Type, world: World) -> None:
    run = train(tencrop, world)
    assert "-squeezenet1_1-1crop-mean-own.encode-adapters-light-seed0-" in run.name
    swapped = tencrop("train", world.captions, world.pictures, *words(world, *SMALL))
    assert Path(swapped.last) == run
    sources = json.loads((run / "config.json").read_text())["sources"]
    assert sources.keys() == {"image", "text"}
    assert sources["text"]["settings"]["text"].endswith("own.py:encode")
    said = tencrop("evaluate", run, "--work", world.work)
    assert said.code == 0, said.err
    report = json.loads((run / "eval-test" / "report.json").read_text())
    assert report["encoders"]["text"]["encoder"] == "own.encode"
    assert report["trained_on"] == 0
    assert tencrop("run", "verify", run).code == 0
    listed = tencrop("list", "--work", world.work).out
    assert run.name in listed


def test_other_captions_are_encoded_as_the_runs_own_were(tencrop: Type, world: World) -> None:
    run = train(tencrop, world)
    other = world.data.parent / "others"
    assert tencrop("scenes", other, "--train", 4, "--val", 4, "--test", 9, "--seed", 5).code == 0
    said = tencrop("evaluate", run, "--data", other, "--work", world.work)
    assert said.code == 0, said.err
    assert "own.encode: a vector a caption" in said.err
    (folder,) = run.glob("eval-test-others-*")
    assert (folder / "report.json").exists()
    again = tencrop("evaluate", run, "--data", other, "--work", world.work)
    assert "nothing that the answer follows from has changed" in again.err


def test_features_like_a_run_are_those_of_its_captions_too(tencrop: Type, world: World) -> None:
    run, work = train(tencrop, world), ("--work", world.work)
    size = ("--train", 4, "--val", 4, "--test", 9, "--seed", 5)
    other = Path(tencrop("scenes", world.data.parent / "others", *size).last)
    made = tencrop("features", other, "--like", run, *work)
    assert made.code == 0, made.err
    pictures, captions = made.out.splitlines()
    assert made.err.count("others: 17 pictures, 85 captions") == 1
    assert "85 captions encoded in" in made.err
    caches = ("--cache", pictures, "--cache", captions)
    said = tencrop("evaluate", run, "--data", other, *caches, *work)
    assert said.code == 0, said.err
    (other / "scenes.json").unlink()
    alone = tencrop("features", other / "images", "--like", run, *work)
    assert (alone.code, len(alone.out.splitlines())) == (0, 1), alone.err


def test_an_encoder_that_changed_since_is_refused(tencrop: Type, world: World) -> None:
    run = train(tencrop, world)
    other = world.data.parent / "others"
    tencrop("scenes", other, "--train", 4, "--val", 4, "--test", 9, "--seed", 5)
    source = json.loads((run / "config.json").read_text())["sources"]["text"]
    file = Path(source["settings"]["text"].rpartition(":")[0])
    before = file.read_text()
    try:
        file.write_text(before.replace("+= 1", "+= 2") + "\nraise SystemExit('it was run')\n")
        said = tencrop("evaluate", run, "--data", other, "--work", world.work)
    finally:
        file.write_text(before)
    one_line(said, "code ", "trained on: ", "give back the run's own encoder")


def test_code_that_came_with_a_run_is_not_run_unasked(tencrop: Type, world: World) -> None:
    """The encoder is where it was, or it is named: a run that is handed on brings none."""
    work = ("--work", world.work)
    world.encoder.write_text(f"{ENCODER}\nOWN = 1\n")
    made = tencrop("features", world.data, "--text", f"{world.encoder}:encode", *work)
    run = train(tencrop, world._replace(captions=Path(made.last)))
    size = ("--train", 4, "--val", 4, "--test", 9, "--seed", 5)
    tencrop("scenes", world.data.parent / "others", *size)
    moved = world.data.parent.rename(world.data.parent.parent / "elsewhere")
    there = moved / run.relative_to(world.data.parent)
    asked = ("evaluate", there, "--data", moved / "others", "--work", moved / "work")
    one_line(tencrop(*asked), "own.py:encode encodes them, and that file is not there", "--cache")
    named = ("--text", f"{moved / 'own.py'}:encode", "--work", moved / "work")
    captions = tencrop("features", moved / "others", *named).last
    said = tencrop(*asked, "--cache", captions)
    assert said.code == 0, said.err


def test_captions_that_were_edited_are_refused_before_a_training(
    tencrop: Type, world: World
) -> None:
    table = world.data / "scenes.json"
    table.write_text(table.read_text().replace(" a ", " another ", 1))
    done = tencrop("train", world.pictures, world.captions, *words(world, *SMALL))
    one_line(done, "of other sentences than are there now", "features DATA --text ENCODER")
    assert not (world.work / "runs").exists()


@pytest.mark.parametrize(
    ("caches", "recipe", "told"),
    [
        (("pictures",), "adapters-light", "this recipe reads vectors of captions, and no cache"),
        (("captions",), "adapters-light", "holds vectors of captions; give a cache of the pict"),
        (("pictures", "captions"), "vse++", "this recipe reads none; leave it out, or take one"),
    ],
)
def test_caches_that_do_not_fit_the_recipe_are_refused(
    tencrop: Type, world: World, caches: tuple[str, ...], recipe: str, told: str
) -> None:
    paths = [getattr(world, name) for name in caches]
    one_line(tencrop("train", *paths, *words(world, recipe=recipe)), told)


def test_all_says_how_such_a_recipe_is_trained(tencrop: Type, world: World) -> None:
    said = tencrop("all", world.data, "--recipe", "adapters-light", "--work", world.work)
    one_line(said, "features DATA --text ENCODER", "train PICTURECACHE TEXTCACHE")
