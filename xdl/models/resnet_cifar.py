"""The residual networks for small images (He, Zhang, Ren, Sun 2016, section 4.2), and the plain ones beside them."""

from __future__ import annotations

from functools import partial

from xdl import nn
from xdl.errors import SettingError
from xdl.functional import pad, relu
from xdl.models.resnet import initialize_convolution
from xdl.nn.together import activated, residual
from xdl.tensor import Tensor


class SmallBlock(nn.Module):
    """Two 3x3 convolutions with batch normalization: y = relu(F(x) + x), or y = relu(F(x)) in a plain network.

    Where F halves the image and adds channels, the shortcut takes every second pixel and fills up with zeros, so that
    it has no parameters (the paper's option A).

    shortcut: whether x is added
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, shortcut: bool) -> None:
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.stride, self.added, self.shortcut = stride, out_channels - in_channels, shortcut

    def forward(self, input: Tensor) -> Tensor:
        """(N, in_channels, H, W): (N, out_channels, H / stride, W / stride)."""
        hidden = self.conv2(activated(self.bn1, relu, self.conv1(input)))
        if not self.shortcut:
            return activated(self.bn2, relu, hidden)
        return residual(self.bn2, hidden, self._same_shape(input))

    def _same_shape(self, x: Tensor) -> Tensor:
        if self.stride == 1 and not self.added:
            return x
        sparse = x[:, :, :: self.stride, :: self.stride]
        return pad(sparse, (0, 0, 0, 0, self.added // 2, self.added - self.added // 2))


class CifarResNet(nn.Module):
    """depth = 6 n + 2 layers for images of about 32x32 pixels: n blocks each of 16, 32 and 64 channels.

        (N, 3, 32, 32)  conv 3x3 (N, 16, 32, 32)  blocks (N, 16, 32, 32)  (N, 32, 16, 16)  (N, 64, 8, 8)
        (N, 64)         the mean of each map      linear (N, num_classes)

    depth:     20, 32, 44, 56, 110 in the paper; any 6 n + 2 with n >= 1
    shortcuts: False makes the plain network of the same depth and parameters, which the paper compares with

    ResNet-20 has 269,722 parameters, ResNet-110 1,727,962. Raises SettingError for another depth.
    """

    def __init__(self, depth: int, num_classes: int = 10, in_channels: int = 3, shortcuts: bool = True) -> None:
        blocks, rest = divmod(depth - 2, 6)
        if rest or blocks < 1:
            raise SettingError("CifarResNet", "depth = 6 n + 2 with n >= 1: 8, 14, 20, ...", depth)
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = _layer(16, 16, 1, blocks, shortcuts)
        self.layer2 = _layer(16, 32, 2, blocks, shortcuts)
        self.layer3 = _layer(32, 64, 2, blocks, shortcuts)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(64, num_classes)
        self.apply(initialize_convolution)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        hidden = activated(self.bn1, relu, self.conv1(input))
        hidden = self.layer3(self.layer2(self.layer1(hidden)))
        logits: Tensor = self.fc(self.avgpool(hidden).flatten(1))
        return logits


def _layer(in_channels: int, out_channels: int, stride: int, blocks: int, shortcuts: bool) -> nn.Sequential:
    first = SmallBlock(in_channels, out_channels, stride, shortcuts)
    return nn.Sequential(first, *(SmallBlock(out_channels, out_channels, 1, shortcuts) for _ in range(blocks - 1)))


resnet20, resnet32, resnet44, resnet56, resnet110 = (partial(CifarResNet, depth) for depth in (20, 32, 44, 56, 110))
