"""CuPy's universal functions: NumPy's, in the loops that CuPy has, one kernel a call."""

from functools import cache

import numpy as np

from .array import fresh, ndarray, operand
from .catalogue import UFUNCS, loops
from .counts import note

WEAK = {bool: np.dtype(bool), int: int, float: float, complex: complex}  # how a Python number takes part in promotion


def _floor_divide(x, y):
    return np.floor(x / y) if x.dtype.kind == "f" else np.floor_divide(x, y)


def _remainder(x, y):
    return x - np.floor(x / y) * y if x.dtype.kind == "f" else np.remainder(x, y)


def _power(x, y):
    """Integers to a negative power are 0, but those of 1 and -1, where NumPy raises."""
    if y.dtype.kind != "i":
        return np.power(x, y)
    sign = np.where(y % 2 == 0, 1, x).astype(x.dtype)
    return np.where(y >= 0, np.power(x, np.maximum(y, 0)), np.where(np.abs(x) == 1, sign, 0).astype(x.dtype))


def _sign(x):
    """NaN gives 0, where NumPy gives NaN."""
    return np.nan_to_num(np.sign(x), nan=0) if x.dtype.kind == "f" else np.sign(x)


COMPUTED = {  # as CuPy's kernels compute it, where NumPy does something else
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "mod": _remainder,
    "power": _power,
    "pow": _power,
    "sign": _sign,
}
NOT_IN_NUMPY = {"fix": np.trunc, "sinc": np.sinc, "i0": np.i0, "bitwise_invert": np.invert}


class ufunc:
    """A function of CuPy that acts on each element."""

    def __init__(self, name):
        self.__name__ = self.name = name
        self.types = UFUNCS[name].split()
        self.compute = COMPUTED.get(name) or NOT_IN_NUMPY.get(name) or getattr(np, name)
        self.resolver = getattr(np, name, None)
        (inputs, outputs), *_ = loops(name)
        self.nin, self.nout = len(inputs), len(outputs)

    def __repr__(self):
        return f"<ufunc 'cupy_{self.name}'>"

    def __call__(self, *args, out=None, dtype=None, casting="same_kind"):
        if len(args) not in (self.nin, self.nin + self.nout):
            raise TypeError(f"Wrong number of arguments for {self.name!r}: {len(args)}")
        outs = args[self.nin :] or (out if isinstance(out, tuple) else (out,) * self.nout)
        values = [operand(x, f"cupy.{self.name}") for x in args[: self.nin]]
        kinds = tuple(WEAK.get(type(v)) or v.dtype for v in values)
        inputs, outputs = _loop(self.name, kinds, None if dtype is None else np.dtype(dtype))
        cast = [np.asarray(v, kind) for v, kind in zip(values, inputs, strict=True)]
        with np.errstate(all="ignore"):
            found = self.compute(*cast)
        results = found if isinstance(found, tuple) else (found,)
        note("launches", self.name, np.size(results[0]) > 0)
        made = [self._store(*one, casting) for one in zip(results, outputs, outs, strict=True)]
        return made[0] if self.nout == 1 else tuple(made)

    def _store(self, result, kind, out, casting):
        if out is None:
            return fresh(np.asarray(result, kind))
        if not isinstance(out, ndarray):
            raise TypeError("return arrays must be of ArrayType")
        host = operand(out, self.name)
        if np.broadcast_shapes(result.shape, host.shape) != host.shape:
            raise ValueError(f"non-broadcastable output operand with shape {host.shape}, result {result.shape}")
        if not np.can_cast(kind, host.dtype, casting):
            raise TypeError(f"output (typecode {kind.char!r}) could not be coerced to provided output parameter")
        host[...] = result
        return out


@cache
def _loop(name, kinds, dtype):
    """The dtypes that CuPy computes in: its first loop that takes what NumPy's rules promote the arguments to."""
    if dtype is not None:
        fits = [loop for loop in loops(name) if loop[1][0] == dtype]
    else:
        strong = [kind for kind in kinds if isinstance(kind, np.dtype)]
        promoted = [_strengthened(kind, strong) for kind in kinds]
        fits = [loop for loop in loops(name) if all(map(np.can_cast, promoted, loop[0]))]
    if not fits:
        raise TypeError(f"Wrong type {kinds} of arguments for cupy_{name}")
    return fits[0]


def _strengthened(kind, strong):
    """A Python number takes the dtype of the arrays beside it, if that is of its kind or a higher one."""
    if isinstance(kind, np.dtype):
        return kind
    default = {int: np.dtype(np.int64), float: np.dtype(np.float64), complex: np.dtype(np.complex128)}[kind]
    if not strong:
        return default
    return np.result_type(*strong, {int: 0, float: 0.0, complex: 0j}[kind])


def every_ufunc():
    """Name -> ufunc, for all that NumPy can stand in for."""
    known = {name for name in UFUNCS if hasattr(np, name) or name in COMPUTED or name in NOT_IN_NUMPY}
    return {name: ufunc(name) for name in sorted(known)}


UFUNC = every_ufunc()
