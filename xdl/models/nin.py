"""Network in Network (Lin, Chen, Yan 2014): small networks that slide over the image, and no linear layers.

A block is a convolution and two 1x1 convolutions, which are a fully connected network at each pixel (hwdong, section
6.5.7). The last block has one map a class, and the mean of a map is the class's logit: the mean has no weights of its
own that could overfit, as those of a linear layer do.
"""

from __future__ import annotations

from xdl import nn
from xdl.tensor import Tensor


class NiN(nn.Module):
    """For large images, with the kernels of AlexNet.

        (N, 3, 224, 224)  block 11x11, stride 4  (N, 96, 54, 54)  pool  (N, 96, 26, 26)
                          block 5x5, pool        (N, 256, 12, 12) block 3x3, pool  (N, 384, 5, 5)
                          block 3x3              (N, num_classes, 5, 5)  means  (N, num_classes)

    7,439,608 parameters for 1000 classes. dropout: probability of dropping a value before the last block in training
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, in_channels: int = 3) -> None:
        self.features = nn.Sequential(
            *_block((in_channels, 96, 96, 96), 11, stride=4),
            nn.MaxPool2d(3, stride=2),
            *_block((96, 256, 256, 256), 5, padding=2),
            nn.MaxPool2d(3, stride=2),
            *_block((256, 384, 384, 384), 3, padding=1),
            nn.MaxPool2d(3, stride=2),
            nn.Dropout(dropout),
            *_block((384, num_classes, num_classes, num_classes), 3, padding=1),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.apply(_initialize)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        logits: Tensor = self.avgpool(self.features(input)).flatten(1)
        return logits


class SmallNiN(nn.Module):
    """For images of about 32x32 pixels, in the sizes of the paper's network for CIFAR-10.

        (N, 3, 32, 32)  block 5x5, pool  (N, 96, 16, 16)  block 5x5, pool  (N, 192, 8, 8)
                        block 3x3        (N, num_classes, 8, 8)    means   (N, num_classes)

    966,986 parameters for 3 channels and 10 classes. dropout: after each pooling; width: factor on all inner channels
    """

    def __init__(self, num_classes: int = 10, dropout: float = 0.5, in_channels: int = 3, width: float = 1.0) -> None:
        wide, middle, narrow = (max(1, round(width * channels)) for channels in (192, 160, 96))
        self.features = nn.Sequential(
            *_block((in_channels, wide, middle, narrow), 5, padding=2),
            nn.MaxPool2d(3, stride=2, ceil_mode=True),
            nn.Dropout(dropout),
            *_block((narrow, wide, wide, wide), 5, padding=2),
            nn.AvgPool2d(3, stride=2, ceil_mode=True),
            nn.Dropout(dropout),
            *_block((wide, wide, wide, num_classes), 3, padding=1),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.apply(_initialize)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W), from 4x4 pixels on."""
        logits: Tensor = self.avgpool(self.features(input)).flatten(1)
        return logits


def _block(channels: tuple[int, int, int, int], kernel_size: int, stride: int = 1, padding: int = 0) -> list[nn.Module]:
    first, second, third, last = channels
    return [
        nn.Conv2d(first, second, kernel_size, stride=stride, padding=padding),
        nn.ReLU(),
        nn.Conv2d(second, third, 1),
        nn.ReLU(),
        nn.Conv2d(third, last, 1),
        nn.ReLU(),
    ]


def _initialize(module: nn.Module) -> None:
    """He's normal weights and biases 0: with 9 ReLUs in a row PyTorch's default would let the signal fade."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
