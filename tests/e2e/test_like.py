"""`features OTHER --like RUN`: the stage one of a run again, of other pictures, or a refusal."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from core.files import json_sha256
from core.sources import CacheLayer
from core.store import FeatureCache
from extract.catalogue import build
from tests.e2e.conftest import Said, Type
from tests.e2e.test_bad_input import one_line

MADE = ("--backbone", "squeezenet1_1", "--crops", 1, "--dtype", "float16", "--keep", "all")


def pictures(folder: Path, colours: list[int]) -> Path:
    (folder / "images").mkdir(parents=True)
    for number, colour in enumerate(colours):
        name = folder / "images" / f"{number}.png"
        Image.new("RGB", (40 + number, 30), (colour, 99, 255 - colour)).save(name)
    rows = [f"{number}.png,a picture" for number in range(len(colours))]
    (folder / "captions.csv").write_text("\n".join(["image,caption", *rows]))
    return folder


def run_of(cache: Path, run: Path, **changes: Any) -> Path:
    """A run as `train` writes it, as far as `--like` reads it."""
    opened = FeatureCache(cache)
    source = CacheLayer(opened, "pooled")
    told = {
        "encoder": source.encoder,
        "made_by": source.made_by,
        "settings": opened.manifest["made_with"]["settings"],
    }
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"sources": {"image": told | changes}}))
    return run


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state dict of the seeded random weights, as a file."""
    folder = tmp_path_factory.mktemp("weights")
    state = build("squeezenet1_1", "random").module.trunk.state_dict()
    save_file({f"features.{key}": value for key, value in state.items()}, folder / "w.safetensors")
    return folder / "w.safetensors"


@pytest.fixture
def made(
    tencrop: Type, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """A cache of three pictures, and a run of it; then `features` of four others, like the run."""
    shutil.copy(weights, tmp_path)
    monkeypatch.chdir(tmp_path)
    data = pictures(tmp_path / "first", [0, 100, 200])
    words = ("features", data, *MADE, "--weights", "w.safetensors", "--work", tmp_path / "work")
    said = tencrop(*words)
    assert said.code == 0, said.err
    run_of(Path(said.last), tmp_path / "run")
    pictures(tmp_path / "second", [250, 150, 50, 0])
    monkeypatch.chdir(tmp_path / "second")  # what was relative then is not here

    def like(*words: object, run: Path = tmp_path / "run") -> Said:
        work = ("--work", tmp_path / "other")
        return tencrop("features", tmp_path / "second", "--like", run, *work, *words)

    return like


def first(tmp_path: Path) -> FeatureCache:
    (path,) = (tmp_path / "work" / "features").iterdir()
    return FeatureCache(path)


def test_the_features_are_made_as_those_of_the_run(
    made: Callable[..., Said], tmp_path: Path
) -> None:
    said = made("--batch-size", 2, "--shard-size", 3, "--device", "cpu")
    assert said.code == 0, said.err
    there, here = first(tmp_path), FeatureCache(Path(said.last))
    assert here.path.parent == tmp_path / "other" / "features"
    assert here.key != there.key
    assert CacheLayer(here, "pooled").encoder == CacheLayer(there, "pooled").encoder
    settings = there.manifest["made_with"]["settings"]
    assert settings["weights"] == str((tmp_path / "w.safetensors").resolve())
    told = {"batch_size": 2, "shard_size": 3, "transform": "256:224"}
    assert here.manifest["made_with"]["settings"] == settings | told
    assert here.manifest["shard_size"] == 3
    # The first picture of one and the last of the other have one colour, and so one vector.
    ours, theirs = (
        here.read("pooled", here.rows(["3.png"])),
        there.read("pooled", there.rows(["0.png"])),
    )
    assert abs(ours - theirs).max() <= 2e-3 * abs(theirs).max()
    assert made().last == said.last


@pytest.mark.parametrize("earlier", [False, True])
def test_the_transform_of_the_run_is_repeated_also_where_its_settings_do_not_tell_it(
    tencrop: Type, weights: Path, tmp_path: Path, earlier: bool
) -> None:
    words = ("--backbone", "squeezenet1_1", "--crops", 1, "--weights", weights)
    work = ("--work", tmp_path / "work")
    data = pictures(tmp_path / "first", [0, 100])
    plain = tencrop("features", data, *words, *work)
    assert "pictures are resized to 256 and cut to 224; if it was trained otherwise" in plain.err
    sized = tencrop("features", data, *words, "--transform", "232:224", *work)
    assert "pictures are resized" not in sized.err
    assert sized.last != plain.last
    run, there = tmp_path / "run", FeatureCache(Path(sized.last))
    settings = dict(there.manifest["made_with"]["settings"])
    assert settings["transform"] == "232:224"
    if earlier:
        del settings["transform"]
    run_of(there.path, run, settings=settings)
    other = pictures(tmp_path / "second", [250, 150])
    said = tencrop("features", other, "--like", run, *work)
    assert said.code == 0, said.err
    here = FeatureCache(Path(said.last))
    assert CacheLayer(here, "pooled").encoder == CacheLayer(there, "pooled").encoder
    assert tencrop("features", data, *words, "--transform", "1x1", *work).code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--backbone", "squeezenet1_1"),
        ("--layer", "grid"),
        ("--crops", 1),
        ("--keep", "all"),
        ("--dtype", "float16"),
    ],
)
def test_what_makes_numbers_may_not_be_given_beside_it(
    made: Callable[..., Said], tmp_path: Path, words: tuple[object, ...]
) -> None:
    one_line(made(*words), f"--like takes {words[0]} from", f"leave {words[0]} out")
    assert not (tmp_path / "other").exists()


