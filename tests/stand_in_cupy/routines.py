"""Functions of CuPy that NumPy has as well: bound to CuPy's signature, computed by NumPy, with the kernels they cost.

What no table names is not in the stand-in. The numbers of kernels are those of CuPy 14.2's sources; where a library of
CUDA launches them (sorting), a believable one.
"""

import numpy as np

from .array import fresh, ndarray, operand, shared_or_fresh
from .catalogue import function_signature
from .counts import note

VIEWS = (  # no kernel where NumPy gives a view
    "reshape ravel transpose permute_dims swapaxes moveaxis rollaxis squeeze expand_dims broadcast_to diagonal flip "
    "fliplr flipud rot90 matrix_transpose broadcast_arrays atleast_1d atleast_2d split array_split"
).split()
KERNELS = {
    **dict.fromkeys("sum prod max min amax amin any all argmax argmin count_nonzero mean nansum clip".split(), 1),
    **dict.fromkeys("nan_to_num round around isclose diff trace outer".split(), 1),
    **dict.fromkeys("var searchsorted roll tile diag tril triu meshgrid isin".split(), 2),
    **dict.fromkeys("std cumsum cumprod ptp pad".split(), 3),
    **dict.fromkeys("take_along_axis put_along_axis".split(), 6),  # an index for each dimension, brought into one
    **dict.fromkeys("sort argsort".split(), 7),
}
WAITING = dict.fromkeys("nonzero argwhere flatnonzero unique bincount array_equal allclose".split(), 4)
ON_HOST = (  # about dtypes and shapes alone
    "broadcast_shapes result_type promote_types can_cast issubdtype isdtype isscalar ndim shape size iscomplexobj "
    "isrealobj min_scalar_type"
).split()
LISTS = {"broadcast_arrays", "meshgrid", "broadcast_shapes", "result_type", "tile", "pad"}  # take them first
STABLE = {"sort", "argsort"}


def host_values(value, name):
    """What NumPy computes with; arrays of the host are refused."""
    if isinstance(value, ndarray):
        return operand(value, f"cupy.{name}")
    if isinstance(value, np.ndarray):
        raise TypeError(f"cupy.{name}: Unsupported type {type(value)}")
    if isinstance(value, list | tuple):
        return type(value)([host_values(part, name) for part in value])
    return value


def device_values(value):
    """New arrays of what NumPy found."""
    if isinstance(value, list | tuple):
        return tuple([device_values(part) for part in value])
    return fresh(value)


def _bound(name, args, kwargs):
    """The arguments in CuPy's signature, without the output, which is returned as well."""
    given = function_signature(name).bind(*args, **kwargs)
    out = given.arguments.pop("out", None)
    first = next(iter(given.arguments.values()))
    if name not in LISTS and isinstance(first, list | np.ndarray):
        raise TypeError(f"cupy.{name}: Unsupported type {type(first)}")
    return given, out


def _evaluated(name, given):
    """What NumPy's function of that name gives."""
    for key, value in given.arguments.items():
        given.arguments[key] = host_values(value, name)
    with np.errstate(all="ignore"):
        return getattr(np, name)(*given.args, **given.kwargs)


def computed(name, launches, waits=0):
    """A function that makes new arrays."""

    def call(*args, **kwargs):
        given, out = _bound(name, args, kwargs)
        note("waits", name, waits)
        note("copies", "device to host", waits)
        note("launches", name, launches)
        found = _evaluated(name, given)
        if out is None:
            return found if found is None or isinstance(found, bool) else device_values(found)
        operand(out, name)[...] = found
        return out

    return _named(call, name)


def viewing(name):
    """A function that gives views of its first argument, or of all, where it can."""

    def call(*args, **kwargs):
        given, _ = _bound(name, args, kwargs)
        first = next(iter(given.arguments.values()))
        sources = first if isinstance(first, tuple) else (first,)
        hosts = [x._host if isinstance(x, ndarray) else operand(x, name) for x in sources]
        key = next(iter(given.arguments))
        given.arguments[key] = tuple(hosts) if isinstance(first, tuple) else hosts[0]
        found = getattr(np, name)(*given.args, **given.kwargs)
        if isinstance(found, list | tuple):
            many = sources if len(sources) > 1 or len(found) == 1 else sources * len(found)
            made = [shared_or_fresh(x, np.asarray(part), name) for x, part in zip(many, found, strict=True)]
            return made[0] if name.startswith("atleast") and len(made) == 1 else made
        return shared_or_fresh(first, found, name)

    return _named(call, name)


def about(name):
    """A function of dtypes and shapes, which reads no values."""

    def call(*args, **kwargs):
        hosts = [x._host if isinstance(x, ndarray) else x for x in args]
        return getattr(np, name)(*hosts, **kwargs)

    return _named(call, name)


def _named(call, name):
    call.__name__ = call.__qualname__ = name
    call.__signature__ = function_signature(name)
    return call


FUNCTION = {name: computed(name, number) for name, number in KERNELS.items()}
FUNCTION |= {name: computed(name, number, waits=1) for name, number in WAITING.items()}
FUNCTION |= {name: viewing(name) for name in VIEWS} | {name: about(name) for name in ON_HOST}
