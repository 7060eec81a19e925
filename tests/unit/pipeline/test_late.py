"""What a backbone says of itself is told without it, as long as its weights are the same."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torchvision.models import AlexNet_Weights

import extract.catalogue
from core.errors import InputError
from core.files import file_sha256
from core.sealed import read_sealed
from extract.catalogue import build
from extract.settings import FeatureSettings
from extract.stated import Stated, made_by
from pipeline.memory.known import FOLDER, Known
from pipeline.memory.late import HOMES, Late
from tests.plugin_folder import added

PARTS = Path(__file__).parents[2] / "faults" / "parts"
NAME = "shufflenet_v2_x0_5"


@pytest.fixture(autouse=True)
def small_backbone():
    with added(PARTS):
        yield


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    from extract.backbones.speck import Speck

    torch.manual_seed(3)
    safetensors.torch.save_file(Speck().state_dict(), tmp_path / "speck.safetensors")
    return tmp_path / "speck.safetensors"


def settings(weights: object = "random", **chosen: object) -> FeatureSettings:
    return FeatureSettings(backbone=NAME, weights=str(weights), crops=1, **chosen)


def kept(work: Path, chosen: FeatureSettings) -> Stated:
    late = Late(chosen, Known(work))
    told = late.stated
    assert told == Stated.of(late.backbone)
    late.keep()
    return told


def without_network(work: Path, chosen: FeatureSettings, monkeypatch: pytest.MonkeyPatch) -> Stated:
    """What is told where nothing may be built."""
    with monkeypatch.context() as patch:
        patch.setattr(extract.catalogue, "build", None)
        return Late(chosen, Known(work)).stated


def test_it_is_what_the_network_says(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chosen in (settings(), settings(weights), settings(weights, transform="18:16")):
        told = kept(tmp_path, chosen)
        assert without_network(tmp_path, chosen, monkeypatch) == told
        network = build(chosen.backbone, chosen.weights, chosen.transform)
        assert made_by(told, chosen) == made_by(network, chosen)


def test_the_question_names_all_that_the_answer_follows_from(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in HOMES:
        monkeypatch.setenv(name, f"/home/{name}")
    kept(tmp_path, settings(weights, transform="18:16"))
    (file,) = (tmp_path / FOLDER).iterdir()
    asked = read_sealed(file)["asked"]
    del asked["by"]
    assert asked == {
        "about": "backbone",
        "backbone": settings().backbone,
        "weights": weights.name,
        "transform": "18:16",
        "sha256": file_sha256(weights),
        "homes": {name: f"/home/{name}" for name in HOMES},
    }


@pytest.mark.parametrize("name", HOMES)
def test_another_home_is_another_question(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kept(tmp_path, settings(weights))
    monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(TypeError):
        without_network(tmp_path, settings(weights), monkeypatch)


def test_options_that_make_no_network_ask_nothing_new(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = kept(tmp_path, settings(weights))
    others = settings(weights, shard_size=7, batch_size=3, dtype="float16", layer="grid")
    assert without_network(tmp_path, others, monkeypatch) == told


def test_another_byte_of_the_weights_is_another_question(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = kept(tmp_path, settings(weights))
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(TypeError):
        without_network(tmp_path, settings(weights), monkeypatch)
    assert Late(settings(weights), Known(tmp_path)).stated.sha256 != told.sha256
    weights.write_bytes(data)
    assert without_network(tmp_path, settings(weights), monkeypatch) == told


def test_weights_that_change_while_they_are_loaded_are_not_kept(
    tmp_path: Path, weights: Path
) -> None:
    late = Late(settings(weights), Known(tmp_path))
    assert late.stated
    weights.write_bytes(weights.read_bytes() + b"\0")
    late.keep()
    assert not (tmp_path / FOLDER).exists()


def test_a_file_that_is_gone_is_said_by_who_builds(tmp_path: Path, weights: Path) -> None:
    kept(tmp_path, settings(weights))
    weights.unlink()
    with pytest.raises(InputError, match="no weights at"):
        assert Late(settings(weights), Known(tmp_path)).stated


def test_a_downloaded_file_is_looked_at_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    file = folder / AlexNet_Weights.DEFAULT.url.rpartition("/")[2]
    file.write_bytes(b"downloaded")
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path / "hub"))
    network = build(NAME, "random")
    monkeypatch.setattr(extract.catalogue, "build", lambda *_: network)
    chosen = FeatureSettings(backbone="alexnet", weights="DEFAULT")
    told = kept(tmp_path, chosen)
    assert without_network(tmp_path, chosen, monkeypatch) == told
    file.write_bytes(b"another")
    with pytest.raises(TypeError):
        without_network(tmp_path, chosen, monkeypatch)
    file.unlink()
    with pytest.raises(TypeError):
        without_network(tmp_path, chosen, monkeypatch)
