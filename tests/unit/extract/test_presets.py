"""The transform of weights: by name, by the file's digest, as the user says, or told."""

from functools import partial

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import VGG16_Weights, Weights, WeightsEnum, get_model
from torchvision.transforms._presets import ImageClassification

from core.errors import SettingError
from core.files import file_sha256
from core.store.key import cache_key
from extract import presets
from extract.catalogue import build
from extract.presets import chosen, member_of, preset
from extract.settings import FeatureSettings
from extract.stated import made_by
from extract.transform import IMAGENET, Transform

NAME = "squeezenet1_1"
ODD = Transform(200, 192, "bilinear", (0.5, 0.5, 0.5), (0.2, 0.2, 0.2))


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A member of the model's enum, in torchvision's own folder, and what is in its file."""
    state = get_model(NAME, weights=None).state_dict()
    torch.save(state, tmp_path / "w.pth")
    sha256 = file_sha256(tmp_path / "w.pth")
    file = f"{NAME}-{sha256[:8]}.pth"
    asks = partial(ImageClassification, crop_size=192, resize_size=200, mean=ODD.mean, std=ODD.std)
    other = Weights(f"https://example.org/{NAME}-{'0' * 8}.pth", asks, {})
    mine = Weights(f"https://example.org/{file}", asks, {})
    enum = WeightsEnum("Own", {"IMAGENET1K_V1": other, "IMAGENET1K_V9": mine})
    for module in ("presets", "weights"):
        monkeypatch.setattr(f"extract.{module}.get_model_weights", lambda model: enum)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (tmp_path / "w.pth").rename(folder / file)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return folder / file


def test_a_file_of_torchvisions_makes_what_its_name_makes_whatever_it_is_called(own, tmp_path):
    named = build(NAME, "IMAGENET1K_V9")
    assert named.transform == ODD
    (tmp_path / "mine.pt").write_bytes(own.read_bytes())
    for file in (own, tmp_path / "mine.pt"):
        found = build(NAME, str(file))
        assert (found.note, found.weights) == ("", file.name)
        assert made_by(found, FeatureSettings()) == made_by(named, FeatureSettings())


def test_of_another_file_it_is_said_which_transform_was_taken(own, tmp_path):
    save_file(torch.load(own, weights_only=True), tmp_path / "w.safetensors")
    found = build(NAME, str(tmp_path / "w.safetensors"))
    assert found.transform == IMAGENET
    assert found.note == (
        "w.safetensors is no file of torchvision's for this model: pictures are resized to 256 and "
        "cut to 224; if it was trained otherwise, say how: --transform NAME|RESIZE:CROP"
    )
    named = build(NAME, str(tmp_path / "w.safetensors"), "IMAGENET1K_V9")
    assert (named.transform, named.note) == (ODD, "")
    assert made_by(named, FeatureSettings()) == made_by(build(NAME, str(own)), FeatureSettings())
    assert build(NAME, "random").note == ""


def test_sizes_keep_the_rest_of_the_transform(own):
    sized = build(NAME, str(own), "99:64")
    assert sized.transform == Transform(99, 64, "bilinear", ODD.mean, ODD.std)
    assert sized.layers["grid"][:2] == (3, 3)
    assert chosen(NAME, "232:224", IMAGENET).facts() == IMAGENET.facts() | {"resize": 232}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("IMAGENET1K_V7", "did you mean 'IMAGENET1K_V1'.*accepted: .*RESIZE:CROP"),
        ("224", "unknown transform '224' of squeezenet1_1"),
        ("-1:-1", "unknown transform"),
        ("224:232", r"RESIZE \(at most 2048\) is at least CROP.*256:224 is that of the weights"),
        ("224:0", "CROP at least 1"),
        ("2049:224", "at most 2048"),
    ],
)
def test_a_transform_that_cannot_be_is_refused(wanted, message):
    with pytest.raises(SettingError, match=message):
        chosen(NAME, wanted, IMAGENET)


def test_a_crop_that_the_network_cannot_take_is_refused():
    with pytest.raises(SettingError, match="squeezenet1_1 cannot take crops of 8 pixels; use a"):
        build(NAME, "random", "8:8")


def test_torchvisions_own_members_are_found_by_the_digits_of_their_files():
    for member in VGG16_Weights:
        digits = member.url.rpartition("-")[2].removesuffix(".pth")
        assert len(digits) == 8
        assert member_of("vgg16", digits + "0" * 56) is member
        assert member_of("vgg16", "0" * 64) is None
    odd = preset(VGG16_Weights.IMAGENET1K_FEATURES)
    assert odd.std == (1 / 255, 1 / 255, 1 / 255)
    assert presets.chosen("vgg16", "IMAGENET1K_FEATURES", IMAGENET) == odd


def test_what_nobody_says_leaves_every_key_as_it_was():
    """The key of these fields as an earlier version, without the option, made it."""
    network = build(NAME, "random")
    fields = made_by(network, FeatureSettings(weights="random", crops=1))
    fixed = fields | {"weights": "a" * 64, "decoder": "pillow 1", "corpus": "b" * 64}
    assert cache_key(fixed) == "f6f73114c8588a000643ea2453cbe105de58fc8df651075cfb3f087f6e4d3900"
    same = made_by(build(NAME, "random", "256:224"), FeatureSettings(crops=1, transform="256:224"))
    assert same == fields
    assert made_by(build(NAME, "random", "232:224"), FeatureSettings(crops=1)) != fields
