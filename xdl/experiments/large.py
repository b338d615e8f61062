"""What a network for 224x224 pixels costs: its parameters, its operations, and one training step of it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import xdl
from xdl import nn, optim
from xdl.experiments.run import Run

IMAGES, SIZE, CLASSES = 2, 224, 1000


def large_step(run: Run, make: Callable[..., nn.Module]) -> dict[str, Any]:
    """Builds the network for ImageNet, takes one step by SGD on two random images, and says what that took.

    The operations are those of one image's forward pass, a product and its addition counted as two.
    """
    started = perf_counter()
    model = make(num_classes=CLASSES)
    built = perf_counter()
    table = model.summary((1, 3, SIZE, SIZE))
    images, labels = xdl.randn(IMAGES, 3, SIZE, SIZE), xdl.tensor([1, 2])
    optimizer = optim.SGD(model.parameters(), lr=0.001)
    begun = perf_counter()
    outputs = model(images)
    loss = nn.CrossEntropyLoss()(outputs[0] if isinstance(outputs, tuple) else outputs, labels)
    loss.backward()
    optimizer.step()
    loss.item()
    found = {
        "network": type(model).__name__,
        "parameters": table.parameters,
        "operations": table.flops,
        "seconds to build": round(built - started, 3),
        "seconds a step": round(perf_counter() - begun, 3),
    }
    run.say(f"for {SIZE}x{SIZE} pixels and {CLASSES} classes; one step on {IMAGES} images:")
    run.table(tuple(found), [tuple(found.values())])
    return found
