"""DCGAN: a generator of transposed convolutions and a critic of strided ones (Radford, Metz, Chintala 2016).

As in the paper: no pooling, ReLU in the generator and LeakyReLU in the critic, batch normalization in both but for the
generator's last and the critic's first layer, tanh at the end, weights from N(0, 0.02). For images of 28 pixels there
are two doublings in place of four. Kernels are 4x4, a multiple of the stride, since 3x3 and 5x5 leave a checkerboard
(Odena, Dumoulin, Olah 2016). With labels see `dense.py`; the critic is given them as planes.
"""

from __future__ import annotations

from xdl import nn
from xdl.errors import SettingError, expect
from xdl.functional import cat
from xdl.models.adversarial.labels import check_conditional, expect_labels, one_hot, planes
from xdl.nn.init import normal_
from xdl.nn.module import are_sizes, check_sizes
from xdl.tensor import Tensor

STD = 0.02  # of the weights at the start


class DCGANGenerator(nn.Module):
    """Noise (N, noise), and labels (N,) where num_classes is above 0, to images (N, C, S, S) within (-1, 1).

        (N, noise)      linear, batch norm, ReLU                    (N, 2 width, S/4, S/4)
                        transposed conv 4x4 / 2, batch norm, ReLU   (N, width, S/2, S/2)
                        transposed conv 4x4 / 2, tanh               (N, C, S, S)

    Raises SettingError for images that are no squares, or whose side is no multiple of 4.
    """

    def __init__(self, noise: int, shape: tuple[int, int, int], width: int = 32, num_classes: int = 0) -> None:
        channels, side = _checked("DCGANGenerator", shape, width, num_classes), shape[1] // 4
        check_sizes("DCGANGenerator", noise=noise)
        self.num_classes = num_classes
        self.layers = nn.Sequential(
            nn.Linear(noise + num_classes, 2 * width * side * side, bias=False),
            nn.Unflatten(1, (2 * width, side, side)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
            nn.Tanh(),
        )
        _initialize(self)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Images. Raises SettingError for labels that are missing, or that it does not take."""
        expect_labels("DCGANGenerator", self.num_classes, labels)
        x = noise if labels is None else cat([noise, one_hot(labels, self.num_classes, noise.dtype)], 1)
        images: Tensor = self.layers(x)
        return images


class DCGANCritic(nn.Module):
    """Images (N, C, S, S), and labels (N,) where num_classes is above 0, to scores (N, 1).

        (N, C, S, S)    conv 4x4 / 2, LeakyReLU 0.2                 (N, width, S/2, S/2)
                        conv 4x4 / 2, batch norm, LeakyReLU 0.2     (N, 2 width, S/4, S/4)
                        linear                                      (N, 1)

    batch_norm: leave it out for a gradient penalty, which asks for scores of single images, and for spectral norms

    Raises SettingError as `DCGANGenerator`.
    """

    def __init__(
        self, shape: tuple[int, int, int], width: int = 32, num_classes: int = 0, batch_norm: bool = True
    ) -> None:
        channels, side = _checked("DCGANCritic", shape, width, num_classes), shape[1] // 4
        self.num_classes = num_classes
        self.layers = nn.Sequential(
            nn.Conv2d(channels + num_classes, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=not batch_norm),
            *([nn.BatchNorm2d(2 * width)] if batch_norm else []),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * side * side, 1),
        )
        _initialize(self)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Scores. Raises SettingError for labels that are missing, or that it does not take."""
        expect_labels("DCGANCritic", self.num_classes, labels)
        x = images if labels is None else cat([images, planes(labels, self.num_classes, images)], 1)
        scores: Tensor = self.layers(x)
        return scores


def _checked(operation: str, shape: tuple[int, int, int], width: int, num_classes: int) -> int:
    """The channels of a shape that the layers can make."""
    right = are_sizes(shape) and len(shape) == 3 and shape[1] == shape[2] and shape[1] % 4 == 0
    expect(right, SettingError, operation, "a shape (C, S, S), S a multiple of 4", repr(shape))
    check_sizes(operation, width=width)
    check_conditional(operation, num_classes)
    return shape[0]


def _initialize(module: nn.Module) -> None:
    """Weights of linear and convolutional layers from N(0, STD); the others stay as they are."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            normal_(layer.weight, 0.0, STD)
