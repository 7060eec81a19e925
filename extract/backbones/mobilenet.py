"""MobileNet: the last map (7, 7, 1280) and its mean (1280)."""

from torch import nn
from torchvision.models import MobileNetV2

from extract.backbone import Network

NAMES = ("mobilenet_v2",)
CLASSIFIER = "classifier.1"


def cut(model: MobileNetV2) -> Network:
    """Take the classifier apart."""
    return Network(
        trunk=model.features,
        head=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        classifier=model.classifier,
    )
