"""Which tensors of a graph may share memory, so that none is overwritten that is read later.

Whatever is not known to make a fresh tensor is taken to give a view of every tensor that it takes,
and to write into each of them: what is proved here holds for any module and any function.
"""

import operator

import torch
from torch import nn
from torch.fx import GraphModule, Node

from extract.engine.operators import Convolution, ConvolutionInto
from extract.engine.tracing import TENSOR

FRESH_MODULES = (Convolution, nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d)
FRESH_FUNCTIONS = (torch.cat, torch.add, operator.add)
PARTS_OF_ANOTHER = ("placeholder", "get_attr")


class Storage:
    """The tensors of a graph in groups that may share memory; of the graph as it was when made."""

    def __init__(self, network: GraphModule):
        """Read the graph once."""
        nodes = list(network.graph.nodes)
        self._place = {node: position for position, node in enumerate(nodes)}
        self._touched = {node: touched(network, node) for node in nodes}
        self._group: dict[Node, set[Node]] = {}
        for node in nodes:
            joined = {node}.union(*(self._group[each] for each in self._touched[node]))
            self._group |= dict.fromkeys(joined, joined)

    def may_overwrite(self, there: Node, at: Node) -> bool:
        """Whether nothing but ``at`` itself reads the memory of ``there`` from ``at`` on.

        The caller's own tensors, the network's weights and what the graph gives are never ours,
        and no part of a larger tensor is overwritten.
        """
        group, tensor = self._group[there], there.meta.get(TENSOR)
        readers = {reader for node in group for reader in node.users} - {at}
        ours = not any(node.op in PARTS_OF_ANOTHER for node in group)
        whole = tensor is not None and all(node.meta.get(TENSOR) == tensor for node in group)
        return ours and whole and all(self._place[reader] < self._place[at] for reader in readers)

    def is_as_it_was(self, node: Node, then: Node, at: Node) -> bool:
        """Whether nothing between ``then`` and ``at`` may write into the memory of ``node``."""
        between = range(self._place[then] + 1, self._place[at])
        return not any(
            self._place[reader] in between and shared in self._touched[reader]
            for shared in self._group[node]
            for reader in shared.users
        )

    def apart(self, one: Node, other: Node) -> bool:
        """Whether two tensors surely share no memory."""
        return other not in self._group[one]


def touched(network: GraphModule, node: Node) -> list[Node]:
    """The tensors that a node takes and may write into, or give a view of."""
    taken = node.all_input_nodes
    if node.op == "call_module":
        kind = type(network.get_submodule(str(node.target)))
        return [] if kind in FRESH_MODULES else taken[: 1 if kind is ConvolutionInto else None]
    fresh = node.op == "call_function" and node.target in FRESH_FUNCTIONS
    return [] if fresh and "out" not in node.kwargs else taken
