"""VGG (Simonyan and Zisserman 2015, "Very deep convolutional networks for large-scale image recognition").

Blocks of 3x3 convolutions with max pooling after each; sizes and names are those of PyTorch's torchvision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from xdl import nn
from xdl.tensor import Tensor

BLOCKS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}  # convolutions a block
WIDTHS = (64, 128, 256, 512, 512)  # maps of each block


class VGG(nn.Module):
    """Five blocks and three linear layers (hwdong, section 6.5.3; the paper's table 1, columns A, B, D and E).

        (N, 3, 224, 224)  block  (N, 64, 112, 112)  (N, 128, 56, 56)  (N, 256, 28, 28)  (N, 512, 14, 14)  (N, 512, 7, 7)
        (N, 25088)        linear (N, 4096)          linear (N, 4096)  linear (N, num_classes)

    VGG-16 has 138,357,544 parameters for 1000 classes and 3 channels, nine tenths of them in the linear layers. Images
    of other sizes from 32x32 on are averaged to 7x7.

    blocks:     3x3 convolutions in each of the five blocks, a value of BLOCKS
    batch_norm: batch normalization between convolution and ReLU, which the paper did not know yet
    dropout:    probability of dropping a hidden unit of the linear layers in training
    """

    def __init__(
        self,
        blocks: Sequence[int],
        batch_norm: bool = False,
        num_classes: int = 1000,
        dropout: float = 0.5,
        in_channels: int = 3,
    ) -> None:
        self.features = _features(blocks, WIDTHS, batch_norm, in_channels)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(WIDTHS[-1] * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, num_classes),
        )
        self.apply(_initialize)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits


class SmallVGG(nn.Module):
    """VGG for images of about 28x28 pixels: three blocks of two convolutions, half as wide, and one linear layer.

    (N, 1, 28, 28)  block (N, 32, 14, 14)  block (N, 64, 7, 7)  block (N, 128, 3, 3)
    (N, 128)        the mean of each map   linear (N, num_classes)
    """

    def __init__(self, num_classes: int = 10, batch_norm: bool = True, in_channels: int = 1) -> None:
        self.features = _features((2, 2, 2), (32, 64, 128), batch_norm, in_channels)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.classifier = nn.Linear(128, num_classes)
        self.apply(_initialize)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W), from 8x8 pixels on."""
        logits: Tensor = self.classifier(self.avgpool(self.features(input)).flatten(1))
        return logits


def _features(blocks: Sequence[int], widths: Sequence[int], batch_norm: bool, channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for convolutions, width in zip(blocks, widths, strict=True):
        for _ in range(convolutions):
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU())
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def _initialize(module: nn.Module) -> None:
    """He's normal weights for the convolutions, small normal ones for the linear layers, biases 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.01)
    else:
        return
    if module.bias is not None:
        nn.init.zeros_(module.bias)


vgg11, vgg13, vgg16, vgg19 = (partial(VGG, BLOCKS[depth]) for depth in BLOCKS)
vgg11_bn, vgg13_bn, vgg16_bn, vgg19_bn = (partial(VGG, BLOCKS[depth], True) for depth in BLOCKS)
