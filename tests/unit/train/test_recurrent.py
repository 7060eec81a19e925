"""States of captions against torch's networks, against numpy's, and against themselves."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from train import products
from train.recurrent import (
    Network,
    all_states,
    last_state,
    packed_all_states,
    packed_last_state,
)

WORDS = 7
Vector = npt.NDArray[np.float64]
KINDS: list[type[Network]] = [nn.GRU, nn.LSTM]
Run = Callable[[Tensor, Tensor, nn.Embedding, Network], Tensor]


def modules(
    seed: int = 0,
    *,
    width: int = 3,
    size: int = 4,
    dtype: torch.dtype = torch.float64,
    kind: type[Network] = nn.GRU,
) -> tuple[nn.Embedding, Network]:
    generator = torch.Generator().manual_seed(seed)
    embedding, network = nn.Embedding(WORDS, width).to(dtype), kind(width, size).to(dtype)
    with torch.no_grad():
        for weight in (*embedding.parameters(), *network.parameters()):
            weight.uniform_(-1.5, 1.5, generator=generator)
    return embedding, network


def batch(lengths: list[int], seed: int = 0, words: int = WORDS) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(words, (len(lengths), max(lengths)), generator=generator)
    return tokens, torch.tensor(lengths)


def run(
    function: Run, tokens: Tensor, lengths: Tensor, embedding: nn.Embedding, network: Network
) -> list[Tensor]:
    """The states and every gradient of a loss that weighs each number of them differently."""
    weights = [*embedding.parameters(), *network.parameters()]
    state = function(tokens, lengths, embedding, network)
    loss = (state * torch.linspace(-1, 2, state.numel()).to(state).view_as(state)).sum()
    return [state.detach(), *torch.autograd.grad(loss, weights)]


def sigmoid(x: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-x)))


def gru_step(x: Vector, y: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """Cho et al. 2014 with the reset gate after the product."""
    (x_r, x_z, x_n), (y_r, y_z, y_n) = np.split(x, 3), np.split(y, 3)
    r, z = sigmoid(x_r + y_r), sigmoid(x_z + y_z)
    return (1 - z) * np.tanh(x_n + r * y_n) + z * h, c


def lstm_step(x: Vector, y: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    i, f, g, o = np.split(x + y, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def numpy_states(
    tokens: Tensor, lengths: Tensor, embedding: nn.Embedding, network: Network
) -> Tensor:
    """A caption and a word at a time."""
    step = lstm_step if isinstance(network, nn.LSTM) else gru_step
    table = embedding.weight.detach().numpy()
    w_x, w_h, b_x, b_h = (weight.detach().numpy() for weight in network.parameters())
    rows = []
    for caption, length in zip(tokens.tolist(), lengths.tolist(), strict=True):
        h = c = np.zeros(network.hidden_size)
        for word in caption[:length]:
            h, c = step(w_x @ table[word] + b_x, w_h @ h + b_h, h, c)
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
    kind=st.sampled_from(KINDS),
)
@settings(max_examples=80, deadline=None)
def test_equals_torch_with_all_gradients(
    lengths: list[int], words: int, seed: int, kind: type[Network]
) -> None:
    # Few words: many shared prefixes, captions inside captions, the same caption twice.
    tokens, sizes = batch(lengths, seed, words)
    parts = modules(seed, kind=kind)
    for ours, theirs in ((last_state, packed_last_state), (all_states, packed_all_states)):
        wanted = run(theirs, tokens, sizes, *parts)
        assert_same(run(ours, tokens, sizes, *parts), wanted, 1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [[1], [1, 1, 1], [5], [4, 4, 4], [1, 6, 2, 6], [9, 1]], ids=str)
def test_equals_a_network_written_in_numpy(lengths: list[int], kind: type[Network]) -> None:
    tokens, sizes = batch(lengths)
    parts = modules(kind=kind)
    with torch.no_grad():
        state = last_state(tokens, sizes, *parts)
    assert_same([state], [numpy_states(tokens, sizes, *parts)], 1e-13)


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


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_equal_finite_differences(kind: type[Network]) -> None:
    tokens, lengths = torch.tensor([[1, 2, 3], [1, 2, 0], [1, 1, 0], [4, 0, 0]]), [3, 2, 2, 1]
    embedding, network = modules(size=2, kind=kind)
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]

    def states(table: Tensor, *weights: Tensor) -> Tensor:
        def call(_: nn.Module) -> Tensor:
            return last_state(tokens, torch.tensor(lengths), embedding, network)

        holder = Holder(embedding, network, call)
        values = {"embedding.weight": table}
        values |= {f"network.{name}": weight for name, weight in zip(names, weights, strict=True)}
        result: Tensor = torch.func.functional_call(holder, values, ())
        return result

    inputs = [embedding.weight, *(getattr(network, name) for name in names)]
    leaves = [weight.detach().clone().requires_grad_() for weight in inputs]
    assert torch.autograd.gradcheck(states, leaves)


class Holder(nn.Module):
    """Lets `functional_call` swap the weights of two modules at once."""

    def __init__(
        self, embedding: nn.Embedding, network: Network, call: Callable[..., Tensor]
    ) -> None:
        super().__init__()
        self.embedding, self.network, self.call = embedding, network, call

    def forward(self) -> Tensor:
        return self.call(self)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("large", [0, products.LARGE], ids=["laid out", "plain"])
def test_float32_is_as_near_as_torch_is(
    large: int, kind: type[Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "LARGE", large)
    tokens, lengths = batch([12, 3, 7, 7, 1, 9], 3)
    single = modules(1, size=32, dtype=torch.float32, kind=kind)
    double = modules(1, size=32, kind=kind)
    for ours, theirs in zip(single, double, strict=True):
        theirs.load_state_dict(ours.state_dict())
    wanted = run(last_state, tokens, lengths, *double)
    assert_same([part.double() for part in run(last_state, tokens, lengths, *single)], wanted, 3e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("large", [0, products.LARGE], ids=["laid out", "plain"])
def test_twice_the_same_bits(
    large: int, kind: type[Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "LARGE", large)
    tokens, lengths = batch([12, 3, 7, 7, 1, 9] * 8, 3, words=3)
    parts = modules(size=64, width=32, dtype=torch.float32, kind=kind)
    first, second = (run(last_state, tokens, lengths, *parts) for _ in range(2))
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_no_grad_gives_the_same_bits(kind: type[Network]) -> None:
    tokens, lengths = batch([4, 2, 5])
    parts = modules(kind=kind)
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
    "network",
    [
        nn.GRU(3, 4, num_layers=2),
        nn.GRU(3, 4, bidirectional=True),
        nn.GRU(3, 4, bias=False),
        nn.LSTM(3, 4, proj_size=2),
    ],
    ids=str,
)
def test_refuses_another_kind_of_network(network: Network) -> None:
    with pytest.raises(ValueError, match="one layer"):
        last_state(*batch([2, 3]), nn.Embedding(WORDS, 3), network)


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


@pytest.mark.parametrize("kind", KINDS)
def test_elsewhere_than_on_a_cpu_torchs_own_network_runs(
    monkeypatch: pytest.MonkeyPatch, kind: type[Network]
) -> None:
    # The device meta stands for one: nothing of the CPU's can be mixed with what is there.
    def never(*_: object) -> None:
        raise AssertionError("this is for a CPU")

    monkeypatch.setattr("train.recurrent.prefix_tree", never)
    monkeypatch.setattr("train.recurrent.Product", never)
    tokens, lengths = batch([5, 2, 3])
    tokens = tokens.to("meta")
    embedding, network = (part.to("meta") for part in modules(kind=kind))
    state = last_state(tokens, lengths, embedding, network)
    assert (state.device.type, tuple(state.shape)) == ("meta", (3, 4))
    monkeypatch.setattr("train.recurrent.packed_all_states", lambda *given: given)
    assert all_states(tokens, lengths, embedding, network)[0] is tokens
