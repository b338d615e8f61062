"""How a kernel version is checked against its slot's reference: both halves, in memory full of nan.

The references' results are the same for every version of a slot, so they are computed once.
"""

from contextlib import contextmanager
from functools import lru_cache
from unittest import mock
from zlib import crc32

import numpy as np

from tests.functional.kernels.kernel_cases import kernel_cases
from tests.functional.kernels.update_cases import MUTATING
from xdl import kernel, threads

ALL = range(9)  # outputs
TOLERANCE = {"float64": 1e-11, "float32": 2e-5}


@lru_cache(maxsize=4)
def cases(slot, dtype="float64"):
    """{name: arguments} of a slot, the same in every call: not to be written."""
    random = np.random.RandomState(crc32(slot.encode()))
    draw = lambda *shape: np.asarray(random.standard_normal(shape), dtype)  # noqa: E731
    return kernel_cases(draw, lambda high, n: np.asarray(random.randint(0, high, n), np.int64))[slot]()


@contextmanager
def poisoned_memory():
    """Memory that a kernel gets uninitialized holds nan (or the largest numbers, for integers)."""
    from xdl.kernels.common import buffers

    plain = np.empty

    def poisoned(*args, **kwargs):
        x = plain(*args, **kwargs)
        x.view(np.uint8).fill(255) if x.flags.c_contiguous and x.ndim else x.fill(-1)
        return x

    segments = mock.patch.object(buffers.pool, "_segments", []), mock.patch.object(buffers, "SEGMENT", 0)
    with mock.patch.object(np, "empty", poisoned), segments[0], segments[1]:
        yield


def wanted(args):
    """Of which arguments a tape could ask for a gradient."""
    return [isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in args]


def cotangent(y, used, arrange):
    """The same normal numbers for every y of that shape; of several outputs a list, None for those not used."""
    if isinstance(y, tuple):
        return [cotangent(a, ALL, arrange) if i in used and a.dtype.kind == "f" else None for i, a in enumerate(y)]
    return arrange(np.asarray(np.random.RandomState(5).standard_normal(y.shape), y.dtype))


class Results:
    """What both halves of a version give.

    y:         the outputs, and the arguments that the version may write
    gradients: of all inputs that need one; alone: for each of these the gradients when it alone needs one
    """

    def __init__(self, version, args, mutated, used, like=None, arrange=lambda g: g, one_by_one=False):
        """used: the outputs with a cotangent; like: the reference's Results, for cotangents and inputs; arrange: their
        layout.
        """
        args = [copied(x) if i in mutated else x for i, x in enumerate(args)]
        before = [x.copy() if isinstance(x, np.ndarray) else x for x in args]
        y, saved = version.forward(*args)
        self.outputs = y
        written = [args[i] if isinstance(args[i], list) else [args[i]] for i in mutated]
        self.y = [*(y if isinstance(y, tuple) else [y]), *(x for part in written for x in part)]
        inputs = None if like is None else len(like.gradients or ())
        self.needs, self.gradients, self.alone = wanted(args[:inputs]), None, {}
        if version.backward is not None:
            g = cotangent((like or self).outputs, used, arrange)
            self.gradients = kept(version.backward(g, saved, self.needs))
            for i in [i for i, needed in enumerate(self.needs) if needed and one_by_one]:
                self.alone[i] = kept(version.backward(g, saved, [j == i for j in range(len(self.needs))]))
        for i, (x, old) in enumerate(zip(args, before, strict=True)):
            if isinstance(x, np.ndarray) and i not in mutated:
                np.testing.assert_array_equal(x, old, err_msg=f"argument {i} was written to")

    def bits(self):
        """Of the outputs and the gradients."""
        return [x if x is None else x.tobytes() for x in (*self.y, *(self.gradients or ()))]


def kept(gradients):
    """Copies, for later; what is no tuple as it is."""
    if not isinstance(gradients, tuple | list):
        return gradients
    return [x if x is None else x.copy() for x in gradients]


@lru_cache(maxsize=256)
def reference(slot, label, dtype, used=ALL):
    """The Results of a slot's reference for one of its cases."""
    args = cases(slot, dtype)[label]
    return Results(kernel.slots[slot].reference, args, written_by(slot, args), used)


def written_by(slot, args):
    """The places of the arguments that a slot may write."""
    return [i for i in MUTATING.get(slot, ()) if args[i] is not None]


def compare(found, expected, dtype, what):
    """Both have the outputs, and a gradient for each input that needs one, unless the reference has none."""
    compare_all(found.y, expected.y, dtype, f"{what}, output")
    assert (found.gradients is None) == (expected.gradients is None), f"{what}: gradients {found.gradients}"
    if expected.gradients is not None:
        together = [i for i, needed in enumerate(found.needs) if needed]
        for asked, gradients in ((together, found.gradients), *(([i], d) for i, d in found.alone.items())):
            text = f"{what}, asked for {asked}"
            assert isinstance(gradients, list), f"{text}: gradients {gradients}"
            assert len(gradients) == len(expected.gradients), f"{text}: {len(gradients)} gradients"
            compare_all(
                [gradients[i] for i in asked], [expected.gradients[i] for i in asked], dtype, f"{text}: gradient"
            )


def compare_all(found, expected, dtype, what):
    """Equal numbers, shapes and dtypes; None only where None is expected."""
    assert len(found) == len(expected), f"{what}: {len(found)} of {len(expected)}"
    for i, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert (x is None) == (y is None), f"{what} {i}: found {type(x).__name__}, expected {type(y).__name__}"
        if y is not None:
            assert x.shape == y.shape, f"{what} {i}"
            assert x.dtype == y.dtype, f"{what} {i}"
            scale = max(1.0, float(np.max(np.abs(y), initial=0))) if y.dtype.kind == "f" else 0
            np.testing.assert_allclose(x, y, rtol=0, atol=TOLERANCE[dtype] * scale, err_msg=f"{what} {i}")


def check(slot, version, label, args, dtype, count=1, repeat=False, arrange=lambda g: g, used=ALL):
    """Compares a version with the reference, each gradient also when it alone is needed.

    args: the case's arguments, in another layout if you like; arrange: the same for the cotangent
    repeat: whether it has to give the same bits again; used: the outputs with a cotangent
    """
    threads.set_num_threads(count)
    what, found = f"{slot}: {version.name}, {label}, {dtype}, {count} threads", None
    expected = reference(slot, label, dtype, used)
    for _ in range(2 if repeat else 1):
        before = found
        with poisoned_memory():
            found = Results(version, args, written_by(slot, args), used, expected, arrange, one_by_one=before is None)
        compare(found, expected, dtype, what)
        assert before is None or before.bits() == found.bits(), f"{what}: another run, other bits"


def copied(x):
    """A copy, strided where x is; of a list, of each."""
    if isinstance(x, list):
        return [copied(part) for part in x]
    return x.copy() if x.flags.c_contiguous else strided(x)


def strided(x):
    """The same values over steps of -2."""
    larger = np.full([2 * size for size in x.shape], -99, x.dtype)
    view = larger[tuple(slice(None, None, -2) for _ in x.shape)] if x.ndim else larger
    view[...] = x
    return view
