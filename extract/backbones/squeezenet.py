"""SqueezeNet: the last map (13, 13, 512) and its mean (512)."""

from torch import nn
from torchvision.models import SqueezeNet

from extract.backbone import Network

NAMES = ("squeezenet1_0", "squeezenet1_1")
CLASSIFIER = "classifier.1"


def cut(model: SqueezeNet) -> Network:
    """Take the classifier apart: a convolution of the map, and its mean."""
    return Network(
        trunk=model.features,
        head=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        classifier=nn.Sequential(model.classifier, nn.Flatten()),
        classifies="grid",
    )
