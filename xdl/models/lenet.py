"""LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", II.B)."""

from __future__ import annotations

from xdl import nn
from xdl.tensor import Tensor


class LeNet5(nn.Module):
    """LeNet-5 for grey images of 28x28 pixels: two convolutions, each with pooling, then three linear layers.

        (N, 1, 28, 28)  conv 5x5, padding 2   (N, 6, 28, 28)   max pool 2   (N, 6, 14, 14)
                        conv 5x5              (N, 16, 10, 10)  max pool 2   (N, 16, 5, 5)
        (N, 400)        linear  (N, 120)      linear (N, 84)   linear       (N, num_classes)

    As it is taught and built today (hwdong, section 6.5.1), it differs from the paper in these points: ReLU in
    place of a scaled tanh; max pooling in place of averages with a learned scale and bias; every map of the second
    convolution sees all 6 maps (the paper leaves out some connections); padding 2 stands for the paper's 32x32
    frame; a linear output with cross entropy in place of radial basis functions; dropout, off by default, after
    the hidden linear layers. 61706 parameters with 10 classes.

    dropout: probability of dropping a hidden unit in training
    """

    def __init__(self, num_classes: int = 10, dropout: float = 0.0) -> None:
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(84, num_classes),
        )

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, num_classes) of images (N, 1, 28, 28)."""
        logits: Tensor = self.classifier(self.features(input))
        return logits
