"""Every kernel slot, every registered version, against its reference: both halves, in memory full of nan.

Both data types, contiguous and strided arguments, one to three threads; a second run gives the same bits.
"""

from contextlib import contextmanager
from sys import getrefcount
from unittest import mock
from zlib import crc32

import numpy as np
import pytest

from tests.functional.kernel_cases import kernel_cases
from tests.functional.update_cases import MUTATING
from xdl import backend, kernel, threads

backend.load("numpy")
HALVES = ("conv2d", "conv2d_input_grad", "conv2d_weight_grad")
FLOAT32_ONLY = {"gelu_tanh", *(f"{half}_{way}" for half in HALVES for way in ("winograd", "fft"))}
TOLERANCE = {"float64": 1e-11, "float32": 2e-5}


def cases(slot, dtype="float64"):
    """{name: arguments} of a slot, the same in every call."""
    random = np.random.RandomState(crc32(slot.encode()))
    draw = lambda *shape: np.asarray(random.standard_normal(shape), dtype)  # noqa: E731
    return kernel_cases(draw, lambda high, n: np.asarray(random.randint(0, high, n), np.int64))[slot]()


VERSIONS = [(slot.name, v) for slot in kernel.slots.values() for v in slot.versions.get("numpy", ())]


@contextmanager
def poisoned_memory():
    """Memory that a kernel gets uninitialized holds nan (or the largest numbers, for integers)."""
    from xdl.kernels.numpy import buffers as buffers_numpy

    plain = np.empty

    def poisoned(*args, **kwargs):
        x = plain(*args, **kwargs)
        x.view(np.uint8).fill(255) if x.flags.c_contiguous and x.ndim else x.fill(-1)
        return x

    for blocks in buffers_numpy.pool._blocks.values():
        for block in blocks:
            if getrefcount(block) == 3:  # the list's reference, the loop's and getrefcount's own
                block.fill(255)
    with mock.patch.object(np, "empty", poisoned):
        yield


def run(version, args, cotangent, mutated):
    """(all results of both halves, what was mutated) of one version; saved goes from one half to the other."""
    args = [copied(x) if i in mutated else x for i, x in enumerate(args)]
    before = [x.copy() if isinstance(x, np.ndarray) else x for x in args]
    y, saved = version.forward(*args)
    results = list(y) if isinstance(y, tuple) else [y]
    if version.backward is not None:
        gs = [cotangent(result) for result in results]
        results += version.backward(gs if isinstance(y, tuple) else gs[0], saved, [True] * len(args))
    for i, (x, old) in enumerate(zip(args, before, strict=True)):
        if isinstance(x, np.ndarray) and i not in mutated:
            np.testing.assert_array_equal(x, old, err_msg=f"argument {i} was written to")
    return [*results, *(args[i] for i in mutated)]


def compare(found, expected, dtype, what):
    for i, (x, reference) in enumerate(zip(found, expected, strict=False)):
        if reference is None or x is None:
            continue
        assert x.shape == reference.shape, what
        assert x.dtype == reference.dtype, what
        scale = max(1.0, float(np.max(np.abs(reference), initial=0))) if reference.dtype.kind == "f" else 0
        np.testing.assert_allclose(x, reference, rtol=0, atol=TOLERANCE[dtype] * scale, err_msg=f"{what}: result {i}")


def copied(x):
    """A copy, strided where x is."""
    return x.copy() if x.flags.c_contiguous else strided(x)


def strided(x):
    """The same values over steps of -2."""
    larger = np.full([2 * size for size in x.shape], -99, x.dtype)
    view = larger[tuple(slice(None, None, -2) for _ in x.shape)] if x.ndim else larger
    view[...] = x
    return view


