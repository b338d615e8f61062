"""GoogLeNet (Szegedy et al. 2015, "Going deeper with convolutions"), with batch normalization.

Sizes and names are those of PyTorch's torchvision, which has a 3x3 convolution where the paper has a 5x5 one.
"""

from __future__ import annotations

from typing import NamedTuple

from xdl import nn
from xdl.functional import cat, relu
from xdl.nn.together import activated
from xdl.tensor import Tensor


class GoogLeNetOutputs(NamedTuple):
    """What a GoogLeNet with auxiliary heads returns in training: logits (N, num_classes) of three depths."""

    logits: Tensor
    aux_logits2: Tensor
    aux_logits1: Tensor


class BasicConv2d(nn.Module):
    """relu(bn(conv(x)))."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> None:
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, input: Tensor) -> Tensor:
        """(N, in_channels, H, W): (N, out_channels, OH, OW)."""
        return activated(self.bn, relu, self.conv(input))


class Inception(nn.Module):
    """Four ways to look at the same maps, side by side (the paper's figure 2b; hwdong, section 6.5.6).

        y = [conv 1x1(x), conv 3x3(conv 1x1(x)), conv 5x5(conv 1x1(x)), conv 1x1(max pool 3x3(x))]

    The 1x1 convolutions before the large ones reduce the channels, and with them the cost: `ch3x3red` and `ch5x5red`
    are their channels, `ch1x1`, `ch3x3`, `ch5x5` and `pool_proj` those of the four parts of y.

    kernel_size5: of the third way, 3 as in torchvision, 5 as in the paper
    """

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        kernel_size5: int = 3,
    ) -> None:
        self.branch1 = BasicConv2d(in_channels, ch1x1, 1)
        self.branch2 = nn.Sequential(BasicConv2d(in_channels, ch3x3red, 1), BasicConv2d(ch3x3red, ch3x3, 3, padding=1))
        large = BasicConv2d(ch5x5red, ch5x5, kernel_size5, padding=kernel_size5 // 2)
        self.branch3 = nn.Sequential(BasicConv2d(in_channels, ch5x5red, 1), large)
        pool = nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True)
        self.branch4 = nn.Sequential(pool, BasicConv2d(in_channels, pool_proj, 1))

    def forward(self, input: Tensor) -> Tensor:
        """(N, in_channels, H, W): (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W)."""
        return cat([self.branch1(input), self.branch2(input), self.branch3(input), self.branch4(input)], 1)


class InceptionAux(nn.Module):
    """A classifier half way, whose loss sends gradients into the lower layers."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7) -> None:
        self.avgpool = nn.AdaptiveAvgPool2d((4, 4))
        self.conv = BasicConv2d(in_channels, 128, 1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of maps (N, in_channels, H, W)."""
        hidden = self.conv(self.avgpool(input)).flatten(1)
        logits: Tensor = self.fc2(self.dropout(activated(self.fc1, relu, hidden)))
        return logits


class GoogLeNet(nn.Module):
    """Three convolutions, nine Inception blocks, the mean of each map, and one linear layer.

        (N, 3, 224, 224)  conv 7x7, pool, conv 1x1, conv 3x3, pool  (N, 192, 28, 28)
        inception 3a, 3b  (N, 480, 28, 28)   4a to 4e  (N, 832, 14, 14)   5a, 5b  (N, 1024, 7, 7)
        (N, 1024)         dropout            linear (N, num_classes)

    6,624,904 parameters for 1000 classes without auxiliary heads.

    aux_logits: adds two heads; in training the output is then a GoogLeNetOutputs, whose losses the paper adds with
                weight 0.3
    """

    def __init__(
        self, num_classes: int = 1000, aux_logits: bool = True, dropout: float = 0.2, in_channels: int = 3
    ) -> None:
        self.conv1 = BasicConv2d(in_channels, 64, 7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, 1)
        self.conv3 = BasicConv2d(64, 192, 3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = InceptionAux(512, num_classes) if aux_logits else None
        self.aux2 = InceptionAux(528, num_classes) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(1024, num_classes)
        self.apply(_initialize)

    def forward(self, input: Tensor) -> Tensor | GoogLeNetOutputs:
        """Logits (N, num_classes) of images (N, in_channels, H, W); in training with heads all three."""
        hidden = self.maxpool1(self.conv1(input))
        hidden = self.maxpool2(self.conv3(self.conv2(hidden)))
        hidden = self.maxpool3(self.inception3b(self.inception3a(hidden)))
        early = self.inception4a(hidden)
        late = self.inception4d(self.inception4c(self.inception4b(early)))
        hidden = self.maxpool4(self.inception4e(late))
        hidden = self.inception5b(self.inception5a(hidden))
        logits: Tensor = self.fc(self.dropout(self.avgpool(hidden).flatten(1)))
        if self.training and self.aux1 is not None and self.aux2 is not None:
            return GoogLeNetOutputs(logits, self.aux2(late), self.aux1(early))
        return logits


class SmallGoogLeNet(nn.Module):
    """GoogLeNet for images of about 28x28 pixels: one convolution, then Inception blocks 3a, 3b and 4a, half as wide.

    (N, 1, 28, 28)  conv 3x3 (N, 32, 28, 28)  pool, 3a, 3b  (N, 240, 14, 14)  pool, 4a  (N, 256, 7, 7)
    (N, 256)        dropout  linear (N, num_classes)
    """

    def __init__(self, num_classes: int = 10, dropout: float = 0.2, in_channels: int = 1) -> None:
        self.features = nn.Sequential(
            BasicConv2d(in_channels, 32, 3, padding=1),
            nn.MaxPool2d(2),
            Inception(32, 32, 48, 64, 8, 16, 16),
            Inception(128, 64, 64, 96, 16, 48, 32),
            nn.MaxPool2d(2),
            Inception(240, 96, 48, 104, 8, 24, 32),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(256, num_classes)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W), from 4x4 pixels on."""
        hidden = self.avgpool(self.features(input))
        logits: Tensor = self.fc(self.dropout(hidden.flatten(1)))
        return logits


def _initialize(module: nn.Module) -> None:
    """Truncated normal weights of std 0.01; biases keep theirs."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, 0.0, 0.01, -2.0, 2.0)
