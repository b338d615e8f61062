"""Every kernel version with cotangents of any layout and, through the tape, of any dtype.

A version gets what the operation after it gives: a gradient in channels-last memory, a transposed or sliced view, one
number spread over all elements (the gradient of a sum, with strides of 0). Each must give what the reference gives for
the same numbers in C order.
"""

from dataclasses import replace

import numpy as np
import pytest

import xdl
from tests.functional.kernels.conv_cases import images_behind
from tests.functional.kernels.kernel_checks import ALL, Results, compare, cotangent, strided, written_by
from tests.functional.kernels.norm_cases import behind
from tests.functional.kernels.test_kernels import FLOAT32_ONLY, fitting
from xdl import kernel, tape

SMALL = 500  # elements of all arguments of a case
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the mean of no losses
VERSIONS = [
    (slot.name, version)
    for slot in kernel.slots.values()
    for version in slot.versions.get("numpy", ())
    if version.backward is not None
]


def transposed(g):
    """In memory with the dimensions reversed."""
    return np.ascontiguousarray(g.T).T


def rolled(g):
    """In memory with the first dimension last."""
    return images_behind(g) if g.ndim > 1 else g


def channels_last(g):
    """In memory with dimension 1 last."""
    return behind(g) if g.ndim > 2 else g


def sliced(g):
    """A part of a larger array."""
    larger = np.full([size + 3 for size in g.shape], np.nan, g.dtype)
    view = larger[(*[slice(2, 2 + size) for size in g.shape], ...)]
    view[...] = g
    return view


def backwards(g):
    """Against the order of memory in the last dimension."""
    return np.ascontiguousarray(g[..., ::-1])[..., ::-1] if g.ndim else g


def unaligned(g):
    """One byte beside where its elements should begin, as views of files are."""
    memory = np.zeros(g.nbytes + 1, np.uint8)[1:]
    view = memory.view(g.dtype).reshape(g.shape)
    view[...] = g
    return view


def spread(g):
    """One number everywhere: all strides are 0."""
    return np.broadcast_to(g.reshape(-1)[0] if g.size else g.sum(), g.shape)


def rows(g):
    """One row for all of the first dimension."""
    return np.broadcast_to(g[:1], g.shape) if g.ndim and g.size else g


def columns(g):
    """One number for each row."""
    return np.broadcast_to(g[..., :1], g.shape) if g.ndim and g.size else g


LAYOUTS = (transposed, rolled, channels_last, sliced, backwards, strided, unaligned, spread, rows, columns)


def contiguous(arrange):
    """The same numbers in C order."""
    return lambda g: np.array(arrange(g), order="C", copy=True)


@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_layouts(slot, version):
    dtype = "float32" if version.name in FLOAT32_ONLY else "float64"
    taken = fitting(slot, version, dtype, SMALL) or few(fitting(slot, version, dtype))
    for label, args in taken.items():
        mutated = written_by(slot, args)
        for arrange in LAYOUTS:
            plain = Results(kernel.slots[slot].reference, args, mutated, ALL, None, contiguous(arrange))
            found = Results(version, args, mutated, ALL, plain, arrange)
            compare(found, plain, dtype, f"{slot}: {version.name}, {label}, cotangent {arrange.__name__}")
    assert taken


@pytest.mark.parametrize("arrange", [a for a in LAYOUTS if a not in (sliced, unaligned)], ids=lambda a: a.__name__)
def test_a_version_that_reads_memory_instead_of_elements_is_found(arrange):
    reference = kernel.slots["relu"].reference

    def backward(g, saved, needs):
        in_memory = np.lib.stride_tricks.as_strided(g, g.shape, np.empty(g.shape, g.dtype).strides)
        return reference.backward(in_memory, saved, needs)

    x = (np.random.RandomState(0).standard_normal((2, 3, 4)),)
    g = arrange(np.random.RandomState(5).standard_normal(x[0].shape))
    memory = np.zeros(1000)  # what lies around the cotangent is ours
    view = np.lib.stride_tricks.as_strided(memory[500:], g.shape, g.strides)
    view[...] = g
    plain = Results(reference, x, [], ALL, None, lambda _: np.array(g))
    found = Results(replace(reference, backward=backward), x, [], ALL, plain, lambda _: view)
    with pytest.raises(AssertionError):
        compare(found, plain, "float64", "planted")


