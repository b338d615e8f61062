"""Products of matrices, as CuPy hands them to cuBLAS: its calls, and the copies before and after them."""

import numpy as np

from .array import fresh, ndarray, operand
from .counts import note
from .routines import FUNCTION


def _matrices(name, *arrays):
    for x in arrays:
        if not isinstance(x, ndarray):
            raise TypeError(f"cupy.{name}: Unsupported type {type(x)}")
    return [operand(x, name) for x in arrays]


def _one_product(a, b, out):
    """A call of cuBLAS for floats, else a kernel. What is neither in C nor in Fortran order is copied first."""
    note("launches", "copy", sum(not (x.flags.c_contiguous or x.flags.f_contiguous) for x in (a, b)))
    if np.result_type(a, b).kind in "fc":
        note("products", "gemm", a.size > 0 and b.size > 0)
    else:
        note("launches", "tensordot")
    note("launches", "copy", out is not None and not out.flags.c_contiguous)


def matmul(
    *args, axes=None, axis=None, keepdims=False, casting="same_kind", dtype=None, signature=None, order="K", out=None
):
    """One call of cuBLAS for matrices; stacks must lie in C order, and those of other shapes are broadcast by
    addresses that are copied to the device.
    """
    a, b = _matrices("matmul", *args[:2])
    out = args[2] if len(args) > 2 else out
    with np.errstate(all="ignore"):
        found = np.matmul(a, b)
    target = None if out is None else operand(out, "matmul")
    if target is not None and target.shape != found.shape:
        raise ValueError(f"output array has shape {target.shape}, needed is {found.shape}")
    if max(a.ndim, b.ndim) <= 2:
        _one_product(a, b, target)
    else:
        note("launches", "copy", sum(not x.flags.c_contiguous for x in (a, b)))
        if found.dtype.kind not in "fc":
            note("launches", "matmul")
        else:
            alike = a.shape[:-2] == b.shape[:-2]
            note("copies", "host to device", 0 if alike else 3)
            note("products", "gemm of a stack" if alike else "gemm of addresses", found.size > 0)
        note("launches", "copy", target is not None and not target.flags.c_contiguous)
    if out is None:
        return fresh(found)
    target[...] = found
    return out


def dot(a, b, out=None):
    """As one product."""
    return tensordot_of("dot", a, b, np.dot, out)


def inner(a, b):
    """As one product."""
    return tensordot_of("inner", a, b, np.inner)


def vdot(a, b):
    """As one product."""
    return tensordot_of("vdot", a, b, np.vdot)


def tensordot(a, b, axes=2):
    """As one product, after the copies that bring the axes together."""
    return tensordot_of("tensordot", a, b, lambda x, y: np.tensordot(x, y, axes))


def tensordot_of(name, a, b, compute, out=None):
    """A function that becomes one product."""
    a, b = _matrices(name, a, b)
    _one_product(a, b, None)
    found = np.asarray(compute(a, b))
    if out is None:
        return fresh(found)
    operand(out, name)[...] = found
    return out


FUNCTION |= {f.__name__: f for f in (matmul, dot, inner, vdot, tensordot)}