def check(slot, version, args, dtype, what, counts=(1, 2, 3)):
    mutated = [i for i in MUTATING.get(slot, ()) if args[i] is not None]
    shared = {}

    def cotangent(y):
        return shared.setdefault(y.shape, np.asarray(np.random.RandomState(5).standard_normal(y.shape), y.dtype))

    expected = run(kernel.slots[slot].reference, args, cotangent, mutated)
    for count in counts:
        threads.set_num_threads(count)
        runs = []
        for given in (cotangent, cotangent, lambda y: strided(cotangent(y))):
            with poisoned_memory():
                results = run(version, args, given, mutated)
            runs.append([None if x is None else x.copy() for x in results])
            del results  # its memory is free again, and poisoned before the next run
        first, second, third = runs
        compare(first, expected, dtype, f"{what}, {count} threads")
        compare(third, first, dtype, f"{what}, {count} threads, strided cotangent")
        for x, y in zip(first, second, strict=True):
            assert x is y is None or x.tobytes() == y.tobytes(), f"{what}, {count} threads: another run, other bits"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_version_against_reference(slot, version, dtype):
    ran = 0
    for label, args in cases(slot, dtype).items():
        if version.when is None or version.when(*args):
            check(slot, version, args, dtype, f"{slot} {label}")
            ran += 1
    assert ran >= (0 if dtype == "float64" and version.name in FLOAT32_ONLY else 3)


@pytest.mark.parametrize("slot", ["conv2d", "conv2d_input_grad", "conv2d_weight_grad"])
def test_im2col_row_by_row_and_image_by_image(slot, monkeypatch):
    for name in ("ROWS", "LONG", "BLOCK"):
        monkeypatch.setattr(f"xdl.kernels.numpy.conv.im2col.{name}", 1)
    (version,) = [v for v in kernel.slots[slot].versions["numpy"] if v.name.endswith("_im2col")]
    for label, args in cases(slot).items():
        check(slot, version, args, "float64", f"{slot} {label}", counts=(2,))


@pytest.mark.parametrize("slot", [slot for slot in MUTATING if slot.endswith("_update")])
def test_updates_over_threads(slot, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numpy.blocks.PARALLEL", 1 << 16)
    (version,) = kernel.slots[slot].versions["numpy"]
    large = {label: args for label, args in cases(slot).items() if args[0].size > 1 << 16}
    assert large
    for label, args in large.items():
        check(slot, version, args, "float64", f"{slot} {label}", counts=(2, 3))


@pytest.mark.parametrize("slot", ["softmax", "log_softmax", "layer_norm", "cross_entropy"])
def test_rows_in_small_blocks_over_threads(slot, monkeypatch):
    from xdl.kernels.numpy import rows as rows_numpy

    for name, value in {"BLOCK": 1 << 10, "PARALLEL": 1, "LEAD": 1 << 8}.items():
        monkeypatch.setattr(rows_numpy, name, value)
    (version,) = kernel.slots[slot].versions["numpy"]
    rows_numpy.row_blocks.cache_clear()
    for label, args in cases(slot).items():
        if version.when is None or version.when(*args):
            check(slot, version, args, "float64", f"{slot} {label} in blocks", counts=(1, 3))
    rows_numpy.row_blocks.cache_clear()


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize(("n", "c"), [(1, 1 << 22), (512, 1000), (4096, 256), (1024, 8192), (100_000, 33)])
def test_row_blocks_are_all_rows_once(n, c, threads):
    from xdl.kernels.numpy import rows as rows_numpy

    blocks = rows_numpy.row_blocks(n, c, 4, threads)
    assert [row for block in blocks for row in range(n)[block]] == list(range(n))
    assert all(block.stop > block.start for block in blocks)
    assert len(blocks) >= min(n, threads)
    most = max(rows_numpy.BLOCK + rows_numpy.LEAD // 4, 2 * c)
    assert max(block.stop - block.start for block in blocks) * c <= most


@pytest.mark.parametrize(("slot", "version"), VERSIONS, ids=lambda v: getattr(v, "name", v))
def test_strided_arguments(slot, version):
    for label, args in cases(slot).items():
        if sum(x.size for x in args if isinstance(x, np.ndarray)) < 100_000:
            args = [strided(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args]
            if version.when is None or version.when(*args):
                check(slot, version, args, "float64", f"{slot} {label} strided", counts=(2,))


def test_every_slot_has_cases():
    names = kernel_cases(lambda *shape: np.zeros(shape), lambda _, n: np.zeros(n, np.int64)).keys()
    assert set(kernel.slots) == set(names)
