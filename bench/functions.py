"""Single functions to measure, forward and backward, the same in xdl and in PyTorch: `function(library, name)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

IMAGES, ROWS = (32, 64, 32, 32), (4096, 256)
CALLS: dict[str, tuple[tuple[int, ...], Callable[[Any, Any], Any]]] = {
    "softmax 4096x256": (ROWS, lambda F, x: F.softmax(x, 1)),
    "layer_norm 4096x256": (ROWS, lambda F, x: F.layer_norm(x, (256,))),
    "relu 2M": (IMAGES, lambda F, x: F.relu(x)),
    "gelu 2M": (IMAGES, lambda F, x: F.gelu(x)),
    "gelu by tanh 2M": (IMAGES, lambda F, x: F.gelu(x, approximate="tanh")),
    "dropout 2M": (IMAGES, lambda F, x: F.dropout(x, 0.5)),
    "batch_norm, relu 32x64x32x32": (IMAGES, lambda F, x: F.relu(F.batch_norm(x, None, None, training=True))),
    "max_pool2d 32x64x32x32": (IMAGES, lambda F, x: F.max_pool2d(x, 2)),
    "avg_pool2d 32x64x32x32": (IMAGES, lambda F, x: F.avg_pool2d(x, 2)),
}
LABELLED = {
    "cross_entropy 64x10": (64, 10),
    "cross_entropy 512x1000": (512, 1000),
    "cross_entropy 1024x8192": (1024, 8192),
    "embedding 10000x128, 8192 tokens": (10000, 128),
}
FUNCTIONS = (*CALLS, *LABELLED)


def function(library: str, name: str) -> Callable[[], None]:
    """One forward and backward of the named function in "xdl" or "torch"."""
    framework: Any = __import__(library)
    functional = framework.functional if library == "xdl" else framework.nn.functional
    to_tensor = framework.tensor if library == "xdl" else framework.from_numpy
    rng = np.random.default_rng(0)
    shape, call = CALLS[name] if name in CALLS else (LABELLED[name], None)
    x = to_tensor(rng.standard_normal(shape, dtype=np.float32)).requires_grad_()
    if call is None and name.startswith("embedding"):
        tokens = to_tensor(rng.integers(0, shape[0], 8192))
        call = lambda F, x: F.embedding(tokens, x)  # noqa: E731
    elif call is None:
        labels = to_tensor(rng.integers(0, shape[1], shape[0]))
        call = lambda F, x: F.cross_entropy(x, labels)  # noqa: E731
    shape = tuple(call(functional, x).shape)
    g = to_tensor(np.asarray(rng.standard_normal(shape, dtype=np.float32)))

    def run() -> None:
        x.grad = None
        call(functional, x).backward(g)

    return run
