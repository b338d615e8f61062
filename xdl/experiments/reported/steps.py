"""Times of training steps that the books report, measured on one thread."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from xdl import nn, optim
from xdl.creation import zeros
from xdl.models import BookCNN
from xdl.random import randn
from xdl.tensor import Tensor
from xdl.threads import get_num_threads, set_num_threads

REPEATS = 5  # the best of so many counts, after one to warm up


def book_cnn(batch_norm: bool) -> Callable[[], Any]:
    """A step of Xu Bin's network on 32 images of 28x28 (徐彬 4, 6.8)."""
    model = BookCNN(10, (1, 28, 28), batch_norm=batch_norm)
    return _step(model, randn(32, 1, 28, 28), zeros(32, dtype="int64"), nn.CrossEntropyLoss(), lambda y: y)


def lstm() -> Callable[[], Any]:
    """A step of three layers of 64 units over 64 steps, 32 sequences, as in the book's code (徐彬 7.7)."""
    return _step(nn.LSTM(64, 64, 3), randn(64, 32, 64), randn(64, 32, 64), nn.MSELoss(), lambda y: y[0])


def bigru() -> Callable[[], Any]:
    """A step of three layers of 16 units in both directions over 200 steps, 8 sequences (徐彬 8)."""
    layers = nn.GRU(50, 16, 3, bidirectional=True)
    return _step(layers, randn(200, 8, 50), randn(200, 8, 32), nn.MSELoss(), lambda y: y[0])


def convolution() -> Callable[[], Any]:
    """Forward and backward of 32 filters 5x5 on 128 images with 16 channels of 64x64 (hwdong 6.4)."""
    layer, x = nn.Conv2d(16, 32, 5), randn(128, 16, 64, 64).requires_grad_()

    def run() -> None:
        layer.zero_grad()
        x.grad = None
        layer(x).sum().backward()

    return run


def _step(
    model: nn.Module, x: Tensor, target: Tensor, loss: nn.Module, output: Callable[[Any], Tensor]
) -> Callable[[], Any]:
    optimizer = optim.Adam(model.parameters(), lr=0.001)

    def run() -> None:
        optimizer.zero_grad()
        loss(output(model(x)), target).backward()
        optimizer.step()

    return run


def seconds(make: Callable[[], Callable[[], Any]], repeats: int = REPEATS) -> float:
    """The shortest time of a step, on one thread."""
    threads = get_num_threads()
    set_num_threads(1)
    try:
        run, times = make(), []
        for _ in range(repeats + 1):
            started = perf_counter()
            run()
            times.append(perf_counter() - started)
    finally:
        set_num_threads(threads)
    return min(times[1:])
