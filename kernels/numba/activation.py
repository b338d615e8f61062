"""ReLU, the end of a residual block, and GELU, compiled: one pass each way."""

from __future__ import annotations

from typing import Any

import numpy as np

from xdl.functional.elementwise.activation import relu_pair
from xdl.functional.elementwise.add_relu import add_relu_pair
from xdl.functional.elementwise.gelu import gelu_pair
from xdl.tensor import recording

from .compiled import Compiled
from .sharing import dense, elements, several
from .slots import register

relu = Compiled("activation.relu", "T[::1], T[::1] |")
relu_back = Compiled("activation.relu_back", "T[::1], T[::1], T[::1] |")
add_relu = Compiled("activation.add_relu", "T[::1], T[::1], T[::1] |")
gelu = {
    "none": Compiled("activation.gelu", "T[::1], T[::1]"),
    "tanh": Compiled("activation.gelu_tanh", "T[::1], T[::1]"),
}
gelu_slope = {
    "none": Compiled("activation.gelu_slope", "T[::1], T[::1], T[::1] |"),
    "tanh": Compiled("activation.gelu_tanh_slope", "T[::1], T[::1], T[::1] |"),
}
product = Compiled("activation.product", "T[::1], T[::1], T[::1] |")
COPY, CURVE = 0.12, 0.6  # nanoseconds an element: as fast as memory goes, and with an exponential
DENSE = "float32 or float64 without gaps in memory"


@register(relu_pair, relu, relu_back, when=dense, why=DENSE, by_loops=True)
class relu_compiled:
    """y = max(x, 0); saved: y."""

    @staticmethod
    def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = elements(relu[x.dtype], COPY, x)
        return y, y

    @staticmethod
    def backward(g: np.ndarray, y: np.ndarray, needs: Any) -> tuple[np.ndarray]:
        return (_relu_gradient(g, y),)


def _relu_gradient(g: np.ndarray, y: np.ndarray) -> np.ndarray:
    """g where y != 0, else 0, in the order of y's memory."""
    return elements(relu_back[y.dtype], COPY, y, g)


def _both_dense(a: np.ndarray, b: np.ndarray) -> bool:
    return dense(a) and a.shape == b.shape and a.dtype == b.dtype


@register(add_relu_pair, add_relu, relu_back, when=_both_dense, why=DENSE, by_loops=True)
class add_relu_compiled:
    """y = max(a + b, 0); saved: y."""

    @staticmethod
    def forward(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = elements(add_relu[a.dtype], COPY, a, b)
        return y, y

    backward = relu_compiled.backward


@register(
    gelu_pair,
    *gelu.values(),
    *gelu_slope.values(),
    product,
    when=lambda x, _: dense(x),
    why=DENSE,
    by_loops=True,
)
class gelu_compiled:
    """y = x P(x); saved: dy / dx, which costs little where P is there, or what gives it where nothing is recorded."""

    @staticmethod
    def forward(x: np.ndarray, form: str) -> tuple[np.ndarray, tuple[np.ndarray, str] | np.ndarray]:
        if not recording.get():
            return elements(gelu[form][x.dtype], CURVE, x), (x, form)
        y, slope = _value_and_slope(x, form)
        return y, slope

    @staticmethod
    def backward(g: np.ndarray, saved: tuple[np.ndarray, str] | np.ndarray, needs: Any) -> tuple[np.ndarray]:
        slope = saved if isinstance(saved, np.ndarray) else _value_and_slope(*saved)[1]
        return (elements(product[slope.dtype], COPY, slope, g),)


def _value_and_slope(x: np.ndarray, form: str) -> list[np.ndarray]:
    return several(2, gelu_slope[form][x.dtype], CURVE, x)
