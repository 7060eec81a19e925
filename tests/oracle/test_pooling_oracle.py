"""Poolings, size augmentation and the transformer against loops in float64."""

import math

import numpy as np
import pytest
import torch

from core.errors import SettingError
from core.plugins import load
from core.text import END, SPECIALS, START, Vocabulary
from train.encoders.text._words import take_words_out
from train.gpo import GPO, sinusoids
from train.inside import thinned, within
from train.pooling import Pooling
from train.recipe import resolve

WORDS = Vocabulary((*SPECIALS, *(f"word{i}" for i in range(16))), 1)
TOKENS = torch.tensor([[1, 9, 4, 7, 2, 19], [1, 5, 2, 19, 19, 19], [8, 19, 19, 19, 19, 19]])
LENGTHS = torch.tensor([6, 3, 1])
POOLS = ["last", "mean", "max", "gpo"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    grown = np.exp(x - np.max(x))
    return grown / grown.sum()


def numbers(weight):
    return weight.detach().numpy()


def gru_by_steps(weights, vectors):
    into, over, bias, inner = map(numbers, weights)
    state, found = np.zeros(over.shape[1]), []
    for vector in vectors:
        ar, az, an = np.split(into @ vector + bias, 3)
        br, bz, bn = np.split(over @ state + inner, 3)
        keep = sigmoid(az + bz)
        state = (1 - keep) * np.tanh(an + sigmoid(ar + br) * bn) + keep * state
        found.append(state)
    return found


def lstm_by_steps(lstm, vectors):
    into, over, bias, inner = map(numbers, lstm.all_weights[0])
    state = cell = np.zeros(over.shape[1])
    found = []
    for vector in vectors:
        enter, keep, new, leave = np.split(into @ vector + bias + over @ state + inner, 4)
        cell = sigmoid(keep) * cell + sigmoid(enter) * np.tanh(new)
        state = sigmoid(leave) * np.tanh(cell)
        found.append(state)
    return found


def sinusoid(place, width):
    angles = [place / 10_000 ** (2 * (i // 2) / width) for i in range(width)]
    return [math.cos(a) if i % 2 else math.sin(a) for i, a in enumerate(angles)]


def gpo_by_loops(gpo, members):
    forward, back = gpo.gru.all_weights
    places = [np.array(sinusoid(k, 32)) for k in range(len(members))]
    both = zip(gru_by_steps(forward, places), gru_by_steps(back, places[::-1])[::-1], strict=True)
    score = numbers(gpo.score.weight)[0]
    theta = softmax(np.array([score @ (one + other) / 2 / 0.1 for one, other in both]))
    columns = [sorted(column, reverse=True) for column in np.transpose(members)]
    return [sum(t * v for t, v in zip(theta, column, strict=True)) for column in columns]


def pooled_by_loops(pooling, members):
    if pooling.pool == "gpo":
        return gpo_by_loops(pooling.gpo, members)
    simple = {
        "last": lambda x: x[-1],
        "mean": lambda x: np.mean(x, 0),
        "max": lambda x: np.max(x, 0),
    }
    return simple[pooling.pool](members)


def made(module, seed=0):
    """``module`` in float64, its weights all of a size that tells."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.double().parameters():
            weight.uniform_(-0.8, 0.8, generator=generator)
    return module


@pytest.mark.parametrize("pool", POOLS)
def test_a_pooling_is_that_of_each_set_alone(pool):
    pooling = made(Pooling(pool))
    values = np.random.default_rng(0).normal(size=(5, 7, 3))
    values[1, 2] = values[1, 0]  # a tie
    inside = torch.tensor([[n < many for n in range(7)] for many in (7, 3, 1, 3, 5)])
    if pool != "last":
        inside = inside[:, torch.randperm(7, generator=torch.Generator().manual_seed(1))]
    found = pooling(torch.from_numpy(values), inside).detach().numpy()
    sets = [row[own.numpy()] for row, own in zip(values, inside, strict=True)]
    expected = [pooled_by_loops(pooling, members) for members in sets]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pool", POOLS)
def test_what_is_outside_gives_and_gets_nothing(pool):
    pooling = made(Pooling(pool))
    values = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    inside = within(torch.tensor([3, 1]), values)
    other = torch.where(inside[:, :, None], values, 1e6)
    assert torch.equal(pooling(other, inside), pooling(values, inside))
    grad = torch.autograd.grad(pooling(values, inside).square().sum(), values)[0]
    assert torch.isfinite(grad).all()
    assert not grad[~inside].any()
    assert grad[inside].any()


def test_gpo_can_be_the_mean_and_nearly_the_maximum():
    gpo, values = made(GPO()), torch.randn(2, 4, 3, dtype=torch.float64)
    inside = torch.ones(2, 4, dtype=torch.bool)
    with torch.no_grad():
        gpo.score.weight.zero_()
    torch.testing.assert_close(gpo(values, inside), values.mean(1))
    weights = made(GPO()).weights(torch.tensor([1, 3, 4]))
    torch.testing.assert_close(weights.sum(1), torch.ones(3, dtype=torch.float64))
    assert weights[0].tolist() == [1, 0, 0, 0]
    assert weights[1, 3] == 0


@pytest.mark.parametrize("width", [32, 7])
def test_the_sinusoids(width):
    expected = [sinusoid(place, width) for place in range(90)]
    np.testing.assert_allclose(sinusoids(90, width), expected, rtol=0, atol=1e-12)


def text(name, **options):
    plugin = load("train.encoders.text", name)
    torch.manual_seed(0)
    return made(plugin.build(plugin.Options(**options), words=WORDS, dim=5))


def captions(encoder):
    table = numbers(encoder.embedding.weight)
    return [table[row[:n]] for row, n in zip(TOKENS.tolist(), LENGTHS, strict=True)]


def gru_states(encoder, words):
    ahead = gru_by_steps(encoder.gru.all_weights[0], words)
    if encoder.back is None:
        return ahead
    back = gru_by_steps(encoder.back.all_weights[0], words[::-1])[::-1]
    return [(one + other) / 2 for one, other in zip(ahead, back, strict=True)]


@pytest.mark.parametrize("pool", ["mean", "max", "gpo"])
@pytest.mark.parametrize("directions", [1, 2])
def test_a_gru_is_pooled_of_the_mean_of_its_directions(pool, directions):
    encoder = text("gru", word_dim=4, directions=directions, pool=pool)
    states = [gru_states(encoder, words) for words in captions(encoder)]
    expected = [pooled_by_loops(encoder.pooling, each) for each in states]
    found = encoder(TOKENS, LENGTHS).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pool", POOLS)
def test_an_lstm_is_pooled_of_its_states(pool):
    encoder = text("lstm", word_dim=4, pool=pool)
    states = [lstm_by_steps(encoder.lstm, words) for words in captions(encoder)]
    expected = [pooled_by_loops(encoder.pooling, each) for each in states]
    found = encoder(TOKENS, LENGTHS).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def linear(layer, rows):
    return rows @ numbers(layer.weight).T + numbers(layer.bias)


def normed(norm, rows):
    spread = np.sqrt(rows.var(1, keepdims=True) + norm.eps)
    return (rows - rows.mean(1, keepdims=True)) / spread * numbers(norm.weight) + numbers(norm.bias)


def attended(attention, rows, heads):
    """Every word as a query of every head, one at a time."""
    width = rows.shape[1] // heads
    into, bias = numbers(attention.in_proj_weight), numbers(attention.in_proj_bias)
    query, key, value = np.split(rows @ into.T + bias, 3, axis=1)
    found = np.zeros_like(rows)
    for head in range(heads):
        own = slice(head * width, (head + 1) * width)
        for n in range(len(rows)):
            scores = np.array([query[n, own] @ k for k in key[:, own]]) / math.sqrt(width)
            found[n, own] = softmax(scores) @ value[:, own]
    return linear(attention.out_proj, found)


def transformer_by_loops(encoder, words):
    options, rows = encoder.options, words * math.sqrt(encoder.options.width)
    for n in range(len(rows)):
        if encoder.place is None:
            rows[n] += sinusoid(n, options.width)
        else:
            rows[n] += numbers(encoder.place.weight)[min(n, options.places - 1)]
    for layer in encoder.layers:
        rows = rows + attended(layer.self_attn, normed(layer.norm1, rows), options.heads)
        hidden = np.maximum(linear(layer.linear1, normed(layer.norm2, rows)), 0)
        rows = rows + linear(layer.linear2, hidden)
    return linear(
        encoder.project, np.array(pooled_by_loops(encoder.pooling, normed(encoder.norm, rows)))
    )


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_the_transformer(pool, positions):
    options = {"width": 8, "heads": 2, "positions": positions, "places": 4, "pool": pool}
    encoder = text("transformer", **options).eval()
    expected = [transformer_by_loops(encoder, words.copy()) for words in captions(encoder)]
    found = encoder(TOKENS, LENGTHS)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=1e-10)
    with torch.no_grad():
        torch.testing.assert_close(encoder(TOKENS, LENGTHS), found)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(SettingError, match="width = 10 must be a multiple of heads = 4"):
        resolve({"text": {"name": "transformer", "width": 10}})


@pytest.mark.parametrize("name", ["gru", "lstm", "transformer"])
@pytest.mark.parametrize("pool", POOLS)
def test_padding_and_neighbours_change_nothing_in_any_pooling(name, pool):
    encoder = text(name, pool=pool).eval()
    alone = [encoder(row[None, :n], n[None]) for row, n in zip(TOKENS, LENGTHS, strict=True)]
    wide = torch.cat([TOKENS, torch.full((3, 5), 19)], dim=1)
    torch.testing.assert_close(torch.cat(alone), encoder(wide, LENGTHS))


def test_about_the_asked_share_is_taken_out_and_never_all():
    torch.manual_seed(0)
    inside = torch.arange(50) < torch.randint(1, 51, (4000, 1))
    kept = thinned(inside, 0.2)
    assert not (kept & ~inside).any()
    assert kept.any(1).all()
    assert abs(kept.sum() / inside.sum() - 0.8) < 0.01
    assert thinned(inside, 0.999).any(1).all()


def test_words_are_taken_out_and_the_frame_stays():
    torch.manual_seed(0)
    tokens = torch.tensor([[START, *range(4, 44), END, 99, 99], [START, 7, END, *[99] * 41]])
    lengths = torch.tensor([42, 3])
    shorter, left = take_words_out(tokens, lengths, 0.5)
    kept = shorter[0, : left[0]].tolist()
    assert 10 < len(kept) < 35
    assert (kept[0], kept[-1]) == (START, END)
    assert kept[1:-1] == sorted(kept[1:-1])
    assert shorter[1, : left[1]].tolist() == [START, 7, END]


@pytest.mark.parametrize("name", ["gru", "lstm", "transformer"])
def test_words_are_taken_out_in_training_only(name):
    encoder, plain = (text(name, size_augmentation=share).eval() for share in (0.9, 0.0))
    assert torch.equal(encoder(TOKENS, LENGTHS), plain(TOKENS, LENGTHS))
    encoder.train()
    frames = encoder(torch.tensor([[1, 2]]), torch.tensor([2]))
    assert frames.isfinite().all()
    assert len({encoder(TOKENS, LENGTHS)[0, 0].item() for _ in range(20)}) > 1
