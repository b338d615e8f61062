"""Forward and backward of single functions under pytest-benchmark: `pytest bench`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import xdl
from xdl import Tensor, functional

IMAGES = (32, 64, 32, 32)
LAYERS: dict[str, tuple[tuple[int, ...], Callable[[Tensor], Tensor]]] = {
    "relu": (IMAGES, functional.relu),
    "dropout": (IMAGES, functional.dropout),
    "max_pool2d": (IMAGES, lambda x: functional.max_pool2d(x, 2)),
    "avg_pool2d": (IMAGES, lambda x: functional.avg_pool2d(x, 2)),
    "batch_norm": (IMAGES, lambda x: functional.batch_norm(x, None, None, training=True)),
    "softmax": ((4096, 256), lambda x: functional.softmax(x, 1)),
    "log_softmax": ((4096, 256), lambda x: functional.log_softmax(x, 1)),
    "sigmoid": ((4096, 256), functional.sigmoid),
    "sum": ((4096, 256), lambda x: x.sum(0)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer(benchmark: Any, name: str) -> None:
    shape, function = LAYERS[name]
    xdl.manual_seed(0)
    x = xdl.randn(*shape, requires_grad=True)
    g = xdl.randn(*function(x).shape)

    def run() -> None:
        x.grad = None
        function(x).backward(g)

    benchmark(run)


@pytest.mark.parametrize("classes", [10, 1000])
def test_cross_entropy(benchmark: Any, classes: int) -> None:
    xdl.manual_seed(0)
    x = xdl.randn(512, classes, requires_grad=True)
    labels = xdl.randint(0, classes, (512,))

    def run() -> None:
        x.grad = None
        functional.cross_entropy(x, labels).backward()

    benchmark(run)


@pytest.mark.parametrize(("channels", "filters", "size", "kernel"), [(1, 6, 28, 5), (6, 16, 14, 5), (64, 64, 32, 3)])
def test_conv2d(benchmark: Any, channels: int, filters: int, size: int, kernel: int) -> None:
    xdl.manual_seed(0)
    x = xdl.randn(32, channels, size, size, requires_grad=True)
    w = xdl.randn(filters, channels, kernel, kernel, requires_grad=True)
    g = xdl.randn(*functional.conv2d(x, w).shape)

    def run() -> None:
        x.grad = w.grad = None
        functional.conv2d(x, w).backward(g)

    benchmark(run)
