"""AlexNet: fc7 after its ReLU (4096), and the output of the convolutions (6, 6, 256)."""

from torch import nn
from torchvision.models import AlexNet

from extract.backbone import Network

NAMES = ("alexnet",)
CLASSIFIER = "classifier.6"


def cut(model: AlexNet) -> Network:
    """Take the classifier off."""
    return Network(
        trunk=model.features,
        head=nn.Sequential(model.avgpool, nn.Flatten(), model.classifier[:-1]),
    )
