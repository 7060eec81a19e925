"""The GRU's states over captions, or at their ends: torch's own result, sooner on a CPU.

The cost of a GRU is its matrix products, so each is done once, and as large as it can be:

- captions that begin with the same words have the same states: a batch is a tree of prefixes,
  and a state is computed once a *prefix* (on Flickr8k a fifth of the rows of a batch fall away);
- the input's projection is computed once a *word* of the batch (a quarter of its tokens);
- the zero state before the first word is one prefix, the empty one, not a row a caption;
- the gradient of the recurrent weight is one product over all prefixes, not one a time step.

`python -m benchmarks.train_step` measures it. On an accelerator, where launching many small kernels
would cost more than they save, ``nn.GRU`` itself is run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


@dataclass(frozen=True)
class Level:
    """The M different prefixes of one length, as nodes of a `Tree`.

    Attributes:
        nodes: their numbers, one after the other.
        words: (M,) int64, each node's last word, as a row of `Tree.words`.
        parents: (P,) int64, P <= M, the nodes one word shorter that go on into this level.
        parent: (M,) int64, each node's row in ``parents``.
    """

    nodes: slice
    words: Tensor
    parents: Tensor
    parent: Tensor


@dataclass(frozen=True)
class Tree:
    """A batch of captions as the tree of its prefixes; node 0 is the empty one.

    Attributes:
        words: (U,) int64, the different words of the batch, ascending.
        levels: the prefixes of length 1, 2, ...
        last: (B,) int64, the node at which each caption ends.
        each: (B, T) int64, the node of each word, the empty one behind a caption's end.
    """

    words: Tensor
    levels: tuple[Level, ...]
    last: Tensor
    each: Tensor


def prefix_tree(tokens: Tensor, lengths: Tensor) -> Tree:
    """Number the different prefixes of a batch; what lies beyond a length is not read.

    Args:
        tokens: (B, T) int64, padded with anything.
        lengths: (B,) int64, 1 to T.
    """
    inside = torch.arange(tokens.shape[1]) < lengths[:, None]
    words, rows = torch.unique(tokens[inside], return_inverse=True)
    padded = torch.zeros_like(tokens).masked_scatter_(inside, rows)
    last, each = torch.zeros_like(lengths), torch.zeros_like(tokens)
    levels: list[Level] = []
    start = 1
    for t in range(int(lengths.max())):
        alive = inside[:, t].nonzero()[:, 0]
        # Sorted by (parent, word), so that the order of the captions leaves no trace.
        keys, own = torch.unique(last[alive] * len(words) + padded[alive, t], return_inverse=True)
        parents, parent = torch.unique_consecutive(keys // len(words), return_inverse=True)
        levels.append(Level(slice(start, start + len(keys)), keys % len(words), parents, parent))
        last[alive] = each[alive, t] = own + start
        start += len(keys)
    return Tree(words, tuple(levels), last, each)


def last_state(tokens: Tensor, lengths: Tensor, embedding: nn.Module, gru: nn.GRU) -> Tensor:
    """Run a GRU over embedded captions and keep the state after each caption's last word.

    The numbers of ``nn.GRU`` over a packed sequence, to rounding, and its gradients for the
    embedding and the GRU (a second derivative is refused). On a CPU the same input gives the same
    bits. Tokens on any other device go through `packed_last_state`.

    Args:
        tokens: (B, T) int64 word ids; what lies beyond a caption's length is not read.
        lengths: (B,) int64, 1 to T; on the CPU or with the tokens.
        embedding: ids to vectors, as wide as the GRU's input.
        gru: one layer, one direction, with biases, no projection.

    Returns:
        (B, H) float, not normalised.

    Raises:
        ValueError: An empty batch, a length out of range, or another kind of GRU or embedding.
    """
    _check(tokens, lengths, embedding, gru)
    if tokens.device.type != "cpu":
        return packed_last_state(tokens, lengths, embedding, gru)
    tree = prefix_tree(tokens, lengths)
    return _states(tree, tree.last, embedding, gru)


def all_states(tokens: Tensor, lengths: Tensor, embedding: nn.Module, gru: nn.GRU) -> Tensor:
    """As `last_state`, and keep the state after every word.

    Returns:
        (B, T, H) float, not normalised; zeros behind a caption's end.

    Raises:
        ValueError: as of `last_state`.
    """
    _check(tokens, lengths, embedding, gru)
    if tokens.device.type != "cpu":
        return packed_all_states(tokens, lengths, embedding, gru)
    tree = prefix_tree(tokens, lengths)
    states = _states(tree, tree.each.flatten(), embedding, gru)
    return states.view(*tokens.shape, gru.hidden_size)


def packed_last_state(tokens: Tensor, lengths: Tensor, embedding: nn.Module, gru: nn.GRU) -> Tensor:
    """`last_state` by ``nn.GRU`` over a packed sequence: any device, slow to train on a CPU."""
    state: Tensor = gru(_packed(tokens, lengths, embedding))[1]
    return state[0]


def packed_all_states(tokens: Tensor, lengths: Tensor, embedding: nn.Module, gru: nn.GRU) -> Tensor:
    """`all_states` by ``nn.GRU`` over a packed sequence."""
    found = gru(_packed(tokens, lengths, embedding))[0]
    return pad_packed_sequence(found, batch_first=True, total_length=tokens.shape[1])[0]


def _packed(tokens: Tensor, lengths: Tensor, embedding: nn.Module) -> PackedSequence:
    inside = torch.arange(tokens.shape[1], device=tokens.device) < lengths.to(tokens)[:, None]
    vectors = embedding(tokens.masked_fill(~inside, 0))
    return pack_padded_sequence(vectors, lengths.cpu(), batch_first=True, enforce_sorted=False)


def _states(tree: Tree, asked: Tensor, embedding: nn.Module, gru: nn.GRU) -> Tensor:
    """The states (A, H) at the nodes ``asked`` (A,)."""
    into, over, bias, inner_bias = gru.all_weights[0]
    inputs = nn.functional.linear(embedding(tree.words), into, bias)
    if torch.is_grad_enabled():
        states: Tensor = _States.apply(inputs, over, inner_bias, tree, asked)
        return states
    return _forward(inputs, over, inner_bias, tree.levels).index_select(0, asked)


def _check(tokens: Tensor, lengths: Tensor, embedding: nn.Module, gru: nn.GRU) -> None:
    if gru.num_layers != 1 or gru.bidirectional or gru.proj_size or not gru.bias:
        raise ValueError(f"a prefix tree needs one layer, one direction and biases; this is {gru}")
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
    levels: Sequence[Level],
    keep: list[Tensor] | None = None,
) -> Tensor:
    """All N states of a tree, (N, H); `keep` collects, a level, what the backward pass reads.

    The GRU of Cho et al. 2014 in torch's form: r, z = sigmoid(x + W h + b),
    n = tanh(x_n + r (W_n h + b_n)), h' = n + z (h - n).
    """
    size = weight.shape[1]
    states = inputs.new_empty(levels[-1].nodes.stop, size)
    states[0] = 0
    for level in levels:
        parents = states.index_select(0, level.parents)
        product = torch.addmm(bias, parents, weight.t()).index_select(0, level.parent)
        gates = inputs.index_select(0, level.words)
        rz, new = gates[:, : 2 * size], gates[:, 2 * size :]
        rz.add_(product[:, : 2 * size]).sigmoid_()
        new.addcmul_(rz[:, :size], product[:, 2 * size :]).tanh_()
        before = parents.index_select(0, level.parent)
        torch.lerp(new, before, rz[:, size:], out=states[level.nodes])
        if keep is not None:
            keep += gates, product[:, 2 * size :].clone()
    return states


class _States(Function):
    """The states at some nodes of a tree, and how a gradient goes back from them."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, tree: Tree, asked: Tensor
    ) -> Tensor:
        """Inputs (U, 3H), weight (3H, H), bias (3H,), nodes asked for (A,): (A, H)."""
        saved: list[Tensor] = []
        states = _forward(inputs, weight, bias, tree.levels, saved)
        ctx.tree, ctx.asked = tree, asked
        ctx.save_for_backward(weight, states, *saved)
        return states.index_select(0, asked)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """From the longest prefixes to the shortest; each level adds to its parents' gradient."""
        tree, (weight, states, *saved) = ctx.tree, ctx.saved_tensors
        size, parents = weight.shape[1], torch.cat([level.parents for level in tree.levels])
        d_states = torch.zeros_like(states).index_add_(0, ctx.asked, grad)
        d_inputs = grad.new_zeros(len(tree.words), 3 * size)
        d_products = grad.new_zeros(len(parents), 3 * size)  # of W h + b, a row a parent
        end = len(parents)
        for level in reversed(tree.levels):
            new_product, gates = saved.pop(), saved.pop()
            before = states.index_select(0, level.parents).index_select(0, level.parent)
            d_gates, d_before = _step_backward(d_states[level.nodes], gates, new_product, before)
            d_inputs.index_add_(0, level.words, d_gates)
            d_gates[:, 2 * size :].mul_(gates[:, :size])
            d_product = d_products[end - len(level.parents) : end]
            d_product.index_add_(0, level.parent, d_gates)
            d_states.index_add_(0, level.parents, d_product @ weight)
            d_states.index_add_(0, level.parents.index_select(0, level.parent), d_before)
            end -= len(level.parents)
        d_weight = d_products.t() @ states.index_select(0, parents)
        return d_inputs, d_weight, d_products.sum(0), None, None


def _step_backward(
    grad: Tensor, gates: Tensor, new_product: Tensor, before: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradient of a step's gates before their non-linearity, (M, 3H), and of h by way of z."""
    r, z, n = gates.chunk(3, dim=1)
    d_gates = torch.empty_like(gates)
    d_r, d_z, d_n = d_gates.chunk(3, dim=1)
    d_before = grad * z
    torch.sub(grad, d_before, out=d_n).mul_(1 - n * n)
    torch.sub(before, n, out=d_z).mul_(d_before).mul_(1 - z)
    torch.mul(d_n, new_product, out=d_r).mul_(r).mul_(1 - r)
    return d_gates, d_before
