"""ResNet: the average pool's output (512 or 2048), and the map under it (7, 7, D)."""

from torch import nn
from torchvision.models import ResNet

from extract.backbone import Network

NAMES = ("resnet18", "resnet50", "resnet101", "resnet152")
CLASSIFIER = "fc"


def cut(model: ResNet) -> Network:
    """Take the classifier apart."""
    stem = (model.conv1, model.bn1, model.relu, model.maxpool)
    return Network(
        trunk=nn.Sequential(*stem, model.layer1, model.layer2, model.layer3, model.layer4),
        head=nn.Sequential(model.avgpool, nn.Flatten()),
        classifier=model.fc,
    )
