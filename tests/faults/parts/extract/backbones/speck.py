"""One small convolution under a name of torchvision's, so that a fault costs little."""

from torch import Tensor, nn

from extract.backbone import Network
from extract.transform import IMAGENET, Transform

NAMES = ("shufflenet_v2_x0_5",)
CLASSIFIER = "fc"


class Speck(nn.Module):
    """Eight channels, their mean, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 8, 3, stride=2)
        self.fc = nn.Linear(8, 2)

    def forward(self, crops: Tensor) -> Tensor:
        return self.fc(self.features(crops).mean((2, 3)))


def make(name: str) -> nn.Module:
    return Speck()


def transform(name: str) -> Transform:
    return Transform(16, 16, IMAGENET.interpolation, IMAGENET.mean, IMAGENET.std)


def cut(model: Speck) -> Network:
    return Network(model.features, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
