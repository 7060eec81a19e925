"""One run on several caches: views of one source, and sources side by side."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.said.progress import TrainingBar
from tests.e2e.conftest import Chain, Type, typed
from tests.e2e.test_bad_input import one_line

ROOT = Path(__file__).parents[2]
SMALL = ("--set", "epochs=2", "--set", "embed_dim=16", "--set", "word_dim=8")
MADE: tuple[tuple[object, ...], ...] = (
    ("--backbone", "squeezenet1_1", "--weights", "random", "--crops", 2, "--keep", "all"),
    ("--backbone", "alexnet", "--weights", "random", "--crops", 1),
)


class World(NamedTuple):
    """``caches``: one crop of a network; two of it; another network. ``run`` reads all."""

    data: Path
    work: Path
    caches: tuple[Path, ...]
    run: Path


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("several")
    data = Path(shutil.copytree(chain.data, root / "scenes"))
    first = shutil.copytree(chain.cache, root / "work" / "features" / chain.cache.name)
    words = (data, "--work", root / "work")
    others = [typed("features", *words, *options) for options in MADE]
    caches = (Path(first), *map(Path, others))
    run = typed("train", *caches, "--data", data, *SMALL, "--work", root / "work")
    return World(data, root / "work", caches, Path(run))


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """A copy that a test may break."""
    folder = Path(shutil.copytree(made.data.parent, tmp_path / "project"))
    *caches, run = (folder / p.relative_to(made.data.parent) for p in (*made.caches, made.run))
    return World(folder / "scenes", folder / "work", tuple(caches), run)


def train(tencrop: Type, world: World, *words: object, caches: Any = None) -> Path:
    more = (*SMALL, "--work", world.work, *words)
    said = tencrop("train", *(caches or world.caches), "--data", world.data, *more)
    assert said.code == 0, said.err
    return Path(said.last)


def test_the_order_typed_and_names_for_paths_are_the_same_run(tencrop: Type, world: World) -> None:
    run = train(tencrop, world)
    assert run == world.run
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


def answer(tencrop: Type, run: Path, world: World, *words: object) -> tuple[str, str]:
    said = tencrop("evaluate", run, "--work", world.work, *words)
    assert said.code == 0, said.err
    return said.out, said.err


def test_a_run_finds_its_caches_one_by_one(tencrop: Type, world: World, tmp_path: Path) -> None:
    assert train(tencrop, world) == world.run  # it notes that its things are here by now
    first, err = answer(tencrop, world.run, world)
    assert "extracting" not in err
    report = json.loads((world.run / "eval-test" / "report.json").read_text())
    keys = [json.loads((path / "cache.json").read_text())["key"] for path in world.caches]
    assert report["cache"] == sorted(keys)
    assert report["line"].count(" ".join(key[:8] for key in sorted(keys))) == 1
    assert set(report["encoders"]) == {"image", "image.2"}
    views = report["encoders"]["image.2"]
    assert (views["backbone"], views["layer"], views["weights"]) == (
        "squeezenet1_1",
        "pooled",
        "random",
    )
    assert views["transform"] == "256:224"
    told = sorted(views["views"], key=lambda view: int(view["crops"]))
    assert told == [{"crops": 1, "keep": "mean"}, {"crops": 2, "keep": "all"}]
    # A cache moves alone: it is named, and the others are found.
    moved = world.caches[2].rename(tmp_path / "moved")
    again, err = answer(tencrop, world.run, world, "--cache", moved)
    assert again == first
    assert "extracting" not in err
    assert "nothing that the answer follows from has changed" in err
    # It is gone: it alone is made again, as it was.
    moved.rename(tmp_path / "hidden")
    again, err = answer(tencrop, world.run, world)
    assert again == first
    assert f"{world.caches[2]} is gone (--cache, if it moved): extracting" in err
    assert err.count("alexnet with random") == 1
    assert "squeezenet1_1 with random" not in err
    assert world.caches[2].is_dir()
    # All moves: so does what is relative to the run.
    there = world.data.parent.rename(tmp_path / "elsewhere")
    moved_run = there / world.run.relative_to(world.data.parent)
    again, err = answer(tencrop, moved_run, world._replace(work=there / "work"))
    assert (again, "extracting" in err) == (first, False)


def test_a_cache_that_a_run_does_not_read_is_refused(
    tencrop: Type, world: World, tmp_path: Path
) -> None:
    words = ("evaluate", world.run, "--work", world.work)
    copy = shutil.copytree(world.caches[2], tmp_path / "copy")
    said = tencrop(*words, "--cache", world.caches[2], "--cache", copy)
    one_line(said, "copy holds nothing but what another --cache does; leave it out")
    made = ("--backbone", "alexnet", "--weights", "random", "--crops", 1, "--dtype", "float16")
    other = tencrop("features", world.data, *made, "--work", world.work).last
    one_line(tencrop(*words, "--cache", other), "the source 'image'", "dtype 'float16'")


def test_other_pictures_are_extracted_with_each_caches_own_settings(
    tencrop: Type, world: World, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    typed("scenes", other, "--train", 2, "--val", 2, "--test", 9, "--seed", 5)
    out, err = answer(tencrop, world.run, world, "--data", other)
    assert err.count("does not hold these pictures") == 3
    made = sorted((world.work / "features").glob("other-*"))
    assert len(made) == 3
    said = tencrop("features", other, "--like", world.run, "--work", world.work)
    assert said.code == 0, said.err
    assert sorted(map(Path, said.out.splitlines())) == made
    shutil.rmtree(made[0])
    again, err = answer(tencrop, world.run, world, "--data", other)
    assert again == out
    assert "does not hold" in err
    said = tencrop(
        "features", other, "--like", world.run, "--work", world.work, "--weights", "a.pth"
    )
    one_line(said, "reads 2 networks, alexnet,squeezenet1_1; give one for each")


def test_resumed_is_uninterrupted(
    tencrop: Type, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = ("--set", "crop=mixture", "--set", "standardise=true", "--set", "statistics=crops")
    whole = train(tencrop, world, *mixed, "--run", tmp_path / "whole")
    words = (*world.caches, "--data", world.data, *SMALL, *mixed, "--work", world.work)

    def interrupt(self: TrainingBar, *args: object, **kwargs: object) -> None:
        if args[:2] == (2, 2):
            raise KeyboardInterrupt

    cut = ("--run", tmp_path / "cut", "--save-every", 0, "--set", "batch_size=16")
    with monkeypatch.context() as patch:
        patch.setattr(TrainingBar, "__call__", interrupt)
        assert tencrop("train", *words, *cut).code == 130
    assert "step" in tencrop("train", *words, *cut).err
    uncut = train(tencrop, world, *mixed, "--set", "batch_size=16", "--run", tmp_path / "uncut")
    model = (uncut / "model.safetensors").read_bytes()
    assert (tmp_path / "cut" / "model.safetensors").read_bytes() == model
    assert (whole / "model.safetensors").read_bytes() != model


def test_cca_reads_several(tencrop: Type, world: World) -> None:
    run = train_cca(tencrop, world)
    out, err = answer(tencrop, run, world)
    assert "rsum" in out
    assert "extracting" not in err


def test_features_for_a_run_are_those_of_one_of_its_caches(tencrop: Type, world: World) -> None:
    words = ("features", world.data, "--work", world.work, "--into", world.run)
    for options in MADE:
        assert tencrop(*words, *options).code == 0
    one_line(tencrop(*words, *MADE[1], "--dtype", "float16"), "float16", "(trained on: 'float32')")


def train_cca(tencrop: Type, world: World) -> Path:
    words = ("--data", world.data, "--work", world.work, "--recipe", "cca")
    said = tencrop("train", *world.caches, *words)
    assert said.code == 0, said.err
    return Path(said.last)


def test_what_is_listed_and_would_be_lost(tencrop: Type, world: World) -> None:
    (row,) = json.loads(tencrop("list", "--json", "--work", world.work).out)["runs"]
    assert row["backbone"] == "alexnet+squeezenet1_1"
    assert sorted(row["caches"]) == sorted(map(str, world.caches))
    assert row["crops"] == 0
    listed = tencrop("list", "--work", world.work).out
    assert "alexnet+squeezenet1_1" in listed
    for cache in world.caches:
        said = tencrop("remove", cache, "--work", world.work)  # nobody answers: nothing is removed
        assert "1 run was trained on it" in said.err
        assert cache.is_dir()
    assert tencrop("run", "verify", world.run).code == 0


def test_a_finished_run_of_several_is_found_without_what_computes(world: World) -> None:
    words = ["train", *map(str, world.caches), "--data", str(world.data), *SMALL]
    code = (
        "import sys; from pipeline.cli import main\n"
        f"try: main({[*words, '--work', str(world.work)]!r})\n"
        "except SystemExit as ended: print('torch' in sys.modules, ended.code)"
    )
    child = [sys.executable, "-c", code]
    told = [  # the first time what only torch tells of this machine is kept
        subprocess.run(child, capture_output=True, text=True, cwd=ROOT, check=True).stdout
        for _ in range(2)
    ]
    assert told[1].split() == [str(world.run), "False", "0"]
