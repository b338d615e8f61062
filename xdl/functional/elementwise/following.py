"""Activations that follow a layer at once, so that both run in one slot: y = f(z), z the layer's result.

f is told by its name and settings: ("relu",), ("gelu",), ("gelu_tanh",), ("leaky_relu", a).

dz = g f'(z)          the rest is the layer's own backward, with dz in place of g

Values and gradients are those of the layer and of the activation after each other, bit for bit, and a GPU makes two
launches each way fewer. `xdl/nn/together.py` says which modules are put together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from xdl import backend
from xdl.backend import Array
from xdl.functional import either
from xdl.functional.elementwise import gelu
from xdl.functional.elementwise.activation import relu, relu_pair
from xdl.functional.elementwise.piecewise import leaky_relu, leaky_relu_slope, leaky_relu_value
from xdl.functional.elementwise.unary import by_slope, pointwise
from xdl.kernel import Kernel, Version
from xdl.tensor import Tensor

F = tuple[Any, ...]


class LeakyRelu:
    """y = z where z > 0, else a z; saved: z and a."""

    @staticmethod
    def forward(z: Array, a: float) -> tuple[Array, Any]:
        return pointwise(z, partial(leaky_relu_value, a))[1], (z, a)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array]:
        z, a = saved
        return (pointwise(g, partial(by_slope, partial(leaky_relu_slope, a)), z)[1],)


class Following(NamedTuple):
    """function: f on Tensors; run: its pair, (version, y, saved) for arrays; slot: what the pair runs in."""

    function: Callable[..., Tensor]
    run: Callable[..., tuple[Any, Array, Any]]
    slot: Kernel


KNOWN = {
    "relu": Following(relu, relu_pair, relu_pair),
    "gelu": Following(gelu.gelu, lambda z: gelu.gelu_pair(z, "none"), gelu.gelu_pair),
    "gelu_tanh": Following(lambda z: gelu.gelu(z, "tanh"), lambda z: gelu.gelu_pair(z, "tanh"), gelu.gelu_pair),
    "leaky_relu": Following(leaky_relu, lambda z, a: (LeakyRelu, *LeakyRelu.forward(z, a)), pointwise),
}


def apply(f: F, z: Tensor) -> Tensor:
    """y = f(z)."""
    name, *settings = f
    return KNOWN[name].function(z, *settings)


def run(f: F, z: Array) -> tuple[Any, Array, Any]:
    """(version, y, saved) of y = f(z)."""
    name, *settings = f
    return KNOWN[name].run(z, *settings)


def followed(layer: Kernel) -> type:
    """The reference of a slot for the layer's arguments and f; saved: z (see `kept`), and what both halves saved."""

    class LayerActivationPair:
        """y = f(z) for z of the layer's slot."""

        @staticmethod
        def forward(x: Array, *arguments: Any) -> tuple[Array, Any]:
            *others, f = arguments
            version, z, saved = layer(x, *others)
            of_f, y, saved_by_f = run(f, z)
            return y, (None if reads_y(f) else z, version, saved, of_f, saved_by_f)

        @staticmethod
        def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
            _, version, of_layer, of_f, saved_by_f = saved
            (dz,) = of_f.backward(g, saved_by_f, (True,))
            gradients: tuple[Array | None, ...] = version.backward(dz, of_layer, needs)
            return gradients

    return LayerActivationPair


def only_own(layer: Kernel, f: F, x: Array) -> bool:
    """Whether the layer's slot and f's have no versions of users for x, which one kernel for both would leave out."""
    owner = backend.of(x).name
    return not (layer.extended(owner) or KNOWN[f[0]].slot.extended(owner))


def reads_y(f: F) -> bool:
    """Whether f's gradient is in terms of y; of the others it is in terms of z."""
    return bool(f[0] == "relu")


def kept(version: Version, saved: Any) -> Array | None:
    """z, which xdl's versions save first, or None where f's gradient reads y."""
    z: Array | None = saved[0] if version.own else None
    return z


def before(f: F, g: Any, y: Any, z: Array | None, anew: Callable[[], Any]) -> Any:
    """dz from the gradient g of y = f(z). anew: computes z, for f of second order or where it was not kept."""
    name, *settings = f
    if name == "relu":
        return either.where(either.raw(y) != 0, g, 0.0)
    if name == "leaky_relu":
        return by_slope(partial(leaky_relu_slope, *settings), g, anew() if z is None else z)
    return gelu.gradient("tanh" if name == "gelu_tanh" else "none", g, anew())
