"""The namespace of CuPy's arrays: array-api-compat's, but for functions that wait for the device or are not exact.

`clip` and `sign` of array-api-compat write through a mask, whose number of True the host reads. CuPy takes the floor
division of floats as floor(x / y), and the remainder from it: wrong by whole numbers where x / y is rounded up, and
where one of them is infinite.

`device` says which card a new array goes to; array-api-compat takes the current one whatever is said.

While `xdl.capture` records, `concat`, `stack` and `asarray` of a number copy nothing from the host, which a graph
cannot keep: joining more than FEW arrays, CuPy copies their addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from types import ModuleType
from typing import Any

from xdl import observe
from xdl.backend import Array

FEW = 8  # arrays that CuPy joins one by one
NEW = ("arange", "empty", "eye", "full", "linspace", "ones", "zeros")  # what makes an array of nothing,
LIKE = ("empty_like", "full_like", "ones_like", "zeros_like")  # and of another's shape


def exact_namespace(cupy: Any, compat: Any, cards: int = 1) -> Any:
    """array-api-compat's namespace with `clip`, `sign`, `remainder` and `floor_divide` that neither wait nor round.

    cards: how many there are; of several, new arrays go to the one of `device`
    """
    made: Any = ModuleType("xdl.backends.cupy_namespace.namespace")
    vars(made).update(vars(compat))

    def floats(x: Any, y: Any) -> bool:
        return bool(cupy.result_type(x, y).kind == "f")

    def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
        """x, or the bound that it is beyond, in x's dtype; nan where x is."""
        if min is not None:
            x = cupy.maximum(x, min).astype(x.dtype, copy=False)
        return x if max is None else cupy.minimum(x, max).astype(x.dtype, copy=False)

    def sign(x: Array, /) -> Array:
        """1, 0 or -1; nan where x is, for which CuPy gives 0."""
        return cupy.where(x == x, cupy.sign(x), x) if x.dtype.kind == "f" else cupy.sign(x)

    def remainder(x: Any, y: Any, /) -> Array:
        """C's fmod, moved by y where their signs differ: exact, as NumPy's."""
        if not floats(x, y):
            return cupy.remainder(x, y)
        m = cupy.fmod(x, y)
        return cupy.where((m != 0) & cupy.not_equal(m < 0, y < 0), m + y, cupy.copysign(m, y))

    def floor_divide(x: Any, y: Any, /) -> Array:
        """(x - remainder) / y, which is whole but for its rounding; x / y where y is 0."""
        if not floats(x, y):
            return cupy.floor_divide(x, y)
        plain, m = cupy.true_divide(x, y), cupy.fmod(x, y)
        moved = (m != 0) & cupy.not_equal(m < 0, y < 0)
        q = (x - m) / y - moved
        whole = cupy.floor(q)
        whole = cupy.where(q == 0, cupy.copysign(0.0, plain), whole + (q - whole > 0.5))
        return cupy.where(cupy.equal(y, 0), plain, whole)

    def concat(arrays: Sequence[Array], /, *, axis: int | None = 0) -> Array:
        """The arrays joined along axis, or flat without."""
        if observe.launches is None or len(arrays) <= FEW:
            return compat.concat(arrays, axis=axis)
        return concat([concat(arrays[i : i + FEW], axis=axis) for i in range(0, len(arrays), FEW)], axis=axis)

    def stack(arrays: Sequence[Array], /, *, axis: int = 0) -> Array:
        """The arrays joined along a new axis."""
        if observe.launches is None:
            return compat.stack(arrays, axis=axis)
        return concat([cupy.expand_dims(x, axis) for x in arrays], axis=axis)

    def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
        """An array of what is given."""
        if observe.launches is None or not isinstance(obj, bool | int | float):
            return compat.asarray(obj, dtype=dtype, device=device, copy=copy)
        return cupy.full((), obj, dtype)

    for function in (clip, sign, remainder, floor_divide, concat, stack, asarray):
        setattr(made, function.__name__, function)
    if cards > 1:
        vars(made).update({name: _placed(getattr(compat, name)) for name in (*NEW, *LIKE)})
    return made


def _placed(make: Callable[..., Array]) -> Callable[..., Array]:
    """The function that makes an array, on the card that is given as `device`."""

    @wraps(make)
    def placed(*args: Any, device: Any = None, **options: Any) -> Array:
        if device is None:
            return make(*args, **options)
        with device:
            return make(*args, **options)

    return placed
