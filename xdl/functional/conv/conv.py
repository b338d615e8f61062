"""Two-dimensional convolution: the slots and rules that all convolutions are made of.

    N images, C channels, H, W      O filters of KH, KW      G groups      OH, OW output size
    x (N, C, H, W)   w (O, C/G, KH, KW)   b (O,)   y (N, O, OH, OW)

It is cross-correlation, as in every framework of deep learning: the filter is not turned around.

    y[n,o,p,q] = b[o] + sum over c,i,j of  w[o,c,i,j] x[n, c, p SH + i DH - PH, q SW + j DW - PW]
    OH = (H + 2 PH - DH (KH - 1) - 1) // SH + 1

The sum is a matrix product with the columns of x (im2col): for every tap (i, j) the slice of x that it meets.
y is linear in x and in w, so three functions close under differentiation, and each is the gradient of the others:

    y = conv2d(x, w)      dx = conv2d_input_grad(g, w)      dw = conv2d_weight_grad(g, x)

`conv_nd.py` holds the functions for one to three dimensions, `conv_transpose.py` the ones that compute dx forward.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from xdl.backend import Array, namespaces
from xdl.errors import SettingError
from xdl.kernel import Kernel
from xdl.tape import record
from xdl.tensor import Tensor

Sizes = int | tuple[int, ...]  # one number for all dimensions, or one for each
Pair = int | tuple[int, int]


class Geometry(NamedTuple):
    """How the filters step over the images. order: of memory, where one is chosen for the net, see `orders.py`."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int
    order: str | None = None


