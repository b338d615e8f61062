"""The convolutional network of 徐彬's book (sections 5.7 and 5.8, figure 5.5; with batch norm 6.8 and 6.9)."""

from __future__ import annotations

from math import prod

from xdl import nn
from xdl.errors import ShapeError, expect
from xdl.tensor import Tensor


class BookCNN(nn.Module):
    """Two convolutions 5x5, each with ReLU and pooling, then two linear layers; for images (C, H, W):

        (N, C, H, W)  conv 5x5, padding 2   (N, 32, H, W)       max pool 2  (N, 32, H//2, W//2)
                      conv 5x5, padding 2   (N, 64, H//2, W//2) max pool 2  (N, 64, H//4, W//4)
                      linear                (N, 512)            linear      (N, num_classes)

    batch_norm: conv - batch norm - ReLU - pool, as in the book's sixth chapter
    images:     (channels, height, width), height and width at least 4

    1663370 parameters for (1, 28, 28) and 10 classes. Raises ShapeError for images that are too small.
    """

    def __init__(
        self, num_classes: int = 10, images: tuple[int, int, int] = (1, 28, 28), batch_norm: bool = False
    ) -> None:
        channels, height, width = images
        expect(min(height, width) >= 4, ShapeError, "BookCNN", "images of at least 4x4 pixels", images)
        self.features = nn.Sequential(
            *_block(channels, 32, batch_norm),
            *_block(32, 64, batch_norm),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(prod((64, height // 4, width // 4)), 512),
            nn.ReLU(),
            nn.Linear(512, num_classes),
        )

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, C, H, W)."""
        logits: Tensor = self.classifier(self.features(input))
        return logits


def _block(inputs: int, outputs: int, batch_norm: bool) -> list[nn.Module]:
    norm: list[nn.Module] = [nn.BatchNorm2d(outputs)] if batch_norm else []
    return [nn.Conv2d(inputs, outputs, 5, padding=2), *norm, nn.ReLU(), nn.MaxPool2d(2)]
