"""The whole road over several caches: found without what computes, and noticed where it changes."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.memory.remembered import Memory, read
from tests.e2e.conftest import Restored, Type, typed
from tests.e2e.done import SAME, TRAINED, flip, in_child, of, tried_twice, weights
from tests.faults.child import PARTS
from tests.faults.world import BACKBONE, draw
from tests.plugin_folder import added

RECIPE = """
epochs = 3
[features.plain]
crops = 1
[features.mirrored]
crops = 2
keep = "all"
"""


@pytest.fixture(autouse=True)
def small_backbone() -> Iterator[None]:
    with added(PARTS):
        yield


def options(root: Path) -> list[str]:
    """Two networks in two views each."""
    files = f"{root / 'one.safetensors'},{root / 'other.safetensors'}"
    made = ["--backbone", f"{BACKBONE},{BACKBONE}", "--weights", files, "--shard-size", "4"]
    trained = ["--recipe", str(root / "mine.toml"), *TRAINED[4:]]
    return ["all", str(root / "data"), *made, *trained, "--work", str(root / "work")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """A world in which all is done."""
    root = tmp_path_factory.mktemp("done") / "world"
    draw(root / "data")
    (root / "mine.toml").write_text(RECIPE)
    with added(PARTS):
        for seed, name in enumerate(("one", "other")):
            weights(root / f"{name}.safetensors", seed)
        typed(*options(root))
    assert len(list((root / "work" / "features").iterdir())) == 4
    return Restored.of(root)


@pytest.fixture
def world(made: Restored) -> Path:
    """That world as it was made, at the same place."""
    return made.put_back()


def test_the_second_time_nothing_that_computes_is_loaded(world: Path) -> None:
    code, table, _ = in_child(*options(world))
    assert (code, table.splitlines()[0]) == (0, "test: 3 images, 5 captions")
    work = ["--work", str(world / "work")]
    assert in_child(*options(world)) == (0, table, False)
    assert in_child("all", *work) == (0, table, False)
    code, caches, loaded = in_child("all", "--to", "features", *work)
    assert (code, loaded) == (0, False)
    assert [str(Path(line).parent) for line in caches.split()] == [f"{world}/work/features"] * 4
    run = of(world, "runs/*")
    assert in_child("all", "--to", "train", *work) == (0, f"{run}\n", False)
    data, settings = str(world / "data"), options(world)[8:-2]
    words = ("train", *caches.split(), "--data", data, *settings, *work)
    assert in_child(*words) == (0, f"{run}\n", False)
    assert in_child("evaluate", str(run), *work) == (0, table, False)


def test_each_file_is_hashed_once(world: Path, tencrop: Type, opened: Counter[str]) -> None:
    opened.clear()
    assert SAME in tencrop(*options(world)).err
    pictures = len(list((world / "data" / "images").iterdir()))
    shards = len(list((world / "work").glob("features/*/*.h5")))
    assert shards == 12
    curves, vectors_and_queries = 1, 2
    assert (opened[".png"], opened[".h5"]) == (pictures + curves, shards)
    assert opened[".npz"] == vectors_and_queries
    assert opened[".safetensors"] == 3  # the weights of each, and the model


def _weights(root: Path) -> list[str]:
    flip(root / "other.safetensors", 1.0)
    return options(root)


def _exchanged(root: Path) -> list[str]:
    one, other, kept = (root / f"{n}.safetensors" for n in ("one", "other", "kept"))
    one.rename(kept)
    other.rename(one)
    kept.rename(other)
    return options(root)


def _shard(root: Path) -> list[str]:
    flip(sorted((root / "work").glob("features/*/shard-00001.h5"))[2], 0.9)
    return options(root)


def _cache_gone(root: Path) -> list[str]:
    shutil.rmtree(sorted((root / "work").glob("features/*"))[3])
    return options(root)


def _recipe(root: Path) -> list[str]:
    (root / "mine.toml").write_text(RECIPE.replace("crops = 1", "crops = 5"))
    return options(root)


def _alone(root: Path) -> list[str]:
    return ["all", "--work", str(root / "work")]


CHANGES: dict[str, Callable[[Path], list[str]]] = {
    "nothing": options,
    "nothing is typed": _alone,
    "the weights of one": _weights,
    "whose weights they are": _exchanged,
    "a shard of one": _shard,
    "one is gone": _cache_gone,
    "what the recipe wants": _recipe,
    "a crop is typed": lambda root: [*options(root), "--crops", "1"],
    "one of two": lambda root: [*options(root), "--backbone", BACKBONE, "--weights", "random"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_as_without_what_is_kept(
    change: str, world: Path, tencrop: Type, tmp_path: Path
) -> None:
    said = tried_twice(world, tencrop, CHANGES[change](world), tmp_path / "spare")
    assert said.code == 0, said.err


def test_the_same_in_another_order_is_the_same_run(world: Path, tencrop: Type) -> None:
    words = options(world)
    one, _, other = words[words.index("--weights") + 1].partition(",")
    words[words.index("--weights") + 1] = f"{other},{one}"
    before = (read(world / "work") or Memory()).caches
    said = tencrop(*words)
    assert SAME in said.err
    after = (read(world / "work") or Memory()).caches
    assert (sorted(after), after) == (sorted(before), before[2:] + before[:2])


def test_it_may_be_trained_where_one_says_and_again(world: Path, tencrop: Type) -> None:
    words = [*options(world), "--run", str(world / "named")]
    first = tencrop(*words)
    assert first.code == 0, first.err
    assert tencrop(*words).out == first.out
    assert SAME in tencrop(*words).err
    other = tencrop(*words, "--backbone", BACKBONE, "--weights", "random")
    assert (other.code, other.err.splitlines()[-1].startswith("error: ")) == (1, True)
    assert "named" in other.err.splitlines()[-1]
