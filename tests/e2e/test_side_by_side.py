"""One run on several caches: views of one source, and sources side by side."""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.conftest import Chain, Type, typed
from tests.e2e.test_bad_input import one_line

SMALL = ("--set", "epochs=2", "--set", "embed_dim=16", "--set", "word_dim=8")
MADE: tuple[tuple[object, ...], ...] = (
    ("--backbone", "squeezenet1_1", "--weights", "random", "--crops", 2, "--keep", "all"),
    ("--backbone", "alexnet", "--weights", "random", "--crops", 1),
)


class World(NamedTuple):
    """``caches``: one crop of a network; two of it; another network."""

    data: Path
    work: Path
    caches: tuple[Path, ...]


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("several")
    data = Path(shutil.copytree(chain.data, root / "scenes"))
    first = shutil.copytree(chain.cache, root / "work" / "features" / chain.cache.name)
    words = (data, "--work", root / "work")
    others = [typed("features", *words, *options) for options in MADE]
    return World(data, root / "work", (Path(first), *map(Path, others)))


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """A copy that a test may break."""
    folder = Path(shutil.copytree(made.data.parent, tmp_path / "project"))
    moved = [folder / path.relative_to(made.data.parent) for path in made.caches]
    return World(folder / "scenes", folder / "work", tuple(moved))


def train(tencrop: Type, world: World, *words: object, caches: Any = None) -> Path:
    more = (*SMALL, "--work", world.work, *words)
    said = tencrop("train", *(caches or world.caches), "--data", world.data, *more)
    assert said.code == 0, said.err
    return Path(said.last)


def test_the_order_typed_and_names_for_paths_are_the_same_run(tencrop: Type, world: World) -> None:
    run = train(tencrop, world)
    assert "-alexnet+squeezenet1_1-3caches-vse++w-seed0-" in run.name
    config = json.loads((run / "config.json").read_text())
    assert {n: s["made_by"]["backbone"] for n, s in config["sources"].items()} == {
        "image": "alexnet",
        "image.2": "squeezenet1_1",
    }
    assert config["measured"]["shapes"] == {"image": [1, 4096], "image.2": [3, 512]}
    keys = [each["cache_key"] for each in config["given"]["caches"]]
    assert keys == sorted(keys)
    files = {file.name: file.read_bytes() for file in run.iterdir() if file.is_file()}
    by_name = [path.name for path in world.caches[::-1]]
    assert train(tencrop, world, caches=by_name) == run
    assert files == {file.name: file.read_bytes() for file in run.iterdir() if file.is_file()}


def test_what_cannot_be_read_together_is_one_line(tencrop: Type, world: World) -> None:
    words = ("--data", world.data, "--work", world.work)
    one_line(tencrop("train", *world.caches, world.caches[1], *words), "given twice; give it once")
    said = tencrop("train", *world.caches, "--set", "layer=grid", *words)
    one_line(said, "no cache has the layer 'grid'", "--set layer=pooled")
    other = world.data.parent / "other"
    shutil.copytree(world.data, other)
    changed = sorted((other / "images").glob("train-*.png"))[0]
    shutil.copy(sorted((other / "images").glob("test-*.png"))[0], changed)
    made = tencrop("features", other, *MADE[1], "--work", world.work).last
    said = tencrop("train", world.caches[0], made, *words)
    one_line(said, "another file for", changed.name, "run `features` on this corpus")
