"""The pass over a traced network: convolutions take in what stands around them."""

import operator
from functools import partial

import torch
from torch import nn
from torch.fx import GraphModule, Node
from torch.fx.node import Argument
from torch.nn import functional

from extract.engine.folding import can_fold, can_lay_out, folded
from extract.engine.operators import AFTER_A_SUM, Convolution, ConvolutionInto, Shape
from extract.engine.storage import Storage
from extract.engine.tracing import TENSOR, Found

APPLIED_MODULES = ((nn.ReLU, "relu"), (nn.ReLU6, "relu6"))
RELU = (torch.relu, torch.relu_, functional.relu, functional.relu_)
APPLIED_FUNCTIONS = (*((function, "relu") for function in RELU), (functional.relu6, "relu6"))
APPLIED_METHODS = (("relu", "relu"), ("relu_", "relu"))
SUMS = (operator.add, torch.add)
"""``a += b`` is traced as ``a + b``."""


def fuse(network: GraphModule, rows: int) -> None:
    """Rewrite a network in eval mode, of which nothing but the numbers' last digits changes.

    The modules that it was traced from are left alone.

    Args:
        network: of ``extract.engine.tracing.traced``.
        rows: crops a call, for which weights are laid out.
    """
    _drop_what_does_nothing(network)
    for work in (partial(_lay_out, rows=rows), _add_in_place):
        for node in list(network.graph.nodes):
            work(network, node)
    network.delete_all_unused_submodules()
    network.graph.lint()
    network.recompile()


def _drop_what_does_nothing(network: GraphModule) -> None:
    for node in list(network.graph.nodes):
        module = _module(network, node)
        if isinstance(module, nn.Dropout | nn.Dropout2d | nn.Identity) and not module.training:
            node.replace_all_uses_with(node.all_input_nodes[0])
            network.graph.erase_node(node)


def _lay_out(network: GraphModule, node: Node, *, rows: int) -> None:
    """Put one call in the place of a convolution, the batch norm and the ReLU after it."""
    convolution = _module(network, node)
    if not isinstance(convolution, nn.Conv2d) or not can_lay_out(convolution) or node.kwargs:
        return
    taken: Found = node.all_input_nodes[0].meta[TENSOR]
    if len(taken.size) != 4:
        return
    norm_node = _only_user(node)
    norm = _module(network, norm_node)
    if not isinstance(norm, nn.BatchNorm2d) or not can_fold(norm):
        norm_node = norm = None
    end = norm_node or node
    follower = _only_user(end)
    applied = _applied(network, follower)
    end = follower if applied and follower else end
    size = (rows, *taken.size[1:])
    weight, bias = folded(convolution, norm)
    padding = tuple(int(side) for side in convolution.padding)
    shape = Shape(padding, convolution.stride, convolution.dilation, convolution.groups)
    _replace(network, node, end, Convolution(weight, bias, shape, size, applied), node.args)


def _add_in_place(network: GraphModule, node: Node) -> None:
    """Put one call in the place of a sum, the convolution that it adds, and the ReLU after it."""
    taken = node.all_input_nodes
    if node.op != "call_function" or node.target not in SUMS or len(taken) != 2:
        return
    plain = len(node.args) == 2 and not node.kwargs
    if not plain or len({each.meta.get(TENSOR) for each in (node, *taken)}) != 1:
        return
    storage = Storage(network)
    for own, there in (taken, taken[::-1]):
        if _may_join(network, storage, own, there, node):
            _join(network, own, there, node)
            return


def _may_join(network: GraphModule, storage: Storage, own: Node, there: Node, node: Node) -> bool:
    """Whether ``own``, a convolution, may be computed at ``node``, into the memory of ``there``."""
    convolution = _module(network, own)
    if not isinstance(convolution, Convolution) or convolution.applied or len(own.users) != 1:
        return False
    maps = own.all_input_nodes[0]
    return (
        storage.may_overwrite(there, node)
        and storage.apart(there, maps)
        and storage.is_as_it_was(maps, own, node)
    )


def _join(network: GraphModule, own: Node, there: Node, node: Node) -> None:
    convolution, follower = _module(network, own), _only_user(node)
    assert isinstance(convolution, Convolution)
    applied = _applied(network, follower)
    if applied not in AFTER_A_SUM:
        applied = ""
    end = follower if applied and follower else node
    given = (there, own.all_input_nodes[0])
    _replace(network, node, end, ConvolutionInto(convolution, applied), given)
    network.graph.erase_node(own)


def _replace(
    network: GraphModule, first: Node, last: Node, module: nn.Module, given: tuple[Argument, ...]
) -> None:
    """``module`` of ``given`` at the place of ``first``, for the chain from there to ``last``."""
    name = f"fused_{last.name}"
    network.add_submodule(name, module)
    with network.graph.inserting_before(first):
        new = network.graph.call_module(name, given)
    new.meta[TENSOR] = last.meta.get(TENSOR)
    last.replace_all_uses_with(new)
    while last is not first:
        before = last.all_input_nodes[0]
        network.graph.erase_node(last)
        last = before
    network.graph.erase_node(first)


def _module(network: GraphModule, node: Node | None) -> nn.Module | None:
    if node is None or node.op != "call_module":
        return None
    return network.get_submodule(str(node.target))


def _only_user(node: Node) -> Node | None:
    """The one node that takes ``node``, and nothing else."""
    users = list(node.users)
    one = len(users) == 1 and len(users[0].all_input_nodes) == 1
    return users[0] if one else None


def _applied(network: GraphModule, node: Node | None) -> str:
    """Which of the things that may follow in the same call a node is; empty where it is none."""
    if node is None:
        return ""
    if node.op == "call_module":
        module = _module(network, node)
        return next((name for kind, name in APPLIED_MODULES if type(module) is kind), "")
    known = APPLIED_METHODS if node.op == "call_method" else APPLIED_FUNCTIONS
    return next((name for target, name in known if node.target == target), "")
