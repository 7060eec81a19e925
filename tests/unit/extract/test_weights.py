"""Weights: what fits, what is refused by name, and a digest that no file format changes."""

import os
import urllib.error
import zipfile

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import MobileNet_V2_Weights, get_model

from core.errors import InputError, SettingError
from extract.backbone import Network
from extract.backbones import densenet
from extract.catalogue import build
from extract.transform import IMAGENET
from extract.weights import is_finite

NAME = "squeezenet1_1"
FIRST = "features.0.weight"


@pytest.fixture(scope="module")
def state():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return dict(get_model(NAME, weights=None).state_dict())


def saved(tmp_path, state, name="weights.safetensors"):
    path = tmp_path / name
    if path.suffix == ".safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)
    return str(path)


def test_the_file_format_the_order_and_the_classifier_do_not_change_the_digest(tmp_path, state):
    digests = {
        build(NAME, saved(tmp_path, state)).sha256,
        build(NAME, saved(tmp_path, state, "w.pth")).sha256,
        build(NAME, saved(tmp_path, dict(reversed(state.items())), "w.pt")).sha256,
        build(NAME, saved(tmp_path, {k: state[k] for k in state if "class" not in k})).sha256,
        build(NAME, saved(tmp_path, state | {"classifier.1.bias": torch.zeros(20)})).sha256,
    }
    assert len(digests) == 1
    changed = state[FIRST].clone()
    changed[0, 0, 0, 0] += 1e-7
    digests.add(build(NAME, saved(tmp_path, state | {FIRST: changed})).sha256)
    digests.add(build(NAME, "random").sha256)
    assert len(digests) == 3


def test_a_file_makes_the_features_of_the_full_model(tmp_path, state):
    backbone = build(NAME, saved(tmp_path, state))
    assert (backbone.weights, backbone.transform) == ("weights.safetensors", IMAGENET)
    model = get_model(NAME, weights=None)
    model.load_state_dict(state)
    crops = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model.eval().features(crops)
    assert torch.equal(backbone.module(crops, "grid"), expected.permute(0, 2, 3, 1))
    torch.testing.assert_close(backbone.module(crops, "pooled"), expected.mean((2, 3)))


def test_half_precision_weights_are_used_as_float32(tmp_path, state):
    half = {key: value.half() for key, value in state.items()}
    wide = {key: value.float() for key, value in half.items()}
    first, second = build(NAME, saved(tmp_path, half)), build(NAME, saved(tmp_path, wide, "w.pth"))
    assert first.sha256 == second.sha256
    assert {value.dtype for value in first.module.state_dict().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({FIRST: None}, f"missing key '{FIRST}'; give"),
        ({FIRST: None, "features.0.bias": None}, "missing key 'features.0.bias' and 1 more"),
        ({"extra": torch.zeros(1)}, "unexpected key 'extra'"),
        ({"classifier.9.weight": torch.zeros(1)}, "unexpected key 'classifier.9.weight'"),
        ({FIRST: torch.zeros(64, 3, 5, 5)}, r"has the shape \[64, 3, 5, 5\], not \[64, 3, 3, 3\]"),
        ({FIRST: torch.full((64, 3, 3, 3), torch.nan)}, f"'{FIRST}' holds values that are not"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, state, change, message):
    kept = {key: value for key, value in (state | change).items() if value is not None}
    with pytest.raises(InputError, match=message):
        build(NAME, saved(tmp_path, kept))


@pytest.mark.parametrize(
    "values",
    [
        *([], [1.0, -2.0], [3e38, 3e38], [-3e38, -3e38, 1.0]),  # whose sums overflow
        *([1.0, torch.nan], [torch.inf, 1.0], [torch.inf, -torch.inf], [3e38, 3e38, -torch.inf]),
    ],
)
def test_finite_is_what_torch_calls_finite_of_each_number(values):
    drawn = torch.tensor(values)
    assert is_finite(drawn) == bool(torch.isfinite(drawn).all())


def test_batch_counters_may_be_missing(tmp_path):
    state = get_model("resnet18", weights=None).state_dict()
    kept = {key: value for key, value in state.items() if "tracked" not in key and "fc" not in key}
    assert build("resnet18", saved(tmp_path, kept)).weights == "weights.safetensors"
    with pytest.raises(InputError, match="missing key 'bn1.running_var'"):
        build("resnet18", saved(tmp_path, {k: kept[k] for k in kept if k != "bn1.running_var"}))


def test_old_densenet_names_are_understood(tmp_path):
    state = dict(get_model("densenet121", weights=None).state_dict())
    old = {
        key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value
        for key, value in state.items()
    }
    assert old.keys() != state.keys()
    assert {densenet.rename(key) for key in old} == state.keys()
    new_digest = build("densenet121", saved(tmp_path, state)).sha256
    assert build("densenet121", saved(tmp_path, old, "old.pth")).sha256 == new_digest


@pytest.mark.parametrize("name", ["absent.pth", "folder/absent.safetensors"])
def test_a_missing_file_is_an_input_error(tmp_path, name):
    with pytest.raises(InputError, match="no weights at .*check --weights"):
        build(NAME, str(tmp_path / name))


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.safetensors"])
@pytest.mark.parametrize("data", [b"", b"<html>404</html>"])
def test_a_file_that_holds_no_weights_is_an_input_error(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match="cannot be read as weights"):
        build(NAME, str(tmp_path / name))


def test_a_pickled_model_or_checkpoint_is_not_a_state_dict(tmp_path, state):
    torch.save(nn.Linear(2, 2), tmp_path / "model.pth")
    with pytest.raises(InputError, match="cannot be read as weights"):
        build(NAME, str(tmp_path / "model.pth"))
    with pytest.raises(InputError, match="more than tensors, which may run any program") as failure:
        build(NAME, str(tmp_path / "model.pth"))
    assert "weights_only" not in str(failure.value)
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "checkpoint.pth")
    with pytest.raises(InputError, match="not a state dict"):
        build(NAME, str(tmp_path / "checkpoint.pth"))


