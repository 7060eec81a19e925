"""States of captions against torch's GRU, against one written in numpy, and against themselves."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from train.recurrent import (
    all_states,
    last_state,
    packed_all_states,
    packed_last_state,
    prefix_tree,
)

WORDS = 7
Run = Callable[[Tensor, Tensor, nn.Embedding, nn.GRU], Tensor]


def modules(
    seed: int = 0, *, width: int = 3, size: int = 4, dtype: torch.dtype = torch.float64
) -> tuple[nn.Embedding, nn.GRU]:
    generator = torch.Generator().manual_seed(seed)
    embedding, gru = nn.Embedding(WORDS, width).to(dtype), nn.GRU(width, size).to(dtype)
    with torch.no_grad():
        for weight in (*embedding.parameters(), *gru.parameters()):
            weight.uniform_(-1.5, 1.5, generator=generator)
    return embedding, gru


def batch(lengths: list[int], seed: int = 0, words: int = WORDS) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(words, (len(lengths), max(lengths)), generator=generator)
    return tokens, torch.tensor(lengths)


def run(
    function: Run, tokens: Tensor, lengths: Tensor, embedding: nn.Embedding, gru: nn.GRU
) -> list[Tensor]:
    """The states and every gradient of a loss that weighs each number of them differently."""
    weights = [*embedding.parameters(), *gru.parameters()]
    state = function(tokens, lengths, embedding, gru)
    loss = (state * torch.linspace(-1, 2, state.numel()).to(state).view_as(state)).sum()
    return [state.detach(), *torch.autograd.grad(loss, weights)]


def numpy_states(tokens: Tensor, lengths: Tensor, embedding: nn.Embedding, gru: nn.GRU) -> Tensor:
    """Cho et al. 2014 with the reset gate after the product, a caption and a word at a time."""
    table = embedding.weight.detach().numpy()
    w_x, w_h, b_x, b_h = (weight.detach().numpy() for weight in gru.parameters())
    size, rows = gru.hidden_size, []
    for caption, length in zip(tokens.tolist(), lengths.tolist(), strict=True):
        h = np.zeros(size)
        for word in caption[:length]:
            x, y = w_x @ table[word] + b_x, w_h @ h + b_h
            r = 1 / (1 + np.exp(-(x[:size] + y[:size])))
            z = 1 / (1 + np.exp(-(x[size : 2 * size] + y[size : 2 * size])))
            n = np.tanh(x[2 * size :] + r * y[2 * size :])
            h = (1 - z) * n + z * h
        rows.append(h)
    return torch.from_numpy(np.stack(rows))


def assert_same(got: list[Tensor], wanted: list[Tensor], tolerance: float) -> None:
    for ours, theirs in zip(got, wanted, strict=True):
        scale = max(float(theirs.abs().max()), 1e-30)
        assert float((ours - theirs).abs().max()) <= tolerance * scale


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    words=st.integers(1, WORDS),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_equals_torch_with_all_gradients(lengths: list[int], words: int, seed: int) -> None:
    # Few words: many shared prefixes, captions inside captions, the same caption twice.
    tokens, sizes = batch(lengths, seed, words)
    parts = modules(seed)
    for ours, theirs in ((last_state, packed_last_state), (all_states, packed_all_states)):
        wanted = run(theirs, tokens, sizes, *parts)
        assert_same(run(ours, tokens, sizes, *parts), wanted, 1e-12)


@pytest.mark.parametrize("lengths", [[1], [1, 1, 1], [5], [4, 4, 4], [1, 6, 2, 6], [9, 1]], ids=str)
def test_equals_a_gru_written_in_numpy(lengths: list[int]) -> None:
    tokens, sizes = batch(lengths)
    embedding, gru = modules()
    with torch.no_grad():
        state = last_state(tokens, sizes, embedding, gru)
    assert_same([state], [numpy_states(tokens, sizes, embedding, gru)], 1e-13)


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=9), seed=st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_every_state_is_the_last_of_a_shorter_caption(lengths: list[int], seed: int) -> None:
    tokens, sizes = batch(lengths, seed, 3)
    parts = modules(seed)
    with torch.no_grad():
        found = all_states(tokens, sizes, *parts)
        for t in range(tokens.shape[1]):
            wanted = last_state(tokens, sizes.clamp(max=t + 1), *parts)
            torch.testing.assert_close(found[sizes > t, t], wanted[sizes > t])
            assert not found[sizes <= t, t].any()
    assert torch.equal(all_states(tokens, sizes, *parts).detach(), found)


def test_gradients_equal_finite_differences() -> None:
    tokens, lengths = torch.tensor([[1, 2, 3], [1, 2, 0], [1, 1, 0], [4, 0, 0]]), [3, 2, 2, 1]
    embedding, gru = modules(size=2)
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]

    def states(table: Tensor, *weights: Tensor) -> Tensor:
        def call(_: nn.Module) -> Tensor:
            return last_state(tokens, torch.tensor(lengths), embedding, gru)

        holder = Holder(embedding, gru, call)
        values = {"embedding.weight": table}
        values |= {f"gru.{name}": weight for name, weight in zip(names, weights, strict=True)}
        result: Tensor = torch.func.functional_call(holder, values, ())
        return result

    inputs = [embedding.weight, *(getattr(gru, name) for name in names)]
    leaves = [weight.detach().clone().requires_grad_() for weight in inputs]
    assert torch.autograd.gradcheck(states, leaves)


class Holder(nn.Module):
    """Lets `functional_call` swap the weights of two modules at once."""

    def __init__(self, embedding: nn.Embedding, gru: nn.GRU, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.embedding, self.gru, self.call = embedding, gru, call

    def forward(self) -> Tensor:
        return self.call(self)


def test_float32_is_as_near_as_torch_is() -> None:
    tokens, lengths = batch([12, 3, 7, 7, 1, 9], 3)
    single, double = modules(1, size=32, dtype=torch.float32), modules(1, size=32)
    for ours, theirs in zip(single, double, strict=True):
        theirs.load_state_dict(ours.state_dict())
    wanted = run(last_state, tokens, lengths, *double)
    assert_same([part.double() for part in run(last_state, tokens, lengths, *single)], wanted, 3e-6)


def test_twice_the_same_bits() -> None:
    tokens, lengths = batch([12, 3, 7, 7, 1, 9] * 8, 3, words=3)
    parts = modules(size=64, width=32, dtype=torch.float32)
    first, second = (run(last_state, tokens, lengths, *parts) for _ in range(2))
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))


def test_no_grad_gives_the_same_bits() -> None:
    tokens, lengths = batch([4, 2, 5])
    parts = modules()
    with torch.no_grad():
        state = last_state(tokens, lengths, *parts)
    assert not state.requires_grad
    assert torch.equal(state, last_state(tokens, lengths, *parts).detach())


@pytest.mark.parametrize("width", [5, 6, 11])
def test_padding_is_never_read(width: int) -> None:
    tokens, lengths = batch([4, 2, 5])
    padded = torch.full((3, width), -(10**6))  # no such word: reading it would fail
    for row, length in enumerate(lengths.tolist()):
        padded[row, :length] = tokens[row, :length]
    parts = modules()
    wanted, got = (run(last_state, each, lengths, *parts) for each in (tokens, padded))
    assert all(torch.equal(one, two) for one, two in zip(got, wanted, strict=True))
    assert_same(run(packed_last_state, padded, lengths, *parts), wanted, 1e-12)


def test_order_of_the_captions_permutes_the_states() -> None:
    tokens, lengths = batch([4, 2, 5, 5, 1, 3], words=2)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    parts = modules()
    with torch.no_grad():
        state = last_state(tokens, lengths, *parts)
        assert torch.equal(last_state(tokens[order], lengths[order], *parts), state[order])


def test_captions_of_no_weight_get_no_gradient() -> None:
    tokens, lengths = torch.tensor([[1, 2], [3, 4]]), torch.tensor([2, 2])
    embedding, gru = modules()
    last_state(tokens, lengths, embedding, gru)[0].sum().backward()  # type: ignore[no-untyped-call]
    grad = embedding.weight.grad
    assert grad is not None
    assert grad.abs().sum(1).bool().tolist() == [False, True, True, False, False, False, False]


def test_gradient_can_be_taken_twice_from_one_graph() -> None:
    tokens, lengths = batch([4, 2, 5])
    parts = modules()
    weights = list(parts[1].parameters())
    loss = last_state(tokens, lengths, *parts).square().sum()
    first, second = (torch.autograd.grad(loss, weights, retain_graph=True) for _ in range(2))
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))


def test_a_prefix_is_one_node() -> None:
    tree = prefix_tree(torch.tensor([[5, 6, 9], [5, 6, 2], [5, 0, 0]]), torch.tensor([3, 2, 1]))
    assert tree.words.tolist() == [5, 6, 9]
    assert [level.nodes for level in tree.levels] == [slice(1, 2), slice(2, 3), slice(3, 4)]
    assert tree.last.tolist() == [3, 2, 1]


def test_a_shared_word_after_different_words_is_not_shared() -> None:
    tree = prefix_tree(torch.tensor([[1, 3], [2, 3]]), torch.tensor([2, 2]))
    assert tree.last.tolist() == [3, 4]
    assert tree.levels[1].parents.tolist() == [1, 2]


@pytest.mark.parametrize("lengths", [[0, 2], [2, 4], [-1, 1]], ids=str)
def test_refuses_a_length_out_of_range(lengths: list[int]) -> None:
    tokens = torch.zeros(2, 3, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"lengths must lie in 1\.\.3"):
        last_state(tokens, torch.tensor(lengths), *modules())


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (3, 3), (2,)], ids=str)
def test_refuses_shapes_that_do_not_fit(shape: tuple[int, ...]) -> None:
    tokens = torch.zeros(shape, dtype=torch.int64)
    lengths = torch.ones(min(shape[0], 2), dtype=torch.int64)
    with pytest.raises(ValueError, match="must be"):
        last_state(tokens, lengths, *modules())


@pytest.mark.parametrize(
    "gru",
    [
        nn.GRU(3, 4, num_layers=2),
        nn.GRU(3, 4, bidirectional=True),
        nn.GRU(3, 4, bias=False),
    ],
    ids=str,
)
def test_refuses_another_kind_of_gru(gru: nn.GRU) -> None:
    with pytest.raises(ValueError, match="one layer"):
        last_state(*batch([2, 3]), nn.Embedding(WORDS, 3), gru)


def test_refuses_gradients_scaled_by_frequency() -> None:
    embedding = nn.Embedding(WORDS, 3, scale_grad_by_freq=True)
    with pytest.raises(ValueError, match="scale_grad_by_freq"):
        last_state(*batch([2, 3]), embedding, nn.GRU(3, 4))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator")
def test_accelerator_gives_the_same_numbers() -> None:
    tokens, lengths = batch([4, 2, 5])
    parts = modules()
    wanted = run(last_state, tokens, lengths, *parts)
    moved = [part.cuda() for part in parts]
    got = run(last_state, tokens.cuda(), lengths.cuda(), *moved)  # type: ignore[arg-type]
    assert_same([part.cpu() for part in got], wanted, 1e-10)
