"""Every encoder gives vectors of the width asked for, none zero, and treats each row alone."""

import copy
from typing import Literal, get_args, get_origin

import pytest
import torch

from core.errors import SettingError
from core.plugins import load, names
from core.text import SPECIALS, Vocabulary
from tests.tiny import SHAPES
from train.recipe import resolve

IMAGE, TEXT = names("train.encoders.image"), names("train.encoders.text")
DIM = 9
WORDS = Vocabulary((*SPECIALS, *(f"word{i}" for i in range(16))), 1)


def choices(side):
    """(encoder, {option: value}) of each encoder as it is, and with each value of each choice."""
    for name in names(f"train.encoders.{side}"):
        yield pytest.param(name, {}, id=name)
        for option, field in load(f"train.encoders.{side}", name).Options.model_fields.items():
            kind = field.annotation
            values = get_args(kind) if get_origin(kind) is Literal else ()
            for value in (False, True) if kind is bool else values:
                if value != field.default:
                    yield pytest.param(name, {option: value}, id=f"{name}-{option}-{value}")


def built(name, **chosen):
    """An image encoder for the first of the shapes that it takes, and that shape."""
    plugin = load("train.encoders.image", name)
    for shape in SHAPES.values():
        try:
            with torch.random.fork_rng():
                torch.manual_seed(1)
                return plugin.build(plugin.Options(**chosen), shapes=[shape], dim=DIM), shape
        except SettingError as error:
            refused = error
    raise refused


@pytest.fixture(params=IMAGE)
def image(request):
    return built(request.param)


def reader(name, **chosen):
    recipe = resolve({"text": {"name": name, **chosen}})
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return recipe.part("text").build(recipe.section("text"), words=WORDS, dim=DIM)


@pytest.fixture(params=TEXT)
def text(request):
    return reader(request.param)


def random_features(shape, rows=6):
    return torch.randn(rows, *shape, generator=torch.Generator().manual_seed(2))


def random_captions():
    tokens = torch.randint(1, 20, (6, 8), generator=torch.Generator().manual_seed(3))
    return tokens, torch.tensor([3, 8, 1, 8, 5, 2])


def assert_vectors(vectors, rows):
    assert vectors.shape == (rows, DIM)
    assert vectors.dtype == torch.float32
    assert torch.isfinite(vectors).all()
    assert (vectors.norm(dim=1) > 1e-6).all()


def test_images_become_vectors(image):
    encoder, shape = image
    assert_vectors(encoder(random_features(shape)), 6)
    assert_vectors(encoder.eval()(random_features(shape, 1)), 1)
    assert torch.isfinite(encoder(torch.zeros(2, *shape))).all()


def test_captions_become_vectors(text):
    assert_vectors(text(*random_captions()), 6)
    assert_vectors(text.eval()(torch.tensor([[1]]), torch.tensor([1])), 1)


def trained(encoder, *visits):
    """One that has measured, and seen some batches: what a batch norm keeps has moved."""
    if hasattr(encoder, "prepare"):
        encoder.prepare(iter(visits))
    for visit in visits:
        encoder(*visit)
    return encoder


@pytest.mark.parametrize(("name", "chosen"), list(choices("image")))
def test_a_picture_alone_is_the_same_as_in_a_batch(name, chosen):
    encoder, shape = built(name, **chosen)
    features = random_features(shape)
    trained(encoder, (features * 3 + 1,), (features,))
    alone = torch.cat([encoder.eval()(row[None]) for row in features])
    torch.testing.assert_close(alone, encoder(features))


@pytest.mark.parametrize(("name", "chosen"), list(choices("text")))
def test_padding_and_neighbours_change_nothing(name, chosen):
    tokens, lengths = random_captions()
    text = trained(reader(name, **chosen), (tokens, lengths))
    alone = [text.eval()(row[None, :n], n[None]) for row, n in zip(tokens, lengths, strict=True)]
    wide = torch.cat([tokens, torch.full((6, 5), 19)], dim=1)
    torch.testing.assert_close(torch.cat(alone), text(wide, lengths))


def prepared(encoder, blocks):
    if not hasattr(encoder, "prepare"):
        pytest.skip("it measures nothing")
    encoder.prepare(blocks)
    return encoder.eval()


def test_what_an_image_encoder_measures_comes_back_with_its_state(image):
    encoder, shape = image
    again = copy.deepcopy(encoder).eval()
    prepared(encoder, iter([(random_features(shape),), (random_features(shape, 3) * 2 + 1,)]))
    again.load_state_dict(encoder.state_dict())
    features = random_features(shape)
    assert torch.equal(again(features), encoder(features))


def test_what_a_text_encoder_measures_comes_back_with_its_state(text):
    again = copy.deepcopy(text).eval()
    prepared(text, iter([random_captions(), (torch.tensor([[1, 5, 2]]), torch.tensor([3]))]))
    again.load_state_dict(text.state_dict())
    assert torch.equal(again(*random_captions()), text(*random_captions()))


def assert_learns(encoder, vectors):
    target = torch.randn(6, DIM, generator=torch.Generator().manual_seed(4))
    (vectors * target).sum().backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name
        assert torch.isfinite(weight.grad).all(), name


def test_every_weight_of_an_image_encoder_learns(image):
    encoder, shape = image
    assert_learns(encoder, encoder(random_features(shape)))


def test_every_weight_of_a_text_encoder_learns(text):
    assert_learns(text, text(*random_captions()))


@pytest.mark.parametrize(
    ("side", "name"), [*(("image", n) for n in IMAGE), *(("text", n) for n in TEXT)]
)
def test_unknown_options_are_refused(side, name):
    with pytest.raises(SettingError, match=rf"{side}\.nonsense"):
        resolve({side: {"name": name, "nonsense": 1}})
