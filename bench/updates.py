"""Optimizer updates to measure, the same in xdl and in PyTorch: `update(library, name)` returns a function of one.

Four million float32 parameters in one matrix, or in 16 as a network has them; the gradients are there already. Both
libraries run as users get them by default, PyTorch without `fused=True`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES = {"1 matrix": [(2048, 2048)], "16 matrices": [(512, 512)] * 16}
SETTINGS: dict[str, dict[str, Any]] = {
    "Adam": {},
    "AdamW": {},
    "SGD": {"momentum": 0.9},
    "RMSprop": {},
    "Adagrad": {},
}
UPDATES = tuple(f"{name} 4M in {shapes}" for name in SETTINGS for shapes in SHAPES)


def update(library: str, name: str) -> Callable[[], Any]:
    """One update by the named optimizer in "xdl" or "torch"."""
    framework: Any = __import__(library)
    to_tensor = framework.tensor if library == "xdl" else framework.from_numpy
    optimizer, _, shapes = name.partition(" 4M in ")
    rng = np.random.default_rng(0)
    parameters = []
    for shape in SHAPES[shapes]:
        p = to_tensor(rng.standard_normal(shape, dtype=np.float32)).requires_grad_()
        p.grad = to_tensor(rng.standard_normal(shape, dtype=np.float32))
        parameters.append(p)
    made = getattr(framework.optim, optimizer)(parameters, lr=1e-3, **SETTINGS[optimizer])
    return made.step  # type: ignore[no-any-return]
