"""Batch norm taken apart (Ioffe and Szegedy 2015; hwdong 5.3; 徐彬 6.3, 6.6, 6.7).

training    y = (x - mean) / sqrt(var + eps) * weight + bias, mean and var (divided by n) over the batch
inference   the same with running_mean and running_var, moved by momentum towards mean and var n / (n - 1)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdl import nn
from xdl.functional import batch_norm
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.random import randn
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor

# name -> how (N, C, H, W) = (8, 3, 4, 5) is seen by a layer, and the layer
KINDS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[], Any]]] = {
    "fully connected, per feature": (lambda x: x[:, :, 0, 0], lambda: nn.BatchNorm1d(3)),
    "convolution, per channel": (lambda x: x, lambda: nn.BatchNorm2d(3)),
    "convolution, per pixel": (lambda x: x.reshape(len(x), -1), lambda: nn.BatchNorm1d(3 * 4 * 5)),
}


QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """The batch that is normalized: it has mean 3 and std 2."""

    batch: int = setting(64, "samples in the batch", low=2)
    momentum: float = setting(0.1, "how far running averages move with one batch", above=0, high=1)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Tables of means and stds before and after, in training and in inference, and the gradient check."""
    batch = randn(settings.batch, 3, 4, 5) * 2 + 3
    rows = []
    for name, (view, make) in KINDS.items():
        x = view(batch)
        layer: Any = make()
        y = layer(x)
        rows.append((name, str(x.shape), layer.num_features, *spread(x), *spread(y)))
    headings = ("kind", "shape", "statistics", "mean", "std", "mean after", "std after")
    kinds = run.table(headings, rows)

    layer = nn.BatchNorm2d(3, momentum=settings.momentum)
    averages = []
    for seen in range(1, 51):
        trained = layer.train()(batch)
        if seen in (1, 10, 50):
            used = layer.eval()(batch)
            averages.append((seen, layer.running_mean.mean().item(), layer.running_var.mean().item(), *spread(used)))
    run.say("inference: running averages come near mean 3 and variance 4 with the batches seen, and y near N(0, 1)")
    inference = run.table(("batches seen", "running mean", "running variance", "mean", "std"), averages)
    apart = (trained - layer.eval()(batch)).abs().max().item()

    x, w, b = (randn(*shape, dtype="float64").requires_grad_() for shape in ((6, 3, 2, 2), (3,), (3,)))
    gradcheck(lambda x, w, b: batch_norm(x, None, None, w, b, training=True), [x, w, b])
    gradgradcheck(lambda x, w, b: batch_norm(x, None, None, w, b, training=True), [x, w, b])
    run.say("backward: first and second derivatives agree with numerical ones within 1e-6")
    return {"kinds": kinds, "inference": inference, "largest_difference_after_50": apart}


def spread(x: Tensor) -> tuple[float, float]:
    """Mean and std over all elements."""
    mean = x.mean()
    return mean.item(), ((x - mean) ** 2).mean().sqrt().item()
