"""A backbone whose weights learn further, under torchvision's own names."""

import torch
from torch import Tensor, nn

from extract.backbone import Backbone, Network
from extract.calls import memory_format
from extract.catalogue import assemble


class Learning(nn.Module):
    """Crops to the vectors that the layer ``pooled`` of the backbone holds, with a gradient.

    It stays in eval mode, as stage one computes: batch norms keep their statistics, and nothing is
    dropped. Its tensors have the names that torchvision's model gives them; those that the vectors
    do not depend on, such as the classifier's, learn nothing and stay what they are.
    """

    def __init__(self, model: nn.Module, network: Network):
        """Take over both.

        Args:
            model: torchvision's; tensors without values (on ``meta``) are left out.
            network: of ``model``, with which it shares the modules.
        """
        super().__init__()
        _drop_empty(model)
        for name, child in model.named_children():
            self.add_module(name, child)
        for name, weight in model.named_parameters(recurse=False):
            self.register_parameter(name, weight)
        for name, buffer in model.named_buffers(recurse=False):
            self.register_buffer(name, buffer)
        # In a tuple it is no child: each tensor has one name. A copy of this shares them too.
        self._parts = (network.trunk, network.head)
        for part in self._parts:
            part.requires_grad_(True)
        self.eval()

    def train(self, mode: bool = True) -> "Learning":
        """Stay in eval mode whatever ``mode`` says."""
        super().train(False)
        return self

    def forward(self, crops: Tensor) -> Tensor:
        """(N, D') float32 of crops (N, 3, S, S) float32, normalised as the weights ask for."""
        trunk, head = self._parts
        found: Tensor = head(trunk(crops.contiguous(memory_format=memory_format(crops.device))))
        return found


def learning(name: str, weights: str, transform: str | None = None) -> tuple[Backbone, Learning]:
    """The backbone of stage one, and its network as one that learns; they share all tensors.

    Args and errors are those of ``extract.catalogue.build``.
    """
    backbone, model = assemble(name, weights, transform)
    return backbone, Learning(model, backbone.module)


def _drop_empty(model: nn.Module) -> None:
    """Take out what the weights did not have, such as the classifier of a file without one."""
    for module in model.modules():
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        for name, tensor in own:
            if tensor.device == torch.device("meta"):
                delattr(module, name)
