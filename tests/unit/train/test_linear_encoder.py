"""The linear image encoder's range, crops and standardising."""

import math

import pytest
import torch

from core.errors import SettingError
from train.encoders.image.linear import Options, build


def linear(**options):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build(Options(**options), shapes=[(3, 8)], dim=40)


def random_features(rows):
    return torch.randn(rows, 3, 8, generator=torch.Generator().manual_seed(1))


def test_weights_fill_xaviers_range():
    r = math.sqrt(6) / math.sqrt(48)
    weight = linear().project.weight
    assert 0.95 * r < weight.abs().max() <= r
    assert linear().project.bias.abs().max() == 0


def test_normalised_features_make_their_length_irrelevant():
    features = random_features(4)
    torch.testing.assert_close(linear()(features), linear()(features * 17))
    encoder = linear(normalise=False)
    encoder.project.bias.data += 1
    assert not torch.allclose(encoder(features), encoder(features * 17))


def test_the_mean_of_the_crops_is_encoded():
    features = random_features(4)
    mean = features.mean(dim=1, keepdim=True).expand(-1, 3, -1)
    torch.testing.assert_close(linear()(features), linear()(mean))


def test_a_random_crop_is_drawn_in_training_only():
    encoder, features = linear(crop="random"), random_features(50)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        drawn = encoder.train()(features)
    each = torch.stack([encoder(features[:, [i]].expand(-1, 3, -1)) for i in range(3)])
    which = (each - drawn).abs().amax(dim=2).argmin(dim=0)
    torch.testing.assert_close(each[which, torch.arange(50)], drawn)
    assert len(which.unique()) == 3
    torch.testing.assert_close(encoder.eval()(features), linear()(features))


def test_standardising_measures_the_blocks_it_is_given():
    encoder, features = linear(standardise=True), random_features(30) * 3 + 5
    features[:, :, 0] = 2.5
    encoder.prepare(zip(features.split(7), strict=True))
    mean = features.mean(dim=1)
    torch.testing.assert_close(encoder.mean, mean.mean(dim=0))
    torch.testing.assert_close(encoder.deviation[1:], mean.std(dim=0, correction=0)[1:])
    assert encoder.deviation[0] == 1
    assert {"mean", "deviation"} <= set(encoder.state_dict())
    assert torch.isfinite(encoder(features)).all()


def test_without_standardising_nothing_is_stored():
    encoder = linear()
    encoder.prepare(iter([(random_features(3),)]))
    assert set(encoder.state_dict()) == {"project.weight", "project.bias"}


def test_a_grid_is_refused():
    with pytest.raises(SettingError, match="pooled"):
        build(Options(), shapes=[(1, 7, 7, 8)], dim=4)


def test_of_one_crop_a_draw_is_that_crop():
    features = random_features(5)[:, :1]
    drawn = [build(Options(crop=crop), shapes=[(1, 8)], dim=4) for crop in ("random", "mixture")]
    plain = build(Options(), shapes=[(1, 8)], dim=4)
    for encoder in drawn:
        encoder.load_state_dict(plain.state_dict())
        torch.testing.assert_close(encoder.train()(features), plain(features))