def few(taken):
    """The smallest case."""
    label = min(taken, key=lambda name: sum(x.size for x in taken[name] if isinstance(x, np.ndarray)))
    return {label: taken[label]}


@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_dtypes_through_the_tape(slot, version):
    dtype = "float32" if version.name in FLOAT32_ONLY else "float64"
    taken = few(fitting(slot, version, dtype))
    (args,) = taken.values()
    for other in {"float32", "float64", "int64", "int32", "uint8", "bool"} - {dtype}:
        given = [xdl.Tensor(x, True) if is_float(x) else x for x in args]
        y, saved = version.forward(*args)
        outs = tape.record(y, tuple(given), lambda *_: (), saved, version)
        outs = outs if isinstance(outs, tuple) else (outs,)
        places = [i for i, out in enumerate(outs) if out.requires_grad]
        u = cotangent(y, ALL, lambda g, other=other: np.abs(g * 3).astype(other))
        u = [u] if not isinstance(y, tuple) else [u[i] for i in places]
        leaves = [x for x in given if isinstance(x, xdl.Tensor)]
        found = xdl.grad([outs[i] for i in places], leaves, [xdl.Tensor(g) for g in u])
        cast = [g.astype(dtype) for g in u]
        _, saved = version.forward(*args)
        expected = version.backward(cast if isinstance(y, tuple) else cast[0], saved, [is_float(x) for x in args])
        wanted = [d for x, d in zip(args, expected, strict=False) if is_float(x)]
        for g, d in zip(found, wanted, strict=False):
            assert (g is None) == (d is None)
            assert d is None or (g.dtype == dtype and np.array_equal(g.array, d, equal_nan=True)), (
                f"{slot}: {version.name}, {other}"
            )


def is_float(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


FUNCTIONS = {
    "relu": xdl.relu,
    "max_pool2d": lambda x: xdl.max_pool2d(x.reshape(1, 2, 4, 4), 2),
    "conv2d": lambda x: xdl.conv2d(x.reshape(1, 2, 4, 4), xdl.ones(3, 2, 3, 3, dtype=x.dtype)),
    "softmax": lambda x: xdl.softmax(x.reshape(4, 8), 1),
    "layer_norm": lambda x: xdl.layer_norm(x.reshape(4, 8), (8,)),
    "batch_norm": lambda x: xdl.batch_norm(x.reshape(4, 8), None, None, training=True),
    "gelu": xdl.gelu,
    "exp": lambda x: x.exp(),
    "sum": lambda x: x.sum(0),
    "index": lambda x: x[::-1][xdl.tensor([0, 3, 0])],
    "matmul": lambda x: x.reshape(4, 8) @ xdl.ones(8, 2, dtype=x.dtype),
}


@pytest.mark.parametrize("other", ["float32", "float64", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_gradient_has_the_dtype_of_its_tensor(name, dtype, other):
    """As the first cotangent, and as what a rule in the middle of the graph gives."""
    host = (np.random.RandomState(0).standard_normal(32) * 2).astype(dtype)
    results = []
    for given in (other, dtype):
        x = xdl.tensor(host, requires_grad=True)
        y = FUNCTIONS[name](x)
        u = (np.random.RandomState(1).uniform(0, 9, y.shape)).astype(other).astype(given)
        y.backward(xdl.tensor(u))
        z = xdl.tensor(host, requires_grad=True)
        y = FUNCTIONS[name](z)
        tape.record(y.array, (y,), lambda *_, u=u: (u,)).backward(xdl.ones(*y.shape))
        results.append((x.grad, z.grad))
    for found, expected in zip(*results, strict=True):
        assert found.dtype == expected.dtype == dtype
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert np.array_equal(results[0][0].numpy(), results[0][1].numpy())
