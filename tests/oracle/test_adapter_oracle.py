"""The adapter against loops over numbers, and the mixture of halves row by row."""

from math import erf, sqrt

import numpy as np
import pytest
import torch

from core.errors import SettingError
from core.plugins import load
from tests.tiny import SHAPES
from train.halves import mixed_ids, mixer


def build(shapes, **options):
    plugin = load("train.encoders.image", "adapter")
    torch.manual_seed(0)
    encoder = plugin.build(plugin.Options(**options), shapes=shapes, dim=3).double()
    for weight in encoder.parameters():  # ones and zeros of the norms would hide their places
        torch.nn.init.normal_(weight, std=0.5)
    return encoder


def norm(x, layer):
    mean = sum(x) / len(x)
    variance = sum((v - mean) ** 2 for v in x) / len(x)
    scale, shift = layer.weight.tolist(), layer.bias.tolist()
    return [
        (v - mean) / sqrt(variance + 1e-5) * a + b for v, a, b in zip(x, scale, shift, strict=True)
    ]


def linear(x, layer):
    rows = zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
    return [sum(w * v for w, v in zip(row, x, strict=True)) + bias for row, bias in rows]


def gelu(x):
    return [v * (1 + erf(v / sqrt(2))) / 2 for v in x]


def by_loops(encoder, x):
    for block in encoder.blocks:
        first, into, _, _, back = block.branch
        x = [
            a + b for a, b in zip(x, linear(gelu(linear(norm(x, first), into)), back), strict=True)
        ]
    return linear(norm(x, encoder.norm), encoder.project)


@pytest.mark.parametrize("options", [{}, {"depth": 2, "expansion": 3}])
def test_it_is_the_papers_sum(options):
    encoder = build([(2, 4), (1, 3)], normalise=False, **options).eval()
    assert len(encoder.blocks) == options.get("depth", 4)
    one, two = torch.randn(5, 2, 4).double(), torch.randn(5, 1, 3).double()
    both = torch.cat([one.mean(1), two[:, 0]], dim=1)
    assert encoder.blocks[0].branch[1].weight.shape == (7 * options.get("expansion", 4), 7)
    expected = torch.tensor([by_loops(encoder, row.tolist()) for row in both], dtype=torch.float64)
    torch.testing.assert_close(encoder(one, two), expected, rtol=1e-9, atol=1e-9)


def test_dropout_is_of_the_inner_dimensions_in_training_alone():
    encoder = build([(1, 6)], depth=1, inner_dropout=0.6, normalise=False)
    branch, x = encoder.blocks[0].branch, torch.randn(2000, 6).double()
    inner = branch[:3](x)
    dropped = branch[3].train()(inner)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], (inner / 0.4)[kept])
    assert kept.double().mean() == pytest.approx(0.4, abs=0.01)
    assert torch.equal(encoder.eval()(x[:, None]), encoder(x[:, None]))


@pytest.mark.parametrize("rows", [2, 5, 8])
def test_halves_are_mixed_by_one_share_for_both_sides(rows):
    torch.manual_seed(rows)
    image, text = torch.randn(rows, 2, 3).double(), torch.randn(rows, 1, 4).double()
    mixed = mixer(rows, 1.0)
    half = rows // 2
    share = float(
        ((mixed(image) - image[half : 2 * half]) / (image[:half] - image[half : 2 * half])).mean()
    )
    assert 0 < share < 1
    for values in (image, text):
        expected = [share * values[i] + (1 - share) * values[half + i] for i in range(half)]
        torch.testing.assert_close(mixed(values), torch.stack(expected))


def test_shares_are_of_the_beta_distribution():
    torch.manual_seed(0)
    ends = torch.tensor([[1.0], [0.0]])
    for alpha, deviation in ((1.0, 12**-0.5), (0.1, (4 * 1.2) ** -0.5)):
        shares = np.array([float(mixer(2, alpha)(ends)) for _ in range(3000)])
        assert shares.mean() == pytest.approx(0.5, abs=0.03)
        assert shares.std() == pytest.approx(deviation, abs=0.02)


def test_mixed_pictures_are_one_where_both_parts_are():
    ids = torch.tensor([4, 4, 4, 9, 5, 7, 7, 8, 7, 7, 99])
    pairs = list(zip(ids[:5].tolist(), ids[5:10].tolist(), strict=True))
    found = mixed_ids(ids).tolist()
    for i, one in enumerate(pairs):
        for j, other in enumerate(pairs):
            assert (found[i] == found[j]) == (one == other)


def test_a_grid_is_refused():
    with pytest.raises(SettingError, match="'adapter' takes a pooled layer"):
        build([SHAPES["grid"]])
