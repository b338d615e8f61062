"""AlexNet (Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks").

The version of one column (Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks"), in the
sizes and under the names of PyTorch's torchvision, without the local response normalization of 2012.
"""

from __future__ import annotations

from xdl import nn
from xdl.tensor import Tensor


class AlexNet(nn.Module):
    """Five convolutions with max pooling, three linear layers with dropout (hwdong, section 6.5.2).

        (N, 3, 224, 224)  conv 11x11, stride 4  (N, 64, 55, 55)   max pool 3, stride 2  (N, 64, 27, 27)
                          conv 5x5              (N, 192, 27, 27)  max pool              (N, 192, 13, 13)
                          conv 3x3, three times (N, 256, 13, 13)  max pool              (N, 256, 6, 6)
        (N, 9216)         linear (N, 4096)      linear (N, 4096)  linear                (N, num_classes)

    61,100,840 parameters for 1000 classes and 3 channels. Images of other sizes from 63x63 on are averaged to 6x6.

    dropout: probability of dropping an input of the first two linear layers in training
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, in_channels: int = 3) -> None:
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 64, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = _classifier(256 * 6 * 6, 4096, num_classes, dropout)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits


class SmallAlexNet(nn.Module):
    """AlexNet for images of about 28x28 pixels: the same layers with 3x3 kernels, a quarter of the maps, 2x2 pooling.

    (N, 1, 28, 28)  conv 3x3, pool  (N, 16, 14, 14)  conv 3x3, pool  (N, 48, 7, 7)
                    conv 3x3, three times, averaged  (N, 64, 3, 3)
    (N, 576)        linear (N, 256)  linear (N, 256)  linear (N, num_classes)
    """

    def __init__(self, num_classes: int = 10, dropout: float = 0.5, in_channels: int = 1) -> None:
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 48, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(48, 96, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(96, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((3, 3))
        self.classifier = _classifier(64 * 3 * 3, 256, num_classes, dropout)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W), from 12x12 pixels on."""
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits


def _classifier(features: int, hidden: int, num_classes: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(dropout),
        nn.Linear(features, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, num_classes),
    )
