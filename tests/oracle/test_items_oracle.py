"""Image encoders over several vectors of a picture against loops in float64."""

import numpy as np
import pytest
import torch
from test_pooling_oracle import gpo_by_loops, linear, made, numbers, softmax

from core.errors import SettingError
from core.plugins import load

NAMES = ["attention", "gpo"]
SHAPES = [(3, 6), (2, 2, 3, 6)]


def encoder(name, shape=(3, 6), **options):
    plugin = load("train.encoders.image", name)
    torch.manual_seed(0)
    return made(plugin.build(plugin.Options(**options), shapes=[shape], dim=5))


def attention_by_loops(module, rows):
    score = numbers(module.score.weight) @ np.tanh(numbers(module.hidden.weight) @ rows.T)
    means = [softmax(head) @ rows for head in score]
    return linear(module.project, np.concatenate(means))


def residual(module, rows):
    first, norm, _, last = module.branch
    hidden = linear(first, rows)
    if isinstance(norm, torch.nn.BatchNorm1d):  # as measured: mean 0, variance 1
        hidden = hidden / np.sqrt(1 + norm.eps)
    else:
        spread = np.sqrt(hidden.var(1, keepdims=True) + norm.eps)
        hidden = (hidden - hidden.mean(1, keepdims=True)) / spread
    hidden = hidden * numbers(norm.weight) + numbers(norm.bias)
    return linear(module.project, rows) + linear(last, np.maximum(hidden, 0))


def generalised_by_loops(module, rows):
    return gpo_by_loops(module.gpo, residual(module, rows))


BY_LOOPS = {"attention": attention_by_loops, "gpo": generalised_by_loops}
CASES = [
    ("attention", {"heads": 3, "hidden": 7}),
    ("gpo", {"hidden": 7, "norm": "batch"}),
    ("gpo", {"hidden": 7, "norm": "layer"}),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_picture_is_pooled_of_its_vectors(name, options, shape):
    module = encoder(name, shape, normalise=False, **options).eval()
    features = np.random.default_rng(0).normal(size=(4, *shape))
    expected = [BY_LOOPS[name](module, picture.reshape(-1, 6)) for picture in features]
    found = module(torch.from_numpy(features)).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_vectors_are_standardised_over_all_of_them_and_scaled_alone(name, shape):
    module = encoder(name, shape, standardise=True).eval()
    features = np.random.default_rng(1).normal(3, 5, size=(9, *shape))
    module.prepare(iter([(part,) for part in torch.from_numpy(features).split(4)]))
    rows = features.reshape(-1, 6)
    scaled = (features - rows.mean(0)) / rows.std(0)
    scaled = scaled / np.linalg.norm(scaled, axis=-1, keepdims=True)
    expected = [BY_LOOPS[name](module, picture.reshape(-1, 6)) for picture in scaled]
    found = module(torch.from_numpy(features)).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_a_visit_pools_what_is_left_of_the_vectors(monkeypatch, name):
    options = {"size_augmentation": 0.5, "normalise": False}
    options |= {"norm": "layer"} if name == "gpo" else {}
    module = encoder(name, (4, 6), **options).train()
    kept = torch.tensor([[True, False, True, True], [False, False, False, True]])
    monkeypatch.setattr("train.encoders.image._items.thinned", lambda inside, share: kept)
    features = np.random.default_rng(2).normal(size=(2, 4, 6))
    expected = [
        BY_LOOPS[name](module, picture[own.numpy()])
        for picture, own in zip(features, kept, strict=True)
    ]
    found = module(torch.from_numpy(features)).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


def test_a_batch_norm_measures_the_vectors_that_are_left(monkeypatch):
    module = encoder("gpo", (4, 6), size_augmentation=0.5, normalise=False).train()
    kept = torch.tensor([[True, False, True, True], [False, False, False, True]])
    monkeypatch.setattr("train.encoders.image._items.thinned", lambda inside, share: kept)
    features = torch.randn(2, 4, 6, dtype=torch.float64)
    module(features)
    hidden = linear(module.branch[0], features[kept].numpy())
    np.testing.assert_allclose(module.branch[1].running_mean, 0.1 * hidden.mean(0), atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_vectors_are_taken_out_in_training_only(name):
    module = encoder(name, (8, 6), size_augmentation=0.5)
    features = torch.randn(3, 8, 6, dtype=torch.float64)
    assert not torch.equal(module(features), module(features))
    module.eval()
    assert torch.equal(module(features), module(features))
    same = encoder(name, (8, 6)).eval()
    same.load_state_dict(module.state_dict())
    assert torch.equal(module(features), same(features))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("shapes", "way"),
    [
        ([(3, 6), (3, 6)], "takes one source, and these are 2; give one cache"),
        ([(1, 6)], "pools several vectors of a picture, and this layer has one; set layer=grid"),
        ([(1, 1, 1, 6)], "pools several vectors of a picture"),
    ],
)
def test_what_it_cannot_pool_is_refused(name, shapes, way):
    plugin = load("train.encoders.image", name)
    with pytest.raises(SettingError, match=f"image.name = '{name}' {way}"):
        plugin.build(plugin.Options(), shapes=shapes, dim=5)
