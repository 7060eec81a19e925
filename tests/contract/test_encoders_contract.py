"""Every encoder gives unit vectors of the width asked for, and treats each row alone."""

import pytest
import torch
from train.settings import resolve

from core.errors import SettingError
from core.plugins import load, names

IMAGE, TEXT = names("train.encoders.image"), names("train.encoders.text")
DIM = 9


@pytest.fixture(params=IMAGE)
def image(request):
    plugin = load("train.encoders.image", request.param)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return plugin.build(plugin.Options(), shape=(3, 7), embed_dim=DIM)


@pytest.fixture(params=TEXT)
def text(request):
    plugin = load("train.encoders.text", request.param)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return plugin.build(plugin.Options(), words=20, embed_dim=DIM)


def random_features(rows=6):
    return torch.randn(rows, 3, 7, generator=torch.Generator().manual_seed(2))


def random_captions():
    tokens = torch.randint(1, 20, (6, 8), generator=torch.Generator().manual_seed(3))
    return tokens, torch.tensor([3, 8, 1, 8, 5, 2])


def assert_unit(vectors, rows):
    assert vectors.shape == (rows, DIM)
    assert vectors.dtype == torch.float32
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(rows))


def test_images_become_unit_vectors(image):
    assert_unit(image(random_features()), 6)
    assert_unit(image(random_features(1)), 1)
    assert torch.isfinite(image(torch.zeros(2, 3, 7))).all()


def test_captions_become_unit_vectors(text):
    assert_unit(text(*random_captions()), 6)
    assert_unit(text(torch.tensor([[1]]), torch.tensor([1])), 1)


def test_a_picture_alone_is_the_same_as_in_a_batch(image):
    features = random_features()
    alone = torch.cat([image.eval()(row[None]) for row in features])
    torch.testing.assert_close(alone, image(features))


def test_padding_and_neighbours_change_nothing(text):
    tokens, lengths = random_captions()
    alone = [text.eval()(row[None, :n], n[None]) for row, n in zip(tokens, lengths, strict=True)]
    wide = torch.cat([tokens, torch.full((6, 5), 19)], dim=1)
    torch.testing.assert_close(torch.cat(alone), text(wide, lengths))


def test_every_weight_learns(image, text):
    tokens, lengths = random_captions()
    target = torch.randn(6, DIM, generator=torch.Generator().manual_seed(4))
    for module, vectors in ((image, image(random_features())), (text, text(tokens, lengths))):
        (vectors * target).sum().backward()
        for name, weight in module.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.abs().max() > 0, name
            assert torch.isfinite(weight.grad).all(), name


@pytest.mark.parametrize(
    ("side", "name"), [*(("image", n) for n in IMAGE), *(("text", n) for n in TEXT)]
)
def test_unknown_options_are_refused(side, name):
    with pytest.raises(SettingError, match=rf"{side}\.nonsense"):
        resolve({side: {"encoder": name, "nonsense": 1}})