def test_an_archive_of_a_program_is_refused_without_advice_to_open_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pth", "w") as archive:
        archive.writestr("w/constants.pkl", b"")
        archive.writestr("w/data.pkl", b"")
        archive.writestr("w/version", b"3")
    with pytest.raises(InputError, match="cannot be read as weights") as failure:
        build(NAME, str(tmp_path / "w.pth"))
    assert "weights_only" not in str(failure.value)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "endless.safetensors").symlink_to("/dev/zero")
    (tmp_path / "folder.pt").mkdir()
    for name in ("pipe.pth", "endless.safetensors", "folder.pt"):
        with pytest.raises(
            InputError, match=f"{name} cannot be read .is not a regular file.; give"
        ):
            build(NAME, str(tmp_path / name))


def test_a_file_above_the_largest_size_is_not_read(tmp_path, state, monkeypatch):
    monkeypatch.setattr("extract.weights.MOST_FILE", 1000)
    with pytest.raises(InputError, match="is larger than 1,000 bytes"):
        build(NAME, saved(tmp_path, state))


def test_short_memory_is_not_taken_for_a_damaged_file(tmp_path, state, monkeypatch):
    def short(path):
        raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")

    monkeypatch.setattr("extract.weights.load_file", short)
    with pytest.raises(InputError, match="memory is too short for the weights .*; close other"):
        build(NAME, saved(tmp_path, state))


def test_unknown_weights_name_the_accepted_ones():
    with pytest.raises(SettingError, match="did you mean 'IMAGENET1K_V1'.*DEFAULT.*random"):
        build(NAME, "IMAGENET1K_V3")
    with pytest.raises(SettingError, match="PATH.safetensors"):
        build(NAME, "weights.h5")


def test_without_a_network_the_error_says_which_file_to_fetch(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", refuse)
    with pytest.raises(InputError) as failure:
        build("mobilenet_v2", "DEFAULT")
    message = str(failure.value)
    file = MobileNet_V2_Weights.DEFAULT.url.rpartition("/")[2]
    assert file in message
    assert "no route to host" in message
    assert f"--weights PATH/{file}" in message
    assert "\n" not in message


def test_a_damaged_file_of_torchvisions_own_folder_is_one_line(tmp_path, monkeypatch):
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    file = folder / MobileNet_V2_Weights.IMAGENET1K_V1.url.rpartition("/")[2]
    for data in (b"<html>404</html>", b""):
        file.write_bytes(data)
        with pytest.raises(InputError, match="could not .*--weights PATH/") as failure:
            build("mobilenet_v2", "IMAGENET1K_V1")
        assert "weights_only" not in str(failure.value)


@pytest.mark.parametrize(("member", "resize"), [("DEFAULT", 232), ("IMAGENET1K_V1", 256)])
def test_the_transform_belongs_to_the_weights(tmp_path, monkeypatch, member, resize):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    enum = MobileNet_V2_Weights[member]
    torch.save(get_model("mobilenet_v2").state_dict(), folder / enum.url.rpartition("/")[2])
    backbone = build("mobilenet_v2", member)
    assert backbone.weights == enum.name
    assert (backbone.transform.resize, backbone.transform.crop) == (resize, 224)
    assert backbone.transform.interpolation == "bilinear"


def test_a_network_computes_only_the_layer_that_is_asked_for():
    class Refuse(nn.Module):
        def forward(self, values):
            raise AssertionError("not needed")

    network = Network(nn.Identity(), Refuse())
    assert network(torch.zeros(1, 3, 4, 5), "grid").shape == (1, 4, 5, 3)
