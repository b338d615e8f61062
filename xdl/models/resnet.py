"""Residual networks (He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition"), for large images.

A block learns what to add to its input: y = relu(F(x) + shortcut(x)). The gradient of y reaches x through the
shortcut undiminished, so networks of a hundred layers train (hwdong, section 6.5.5). Sizes and names are those of
PyTorch's torchvision. `resnet_cifar.py` holds the paper's networks for small images.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from xdl import nn
from xdl.functional import relu
from xdl.nn.together import activated, residual
from xdl.tensor import Tensor


class BasicBlock(nn.Module):
    """F(x) = bn(conv 3x3(relu(bn(conv 3x3(x))))), from `inplanes` to `planes` channels.

    stride:     of the first convolution
    downsample: what makes the shortcut's shape that of F(x); None passes x on as it is
    """

    expansion = 1  # output channels over planes

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, input: Tensor) -> Tensor:
        """(N, inplanes, H, W): (N, planes, H / stride, W / stride)."""
        shortcut = input if self.downsample is None else self.downsample(input)
        hidden = activated(self.bn1, relu, self.conv1(input))
        return residual(self.bn2, self.conv2(hidden), shortcut)


class Bottleneck(nn.Module):
    """F(x) = bn(conv 1x1(relu(bn(conv 3x3(relu(bn(conv 1x1(x)))))))): the 3x3 sees a quarter of the channels.

    The stride is in the 3x3 convolution, as in torchvision; the paper has it in the first 1x1. See `BasicBlock`.
    """

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.downsample = downsample

    def forward(self, input: Tensor) -> Tensor:
        """(N, inplanes, H, W): (N, 4 planes, H / stride, W / stride)."""
        shortcut = input if self.downsample is None else self.downsample(input)
        hidden = activated(self.bn1, relu, self.conv1(input))
        hidden = activated(self.bn2, relu, self.conv2(hidden))
        return residual(self.bn3, self.conv3(hidden), shortcut)


class ResNet(nn.Module):
    """A 7x7 convolution, four layers of blocks, the mean of each map, and a linear layer.

        (N, 3, 224, 224)  conv 7x7, stride 2  (N, 64, 112, 112)  max pool 3, stride 2  (N, 64, 56, 56)
        layer1 to layer4  (N, 64 e, 56, 56)  (N, 128 e, 28, 28)  (N, 256 e, 14, 14)  (N, 512 e, 7, 7)
        (N, 512 e)        linear (N, num_classes)          e: the block's expansion, 1 or 4

    block:  BasicBlock or Bottleneck
    layers: blocks in each of the four layers

    ResNet-18 has 11,689,512 parameters for 1000 classes, ResNet-50 25,557,032. Images have 32x32 pixels or more.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        in_channels: int = 3,
    ) -> None:
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        e = block.expansion
        self.layer1 = _layer(block, 64, 64, layers[0], 1)
        self.layer2 = _layer(block, 64 * e, 128, layers[1], 2)
        self.layer3 = _layer(block, 128 * e, 256, layers[2], 2)
        self.layer4 = _layer(block, 256 * e, 512, layers[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * e, num_classes)
        self.apply(initialize_convolution)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, in_channels, H, W)."""
        hidden = self.maxpool(activated(self.bn1, self.relu, self.conv1(input)))
        hidden = self.layer4(self.layer3(self.layer2(self.layer1(hidden))))
        logits: Tensor = self.fc(self.avgpool(hidden).flatten(1))
        return logits


def _layer(
    block: type[BasicBlock] | type[Bottleneck], inplanes: int, planes: int, blocks: int, stride: int
) -> nn.Sequential:
    """The blocks of one layer; the first has the stride, and a 1x1 convolution as shortcut where the shape changes."""
    outplanes = planes * block.expansion
    downsample = None
    if stride != 1 or inplanes != outplanes:
        convolution = nn.Conv2d(inplanes, outplanes, 1, stride=stride, bias=False)
        downsample = nn.Sequential(convolution, nn.BatchNorm2d(outplanes))
    first = block(inplanes, planes, stride, downsample)
    return nn.Sequential(first, *(block(outplanes, planes) for _ in range(blocks - 1)))


def initialize_convolution(module: nn.Module) -> None:
    """He's normal weights, by the outputs, for a Conv2d; other modules keep theirs."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


resnet18 = partial(ResNet, BasicBlock, (2, 2, 2, 2))
resnet34 = partial(ResNet, BasicBlock, (3, 4, 6, 3))
resnet50 = partial(ResNet, Bottleneck, (3, 4, 6, 3))
resnet101 = partial(ResNet, Bottleneck, (3, 4, 23, 3))
resnet152 = partial(ResNet, Bottleneck, (3, 8, 36, 3))
