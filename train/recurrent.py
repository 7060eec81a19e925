"""States over captions, or at their ends, of a GRU or an LSTM: torch's own, sooner on a CPU.

The cost of a recurrent network is its matrix products, so each is done once, and as large as it can
be:

- captions that begin with the same words have the same states: a batch is a tree of prefixes,
  and a state is computed once a *prefix* (on Flickr8k a fifth of the rows of a batch fall away);
- the input's projection is computed once a *word* of the batch (a quarter of its tokens);
- the zero state before the first word is one prefix, the empty one, not a row a caption;
- the gradient of the recurrent weight is one product over all prefixes, not one a time step;
- the recurrent weight is laid out once for all its products with few rows (`train.products`).

`python -m benchmarks.train_step` measures it. On an accelerator, where launching many small kernels
would cost more than they save, torch's own network is run.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from train.gru_cell import GRUCell
from train.lstm_cell import LSTMCell
from train.precision import in_float32
from train.prefixes import Tree, from_the_longest, prefix_tree
from train.products import Product

Network = nn.GRU | nn.LSTM


class Cell(Protocol):
    """A step of a network and its gradient; the last of its arrays is what goes on beside W h."""

    arrays: int

    def forward(
        self, gates: Tensor, product: Tensor, before: Tensor, into: Sequence[Tensor]
    ) -> tuple[Tensor, ...]:
        """Write the states after a word, and give what ``backward`` keeps."""

    def backward(
        self, grads: Sequence[Tensor], kept: Sequence[Tensor], before: Tensor, d_gates: Tensor
    ) -> Tensor:
        """Write the gradient of the gates' input, and give that of ``before``."""

    def of_product(self, d_gates: Tensor, kept: Sequence[Tensor]) -> None:
        """Turn the gradient of the gates' input into that of W h + b, in place."""


def last_state(tokens: Tensor, lengths: Tensor, embedding: nn.Module, network: Network) -> Tensor:
    """Run a network over embedded captions and keep the state after each caption's last word.

    The numbers of torch over a packed sequence, to rounding, and its gradients for the embedding
    and the network (a second derivative is refused). On a CPU the same input gives the same bits.
    Tokens on any other device go through `packed_last_state`.

    Args:
        tokens: (B, T) int64 word ids; what lies beyond a caption's length is not read.
        lengths: (B,) int64, 1 to T; on the CPU or with the tokens.
        embedding: ids to vectors, as wide as the network's input.
        network: one layer, one direction, with biases, no projection.

    Returns:
        (B, H) float, not normalised.

    Raises:
        ValueError: An empty batch, a length out of range, or another kind of network or embedding.
    """
    lengths = lengths.cpu()  # once: each look at what is on a device waits for it
    _check(tokens, lengths, embedding, network)
    if tokens.device.type != "cpu":
        return packed_last_state(tokens, lengths, embedding, network)
    tree = prefix_tree(tokens, lengths)
    with in_float32(tokens.device):
        return _states(tree, tree.last, embedding, network)


def all_states(tokens: Tensor, lengths: Tensor, embedding: nn.Module, network: Network) -> Tensor:
    """As `last_state`, and keep the state after every word.

    Returns:
        (B, T, H) float, not normalised; zeros behind a caption's end.

    Raises:
        ValueError: as of `last_state`.
    """
    lengths = lengths.cpu()  # once: each look at what is on a device waits for it
    _check(tokens, lengths, embedding, network)
    if tokens.device.type != "cpu":
        return packed_all_states(tokens, lengths, embedding, network)
    tree = prefix_tree(tokens, lengths)
    with in_float32(tokens.device):
        states = _states(tree, tree.each.flatten(), embedding, network)
    return states.view(*tokens.shape, network.hidden_size)


def packed_last_state(
    tokens: Tensor, lengths: Tensor, embedding: nn.Module, network: Network
) -> Tensor:
    """`last_state` by torch over a packed sequence: any device, slow to train on a CPU."""
    with in_float32(tokens.device):
        last = network(_packed(tokens, lengths, embedding))[1]
    state: Tensor = last[0][0] if isinstance(network, nn.LSTM) else last[0]
    return state


def packed_all_states(
    tokens: Tensor, lengths: Tensor, embedding: nn.Module, network: Network
) -> Tensor:
    """`all_states` by torch over a packed sequence."""
    with in_float32(tokens.device):
        found = network(_packed(tokens, lengths, embedding))[0]
    return pad_packed_sequence(found, batch_first=True, total_length=tokens.shape[1])[0]


def _packed(tokens: Tensor, lengths: Tensor, embedding: nn.Module) -> PackedSequence:
    inside = torch.arange(tokens.shape[1], device=tokens.device) < lengths.to(tokens)[:, None]
    vectors = embedding(tokens.masked_fill(~inside, 0))
    return pack_padded_sequence(vectors, lengths.cpu(), batch_first=True, enforce_sorted=False)


