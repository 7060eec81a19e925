"""DenseNet: the last map after its final ReLU (7, 7, D), and its mean (1024 or 1920)."""

import re

from torch import nn
from torchvision.models import DenseNet

from extract.backbone import Network

NAMES = ("densenet121", "densenet201")
CLASSIFIER = "classifier"


def cut(model: DenseNet) -> Network:
    """Take the classifier apart; the final ReLU is not among torchvision's modules."""
    return Network(
        trunk=nn.Sequential(model.features, nn.ReLU(inplace=True)),
        head=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        classifier=model.classifier,
    )


def rename(key: str) -> str:
    """The present name of a tensor; files made before 2018 write ``norm.1`` for ``norm1``.

    Example:
        >>> rename("features.denseblock1.denselayer1.norm.1.weight")
        'features.denseblock1.denselayer1.norm1.weight'
    """
    return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.", r"\1\2.", key)
