"""The recurrent encoders against one step after another, and the picture side against numpy."""

import numpy as np
import pytest
import torch

from core.plugins import load
from core.text import SPECIALS, Vocabulary

WORDS = Vocabulary((*SPECIALS, *(f"word{i}" for i in range(16))), 1)
TOKENS = torch.tensor([[1, 9, 4, 7, 2, 19], [1, 5, 2, 19, 19, 19], [8, 19, 19, 19, 19, 19]])
LENGTHS = torch.tensor([6, 3, 1])


def text(name, **options):
    plugin = load("train.encoders.text", name)
    torch.manual_seed(0)
    return plugin.build(plugin.Options(word_dim=4, **options), words=WORDS, dim=5).double()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def weights(module):
    return [weight.detach().numpy() for weight in module.all_weights[0]]


def gru_by_steps(gru, vectors):
    into, over, bias, inner = weights(gru)
    state = np.zeros(over.shape[1])
    for vector in vectors:
        ar, az, an = np.split(into @ vector + bias, 3)
        br, bz, bn = np.split(over @ state + inner, 3)
        reset, keep = sigmoid(ar + br), sigmoid(az + bz)
        state = (1 - keep) * np.tanh(an + reset * bn) + keep * state
    return state


def lstm_by_steps(lstm, vectors):
    into, over, bias, inner = weights(lstm)
    state = cell = np.zeros(over.shape[1])
    for vector in vectors:
        enter, keep, new, leave = np.split(into @ vector + bias + over @ state + inner, 4)
        cell = sigmoid(keep) * cell + sigmoid(enter) * np.tanh(new)
        state = sigmoid(leave) * np.tanh(cell)
    return state


def captions(encoder):
    table = encoder.embedding.weight.detach().numpy()
    return [table[row[:n]] for row, n in zip(TOKENS.tolist(), LENGTHS, strict=True)]


def unit(rows):
    rows = np.array(rows)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_two_directions_are_the_mean_of_two_grus():
    encoder = text("gru", directions=2)
    both = [
        (gru_by_steps(encoder.gru, words) + gru_by_steps(encoder.back, words[::-1])) / 2
        for words in captions(encoder)
    ]
    found = unit(encoder(TOKENS, LENGTHS).detach().numpy())
    np.testing.assert_allclose(found, unit(both), rtol=0, atol=1e-12)


def test_one_direction_has_the_weights_that_it_had():
    assert set(text("gru").state_dict()) == {
        "embedding.weight",
        *(f"gru.{side}_{kind}_l0" for side in ("weight", "bias") for kind in ("ih", "hh")),
    }


def test_the_lstm():
    encoder = text("lstm")
    states = [lstm_by_steps(encoder.lstm, words) for words in captions(encoder)]
    found = unit(encoder(TOKENS, LENGTHS).detach().numpy())
    np.testing.assert_allclose(found, unit(states), rtol=0, atol=1e-12)


def picture(name, crops=3, **options):
    plugin = load("train.encoders.image", name)
    torch.manual_seed(0)
    return plugin.build(plugin.Options(**options), shapes=[(crops, 6)], dim=5).double()


def linear(layer, rows):
    return rows @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_the_residual_branch(norm):
    encoder = picture("mlp", hidden=7, norm=norm, normalise=False).eval()
    features = np.random.default_rng(0).normal(size=(4, 3, 6))
    one = features.mean(1)
    first, scale, _, last = encoder.branch
    hidden = linear(first, one)
    if norm == "batch":  # as measured: mean 0, variance 1
        hidden = hidden / np.sqrt(1 + scale.eps)
    else:
        spread = np.sqrt(hidden.var(1, keepdims=True) + scale.eps)
        hidden = (hidden - hidden.mean(1, keepdims=True)) / spread
    expected = linear(encoder.project, one) + linear(last, np.maximum(hidden, 0))
    found = unit(encoder(torch.from_numpy(features)).detach().numpy())
    np.testing.assert_allclose(found, unit(expected), rtol=0, atol=1e-12)


def test_the_feed_forward_network():
    encoder = picture("feedforward", widths=(7, 4), normalise=False)
    features = np.random.default_rng(0).normal(size=(4, 3, 6))
    found = features.mean(1)
    first, _, second, _, last = encoder.layers
    for layer in (first, second):
        found = np.maximum(linear(layer, found), 0)
    ours = encoder(torch.from_numpy(features)).detach().numpy()
    np.testing.assert_allclose(ours, linear(last, found), rtol=0, atol=1e-12)


def test_a_mixture_is_uniform_over_all_mixtures_and_the_mean_at_test():
    encoder = picture("linear", crop="mixture", normalise=False)
    corners = torch.eye(3, 6, dtype=torch.float64).expand(20_000, 3, 6)
    torch.manual_seed(3)
    shares = encoder.pooled(corners).numpy()[:, :3]
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    # Of Dirichlet(1, 1, 1): mean 1/3, variance 1/18, and P(share > 1/2) = 1/4.
    np.testing.assert_allclose(shares.mean(0), 1 / 3, atol=0.01)
    np.testing.assert_allclose(shares.var(0), 1 / 18, atol=0.002)
    np.testing.assert_allclose((shares > 0.5).mean(0), 1 / 4, atol=0.015)
    again = encoder.pooled(corners).numpy()[:, :3]
    assert not np.array_equal(shares, again)
    encoder.eval()
    np.testing.assert_allclose(encoder.pooled(corners)[:, :3].numpy(), 1 / 3)


def test_sources_side_by_side_are_each_standardised_and_scaled_alone():
    plugin = load("train.encoders.image", "linear")
    torch.manual_seed(0)
    options = plugin.Options(standardise=True)
    encoder = plugin.build(options, shapes=[(3, 6), (2, 4)], dim=5).double().eval()
    draw = np.random.default_rng(1)
    sources = [draw.normal(2, 3, size=(8, 3, 6)), draw.normal(-1, 50, size=(8, 2, 4))]
    tensors = [torch.from_numpy(source) for source in sources]
    encoder.prepare(zip(*(tensor.split(3) for tensor in tensors), strict=True))
    means = [source.mean(1) for source in sources]
    scaled = [unit((mean - mean.mean(0)) / mean.std(0)) for mean in means]
    expected = linear(encoder.project, np.concatenate(scaled, axis=1))
    found = encoder(*tensors).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
