"""Softmax regression, the network with one layer (hwdong, sections 3.6.3 to 3.6.7; 徐彬, sections 2.3 to 2.10)."""

from __future__ import annotations

from xdl import nn
from xdl.tensor import Tensor


class SoftmaxRegression(nn.Module):
    """One logit a class: z = x Wᵀ + b; softmax(z) are the probabilities.

    The softmax is part of the loss (`nn.CrossEntropyLoss`), which is stable for large logits. Row k of W, in the
    shape of the input image, shows what speaks for class k (positive) and against it (negative).

    in_features: pixels of an image; num_classes: classes K
    """

    def __init__(self, in_features: int, num_classes: int) -> None:
        self.flatten = nn.Flatten()
        self.linear = nn.Linear(in_features, num_classes)

    def forward(self, input: Tensor) -> Tensor:
        """Logits (N, K) of inputs (N, ...) that flatten to (N, in_features)."""
        logits: Tensor = self.linear(self.flatten(input))
        return logits
