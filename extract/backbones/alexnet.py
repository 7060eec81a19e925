"""AlexNet: fc7 after its ReLU (4096), and the output of the convolutions (6, 6, 256)."""

from torch import nn
from torchvision.models import AlexNet

from extract.backbone import Calls, Network

NAMES = ("alexnet",)
CLASSIFIER = "classifier.6"
CALLS = Calls(trunk=10, head=80)  # the head has 218 MB of weights, and a map is small


def cut(model: AlexNet) -> Network:
    """Take the classifier apart."""
    return Network(
        trunk=model.features,
        head=nn.Sequential(model.avgpool, nn.Flatten(), model.classifier[:-1]),
        calls=CALLS,
        classifier=model.classifier[-1],
    )