def test_several_are_named_together(made: Callable[..., Said]) -> None:
    one_line(made("--crops", 5, "--backbone", "vgg19"), "leave --backbone, --crops out")


def test_other_weights_are_refused_before_anything_is_extracted(
    made: Callable[..., Said], tmp_path: Path
) -> None:
    then = first(tmp_path).manifest["fields"]["weights"]
    file = tmp_path / "w.safetensors"
    tensors = load_file(file)
    tensors["features.0.bias"] = tensors["features.0.bias"] + 1
    save_file(tensors, file)
    words = ("weights '", f"(trained on: '{then}')", "--weights PATH")
    one_line(made(), *words)
    one_line(made("--weights", file), *words)
    assert not (tmp_path / "other").exists()


def test_weights_that_have_moved_are_asked_for_and_checked(
    made: Callable[..., Said], tmp_path: Path
) -> None:
    usual = made().last
    moved = (tmp_path / "w.safetensors").rename(tmp_path / "moved.safetensors")
    one_line(made(), "no longer at", "w.safetensors", "--weights PATH")
    said = made("--weights", moved)
    assert (said.code, said.last) == (0, usual)


@pytest.mark.parametrize("settings", [None, {}])
def test_a_cache_of_an_earlier_version_needs_only_the_weights(
    made: Callable[..., Said], tmp_path: Path, settings: dict[str, Any] | None
) -> None:
    usual = made().last
    run = run_of(first(tmp_path).path, tmp_path / "earlier", settings=settings)
    one_line(made(run=run), "earlier does not say where the weights", "--weights PATH")
    said = made("--weights", tmp_path / "w.safetensors", run=run)
    assert (said.code, said.last) == (0, usual)


def test_an_encoder_that_this_installation_does_not_have(
    made: Callable[..., Said], tmp_path: Path
) -> None:
    facts = dict(CacheLayer(first(tmp_path), "pooled").made_by) | {"decoder": "pillow 1.0"}
    run = run_of(first(tmp_path).path, tmp_path / "b", made_by=facts, encoder=json_sha256(facts))
    one_line(made(run=run), "decoder 'pillow ", "(trained on: 'pillow 1.0')", "versions")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, ("is not a run (no config.json)", "--like")),
        ("{}", ("does not say", "one by one")),
        ("{", ("damaged", "one by one")),
        ("[1]", ("damaged", "one by one")),
        ('{"sources": {"caption": {}}}', ("does not say", "one by one")),
        ('{"sources": {"image": {"encoder": "0", "made_by": {}}}}', ("digest", "one by one")),
    ],
)
def test_a_run_that_cannot_tell(
    made: Callable[..., Said], tmp_path: Path, config: str | None, words: tuple[str, ...]
) -> None:
    run = tmp_path / "odd"
    run.mkdir()
    if config:
        (run / "config.json").write_text(config)
    one_line(made(run=run), *words)


def test_stored_vectors_are_no_stage_one(made: Callable[..., Said], tmp_path: Path) -> None:
    facts = {"model": "somebody's"}
    told = {"encoder": json_sha256(facts), "made_by": facts, "settings": None}
    (tmp_path / "run" / "config.json").write_text(json.dumps({"sources": {"image": told}}))
    one_line(made("--weights", "random"), "no feature cache", "bring its values")