def _states(tree: Tree, asked: Tensor, embedding: nn.Module, network: Network) -> Tensor:
    """The states (A, H) at the nodes ``asked`` (A,)."""
    into, over, bias, inner_bias = network.all_weights[0]
    inputs = nn.functional.linear(embedding(tree.words), into, bias)
    cell: Cell = LSTMCell() if isinstance(network, nn.LSTM) else GRUCell()
    if torch.is_grad_enabled():
        states: Tensor = _States.apply(inputs, over, inner_bias, tree, asked, cell)
        return states
    return _forward(inputs, over, inner_bias, tree, cell)[0].index_select(0, asked)


def _check(tokens: Tensor, lengths: Tensor, embedding: nn.Module, network: Network) -> None:
    plain = network.num_layers == 1 and network.bias
    if not plain or network.bidirectional or network.proj_size:
        raise ValueError(
            f"a prefix tree needs one layer, one direction and biases; this is {network}"
        )
    if getattr(embedding, "scale_grad_by_freq", False):
        raise ValueError("a word is looked up once here; turn scale_grad_by_freq off")
    if tokens.ndim != 2 or lengths.shape != tokens.shape[:1] or not tokens.numel():
        shapes = f"{tuple(tokens.shape)} and {tuple(lengths.shape)}"
        raise ValueError(f"tokens and lengths must be (B, T) and (B,), not empty; got {shapes}")
    low, high = int(lengths.min()), int(lengths.max())
    if low < 1 or high > tokens.shape[1]:
        raise ValueError(f"lengths must lie in 1..{tokens.shape[1]}; these lie in {low}..{high}")


def _forward(
    inputs: Tensor,
    weight: Tensor,
    bias: Tensor,
    tree: Tree,
    cell: Cell,
    keep: list[Tensor] | None = None,
) -> list[Tensor]:
    """All N states of a tree, an (N, H) an array of the cell; `keep` collects what it keeps."""
    size = weight.shape[1]
    states = [inputs.new_empty(tree.nodes, size) for _ in range(cell.arrays)]
    for array in states:
        array[0] = 0
    product = Product(weight, bias)
    for level in tree.levels:
        hidden = level.of_parents(states[0])
        products = level.of_nodes(product(hidden))
        before = level.of_nodes(hidden if cell.arrays == 1 else level.of_parents(states[-1]))
        gates = inputs.index_select(0, level.words)
        kept = cell.forward(gates, products, before, [array[level.nodes] for array in states])
        if keep is not None:
            keep += kept
    return states


class _States(Function):
    """The states at some nodes of a tree, and how a gradient goes back from them."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        weight: Tensor,
        bias: Tensor,
        tree: Tree,
        asked: Tensor,
        cell: Cell,
    ) -> Tensor:
        """Inputs (U, kH), weight (kH, H), bias (kH,), nodes asked for (A,): (A, H)."""
        kept: list[Tensor] = []
        states = _forward(inputs, weight, bias, tree, cell, kept)
        ctx.tree, ctx.asked, ctx.cell = tree, asked, cell
        ctx.save_for_backward(weight, *states, *kept)
        return states[0].index_select(0, asked)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """From the longest prefixes to the shortest; each level adds to its parents' gradient."""
        tree, cell, (weight, *saved) = ctx.tree, ctx.cell, ctx.saved_tensors
        states, kept = saved[: cell.arrays], saved[cell.arrays :]
        parents = torch.cat([level.parents for level in tree.levels])
        d_states = [torch.zeros_like(array) for array in states]
        d_states[0].index_add_(0, ctx.asked, grad)
        d_inputs = grad.new_zeros(len(tree.words), len(weight))
        d_products = grad.new_empty(len(parents), len(weight))  # of W h + b
        each = len(kept) // len(tree.levels)
        for level, d_product in from_the_longest(tree.levels, d_products):
            own, kept = kept[-each:], kept[:-each]
            before = level.of_nodes(level.of_parents(states[-1]))
            d_gates = d_product if level.alone else grad.new_empty(len(before), len(weight))
            d_before = cell.backward([d[level.nodes] for d in d_states], own, before, d_gates)
            d_inputs.index_add_(0, level.words, d_gates)
            cell.of_product(d_gates, own)
            if not level.alone:
                d_product.zero_().index_add_(0, level.parent, d_gates)
            level.add_to_parents(d_states[0], d_product @ weight)
            level.add_to_parents(d_states[-1], d_before)
        d_weight = d_products.t() @ states[0].index_select(0, parents)
        return d_inputs, d_weight, d_products.sum(0), None, None, None
