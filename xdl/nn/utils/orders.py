"""Which order of memory the convolutions of a model take, and why."""

from __future__ import annotations

from xdl.errors import KindError, expect
from xdl.functional.conv import orders
from xdl.nn.module import Module


def explain_orders(model: Module) -> str:
    """A line for each convolution and each shape of its images: its order of memory, what it costs in both, and why.

        3.weight (64, 6, 14, 14): images last, 1.76 ms with channels last (patches), 1.35 with images last (images)

    The order is chosen for the whole net after its first pass with a gradient, by shapes and measured costs, where
    compiled kernels run (the extra `fast`); "" where nothing is chosen. Batches of another size are another choice.

    A training's state (`Trainer.state_dict`) holds what is chosen, so that a resume repeats it. Models that are saved
    alone do not: their first pass goes by the rules of each layer, and the last digits may differ.

    See `xdl/functional/conv/orders.py`. Raises KindError for what is no Module.
    """
    expect(isinstance(model, Module), KindError, "explain_orders", "a Module", type(model).__name__)
    return orders.explain(model.named_parameters())
