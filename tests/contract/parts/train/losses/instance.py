"""Every training picture is a class of its own: one classifier for both sides."""

from torch import nn
from torch.nn.functional import cross_entropy

from core.settings import Settings


class Options(Settings):
    """There is nothing to choose."""


class Instance(nn.Module):
    """The classifier is a weight of the loss."""

    def __init__(self, dim, instances):
        super().__init__()
        self.classifier = nn.Linear(dim, instances)

    def forward(self, image, caption, image_id):
        sides = (cross_entropy(self.classifier(side), image_id) for side in (image, caption))
        return sum(sides)


def build(options, *, measured, dim):
    return Instance(dim, measured.instances)
