"""Activations that follow a layer at once, so that both run in one slot: y = f(z), z the layer's result.

dz = g f'(z)          the rest is the layer's own backward, with dz in place of g

Values and gradients are those of the layer and of the activation after each other, bit for bit, and a GPU makes two
launches each way fewer. `xdl/nn/together.py` says which modules are put together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from xdl import backend
from xdl.backend import Array
from xdl.functional import either
from xdl.functional.elementwise import gelu
from xdl.functional.elementwise.activation import relu, relu_pair
from xdl.kernel import Kernel
from xdl.tensor import Tensor

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu,
    "gelu": gelu.gelu,
    "gelu_tanh": partial(gelu.gelu, approximate="tanh"),
}
SLOTS: dict[str, tuple[Kernel, tuple[str, ...]]] = {
    "relu": (relu_pair, ()),
    "gelu": (gelu.gelu_pair, ("none",)),
    "gelu_tanh": (gelu.gelu_pair, ("tanh",)),
}


def followed(layer: Kernel) -> type:
    """The reference of a slot for the layer's arguments and the name of f; saved: what both halves saved."""

    class LayerActivationPair:
        """y = f(z) for z of the layer's slot."""

        @staticmethod
        def forward(x: Array, *arguments: Any) -> tuple[Array, Any]:
            *others, name = arguments
            version, z, saved = layer(x, *others)
            activation, settings = SLOTS[name]
            of_f, y, saved_by_f = activation(z, *settings)
            return y, (version, saved, of_f, saved_by_f)

        @staticmethod
        def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
            version, of_layer, of_f, saved_by_f = saved
            (dz,) = of_f.backward(g, saved_by_f, (True,))
            gradients: tuple[Array | None, ...] = version.backward(dz, of_layer, needs)
            return gradients

    return LayerActivationPair


def only_own(layer: Kernel, name: str, x: Array) -> bool:
    """Whether the layer's slot and f's have no versions of users for x, which one kernel for both would leave out."""
    owner = backend.of(x).name
    return not (layer.extended(owner) or SLOTS[name][0].extended(owner))


def before(name: str, g: Any, y: Any, z: Callable[[], Any]) -> Any:
    """dz from the gradient g of y = f(z). z: computes it anew, where f's gradient is not in terms of y."""
    if name == "relu":
        return either.where(either.raw(y) != 0, g, 0.0)
    return gelu.gradient("tanh" if name == "gelu_tanh" else "none", g, z())