def correlate(input: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """y (N, O, OH, OW) of x (N, C, H, W), w and b, whose sizes fit."""
    version, y, saved = conv2d_pair(input.array, weight.array, None if bias is None else bias.array, geometry)
    return record(y, (input, weight, bias), partial(conv2d_rule, geometry), saved, version)


def conv2d_rule(geometry: Geometry, needs: Any, g: Any, y: Any, saved: Any, x: Any, w: Any, b: Any) -> tuple[Any, ...]:
    """(dx, dw, db) from the gradient g of y, as operations that can be differentiated themselves."""
    return (
        input_grad(g, w, x.shape, geometry) if needs[0] else None,
        weight_grad(g, x, w.shape, geometry) if needs[1] else None,
        g.sum((0, 2, 3)) if needs[2] else None,
    )


def input_grad(g: Tensor, w: Tensor, shape: tuple[int, ...], geometry: Geometry) -> Tensor:
    """dx (N, C, H, W) = `shape` from g (N, O, OH, OW) and w."""
    _, dx, _ = conv2d_input_grad(g.array, w.array, tuple(shape), geometry)
    return record(dx, (g, w), partial(_conv2d_input_grad_rule, geometry))


def _conv2d_input_grad_rule(
    geometry: Geometry, needs: Any, u: Any, y: Any, saved: Any, g: Any, w: Any
) -> tuple[Any, Any]:
    return (
        _conv(u, w, geometry) if needs[0] else None,
        _weight_grad(g, u, w.shape, geometry) if needs[1] else None,
    )


def weight_grad(g: Tensor, x: Tensor, shape: tuple[int, ...], geometry: Geometry) -> Tensor:
    """dw (O, C/G, KH, KW) = `shape` from g (N, O, OH, OW) and x."""
    _, dw, _ = conv2d_weight_grad(g.array, x.array, tuple(shape), geometry)
    return record(dw, (g, x), partial(_conv2d_weight_grad_rule, geometry))


def _conv2d_weight_grad_rule(
    geometry: Geometry, needs: Any, u: Any, y: Any, saved: Any, g: Any, x: Any
) -> tuple[Any, Any]:
    return (
        _conv(x, u, geometry) if needs[0] else None,
        _input_grad(g, u, x.shape, geometry) if needs[1] else None,
    )


def _conv(x: Any, w: Any, geometry: Geometry) -> Any:
    return correlate(x, w, None, geometry) if isinstance(x, Tensor) else conv2d_pair(x, w, None, geometry)[1]


def _input_grad(g: Any, w: Any, shape: Any, geometry: Geometry) -> Any:
    apply = input_grad if isinstance(g, Tensor) else lambda *a: conv2d_input_grad(*a)[1]
    return apply(g, w, shape, geometry)


def _weight_grad(g: Any, x: Any, shape: Any, geometry: Geometry) -> Any:
    apply = weight_grad if isinstance(g, Tensor) else lambda *a: conv2d_weight_grad(*a)[1]
    return apply(g, x, shape, geometry)


class Conv2dPair:
    """y and its gradients by im2col, one matrix product for each image and group."""

    @staticmethod
    def forward(x: Array, w: Array, b: Array | None, geometry: Geometry) -> tuple[Array, Any]:
        xp = namespaces[type(x)]
        n, groups, filters = x.shape[0], geometry.groups, w.shape[0]
        cols, (oh, ow) = im2col(x, w.shape[2:], geometry)
        y = xp.reshape(w, (groups, filters // groups, -1)) @ cols
        y = xp.reshape(y, (n, filters, oh, ow))
        return y if b is None else y + b[:, None, None], (x, w, geometry)

    @staticmethod
    def backward(g: Array, saved: Any, needs: Any) -> tuple[Array | None, ...]:
        x, w, geometry = saved
        return (
            conv2d_input_grad(g, w, x.shape, geometry)[1] if needs[0] else None,
            conv2d_weight_grad(g, x, w.shape, geometry)[1] if needs[1] else None,
            namespaces[type(g)].sum(g, axis=(0, 2, 3)) if needs[2] else None,
        )


conv2d_pair = Kernel("conv2d", Conv2dPair)


class Conv2dInputGradReference:
    """dx = the columns w^T g, added back to the places that they came from (col2im)."""

    @staticmethod
    def forward(g: Array, w: Array, shape: tuple[int, ...], geometry: Geometry) -> tuple[Array, None]:
        xp = namespaces[type(g)]
        (n, filters, oh, ow), groups = g.shape, geometry.groups
        rows = xp.reshape(g, (n, groups, filters // groups, oh * ow))
        cols = xp.matrix_transpose(xp.reshape(w, (groups, filters // groups, -1))) @ rows
        return col2im(cols, shape, w.shape[2:], (oh, ow), geometry), None


conv2d_input_grad = Kernel("conv2d_input_grad", Conv2dInputGradReference)


class Conv2dWeightGradReference:
    """dw = g times the columns of x, summed over the images."""

    @staticmethod
    def forward(g: Array, x: Array, shape: tuple[int, ...], geometry: Geometry) -> tuple[Array, None]:
        xp = namespaces[type(g)]
        (n, filters, oh, ow), groups = g.shape, geometry.groups
        cols, _ = im2col(x, shape[2:], geometry)
        rows = xp.reshape(g, (n, groups, filters // groups, oh * ow))
        return xp.reshape(xp.sum(rows @ xp.matrix_transpose(cols), axis=0), shape), None


conv2d_weight_grad = Kernel("conv2d_weight_grad", Conv2dWeightGradReference)


def padded(x: Array, padding: tuple[int, int], value: float) -> Array:
    """x (N, C, H, W) with this value around each image; x itself without padding."""
    (n, c, h, w), (ph, pw) = x.shape, padding
    if not (ph or pw):
        return x
    y = namespaces[type(x)].full((n, c, h + 2 * ph, w + 2 * pw), value, dtype=x.dtype, device=x.device)
    y[:, :, ph : ph + h, pw : pw + w] = x
    return y


def im2col(x: Array, kernel: tuple[int, ...], geometry: Geometry) -> tuple[Array, tuple[int, int]]:
    """The columns (N, G, C/G KH KW, OH OW) of x, and (OH, OW)."""
    xp = namespaces[type(x)]
    n, c, h, w = x.shape
    x = padded(x, geometry.padding, 0.0)
    oh, ow = output_size((h, w), kernel, geometry)
    cols = xp.stack([x[tap] for tap in taps(kernel, (oh, ow), geometry)], axis=2)
    return xp.reshape(cols, (n, geometry.groups, c // geometry.groups * kernel[0] * kernel[1], oh * ow)), (oh, ow)


def col2im(
    cols: Array, shape: tuple[int, ...], kernel: tuple[int, int], output: tuple[int, int], geometry: Geometry
) -> Array:
    """The adjoint of `im2col`: x (N, C, H, W) = `shape`, each element the sum of its places in the columns."""
    xp = namespaces[type(cols)]
    (n, c, h, w), (ph, pw) = shape, geometry.padding
    cols = xp.reshape(cols, (n, c, kernel[0] * kernel[1], *output))
    x = xp.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=cols.dtype, device=cols.device)
    for k, tap in enumerate(taps(kernel, output, geometry)):
        x[tap] += cols[:, :, k, :, :]
    return x[:, :, ph : ph + h, pw : pw + w]


def taps(kernel: tuple[int, ...], output: tuple[int, ...], geometry: Geometry) -> list[tuple[slice, ...]]:
    """For each tap (i, j) the slice of the padded x (N, C, H, W) that it meets, of shape (N, C, OH, OW)."""
    (sh, sw), (dh, dw), (oh, ow) = geometry.stride, geometry.dilation, output
    every = slice(None)
    return [
        (every, every, slice(i * dh, i * dh + sh * (oh - 1) + 1, sh), slice(j * dw, j * dw + sw * (ow - 1) + 1, sw))
        for i in range(kernel[0])
        for j in range(kernel[1])
    ]


def output_size(size: tuple[int, ...], kernel: tuple[int, ...], geometry: Geometry) -> tuple[int, int]:
    """(OH, OW) for an input of size (H, W)."""
    oh, ow = (
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, geometry.stride, geometry.padding, geometry.dilation, strict=True)
    )
    return oh, ow


BEYOND = 1 << 31  # no size, step or padding of an image is as large


def pair(operation: str, name: str, value: Any, least: int) -> tuple[int, int]:
    """Both spellings of a two-dimensional setting: 3 and (3, 3). Raises SettingError below `least`."""
    first, second = spread(operation, name, value, 2, least)
    return first, second


def spread(operation: str, name: str, value: Any, dims: int, least: int) -> tuple[int, ...]:
    """A setting for each of `dims` dimensions, from one number for all or one for each.

    Raises SettingError for another count, or a number below `least` or beyond any array's size.
    """
    given = (value,) if isinstance(value, int) else tuple(value) if isinstance(value, tuple | list) else ()
    each = given * dims if len(given) == 1 else given
    if len(each) != dims or any(not isinstance(v, int) or not least <= v < BEYOND for v in each):
        count = f"a whole number or {dims} of them" if dims > 1 else "a whole number"
        raise SettingError(operation, f"{name}: {count}, at least {least}", repr(value))
    return each
