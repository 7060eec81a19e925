"""VGG: fc7 after its ReLU (4096), and the map before the last pooling (14, 14, 512)."""

from torch import nn
from torchvision.models import VGG

from extract.backbone import Calls, Network

NAMES = ("vgg16", "vgg19")
CLASSIFIER = "classifier.6"
CALLS = Calls(trunk=10, head=40)  # the head has 478 MB of weights, and a map 0.4 MB


def cut(model: VGG) -> Network:
    """Take the classifier apart, and the last pooling out of the trunk."""
    last_pooling = model.features[-1]
    return Network(
        trunk=model.features[:-1],
        head=nn.Sequential(last_pooling, model.avgpool, nn.Flatten(), model.classifier[:-1]),
        calls=CALLS,
        classifier=model.classifier[-1],
    )
