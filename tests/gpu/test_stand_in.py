"""The stand-in for CuPy has CuPy's names, signatures and refusals, plays several cards, and leaves no traces."""

import sys
import warnings
from inspect import signature

import numpy as np
import pytest

import xdl
from tests.stand_in_cupy import Machine, installed
from tests.stand_in_cupy.catalogue import FUNCTIONS, METHODS, OTHERS, UFUNCS, function_signature, method_signature
from xdl import backend


def spelled(found):
    """Names, kinds, and whether there is a default."""
    return [(p.name, p.kind, p.default is p.empty) for p in found.parameters.values()]


def test_every_function_has_a_name_and_the_signature_of_cupys(stand_in):
    public = {name for name in vars(stand_in) if not name.startswith("_")}
    modules = {"cuda", "linalg", "fft", "cublas"}
    assert public - modules <= FUNCTIONS.keys() | UFUNCS.keys() | set(OTHERS)
    named = sorted(public & FUNCTIONS.keys())
    assert len(named) > 100
    wrong = {name for name in named if spelled(signature(getattr(stand_in, name))) != spelled(function_signature(name))}
    assert wrong == set()


def test_every_method_has_a_name_and_the_signature_of_cupys(stand_in):
    public = {name for name in vars(stand_in.ndarray) if not name.startswith("_")}
    assert public <= METHODS.keys()
    for name in sorted(public):
        method = getattr(stand_in.ndarray, name)
        if callable(method) and METHODS[name]:
            found = [p for p in spelled(signature(method)) if p[0] != "self"]
            assert found == spelled(method_signature(name)), name


def test_other_names_are_refused(stand_in):
    with pytest.raises(NotImplementedError, match=r"no cupy\.histogram yet"):
        stand_in.histogram  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'exponential'"):
        stand_in.exponential  # noqa: B018
    with pytest.raises(TypeError):
        stand_in.sum(stand_in.ones(3), dim=0)
    with pytest.raises(TypeError, match="where"):
        stand_in.exp(stand_in.ones(3), where=True)


REFUSED = {
    "a NumPy array beside one": lambda x: x + np.ones(3, np.float32),
    "one behind a NumPy array": lambda x: np.ones(3, np.float32) * x,
    "a list": lambda x: x * [1.0, 2.0, 3.0],
    "a list for a ufunc": lambda x: sys.modules["cupy"].maximum(x, [1.0, 2.0, 3.0]),
    "a list for a function": lambda _: sys.modules["cupy"].sum([1.0, 2.0]),
    "a number as a condition": lambda x: sys.modules["cupy"].where(np.ones(3, bool), x, 0),
    "NumPy's conversion": np.asarray,
    "NumPy's functions": lambda x: np.concatenate([x, x]),
    "an array as the bound of a slice": lambda x: x[: sys.modules["cupy"].ones((), dtype="int64")],
    "the length of a number": lambda x: len(x[0]),
    "iteration over a number": lambda x: list(x[0]),
    "a hash": hash,
    "bools subtracted": lambda x: (x > 0) - (x > 0),
    "bits of floats": lambda x: x & 1,
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cupy_refuses_is_refused(stand_in, what):
    with pytest.raises(TypeError):
        REFUSED[what](stand_in.ones(3, "float32"))


@pytest.mark.parametrize("host", [np.array(["a"]), np.array([None]), np.array([1.5], np.longdouble)])
def test_dtypes_that_no_kernel_knows_are_refused(stand_in, host):
    with pytest.raises(ValueError, match="Unsupported dtype"):
        stand_in.asarray(host)


def test_results_are_in_c_order_at_multiples_of_256_bytes(stand_in):
    x = stand_in.asarray(np.arange(6.0).reshape(2, 3))
    for made in (x.T + 1, stand_in.where(x.T > 2, x.T, 0), stand_in.concatenate([x.T, x.T]), x.T.copy(), x.T[[0, 1]]):
        assert made.flags.c_contiguous
        assert made.data.ptr % 256 == 0
    assert x.T.astype("float32").flags.f_contiguous  # astype keeps the order
    assert stand_in.zeros_like(x.T).flags.f_contiguous
    assert x[:, 1:].data.ptr == x.data.ptr + 8
    assert np.isnan(stand_in.empty(3).get()).all()


def test_cupys_own_arithmetic(stand_in):
    x = stand_in.asarray(np.array([1.0, 0.3]))
    assert (x % 0.1).tolist() != (x.get() % 0.1).tolist()  # from floor(x / y)
    assert stand_in.floor_divide(x, 0.0).tolist() == [np.inf, np.inf]
    assert stand_in.sign(x * np.nan).tolist() == [0, 0]
    assert (stand_in.asarray(np.array([-1, 1, 2])) ** -1).tolist() == [-1, 1, 0]
    assert stand_in.take(stand_in.arange(3), stand_in.asarray(np.array([3, -4, 7]))).tolist() == [0, 2, 1]


def test_promotion_follows_numpy_2(stand_in):
    x = stand_in.ones(2, "float32")
    assert (x * 2.5).dtype == (x + 1).dtype == (x > 0).astype("float32").dtype == np.float32
    assert (x * np.float64(1)).dtype == np.float64
    assert (stand_in.arange(3) / 2).dtype == np.float64
    assert stand_in.sum(x > 0).dtype == np.int64


def test_arrays_of_two_cards():
    with installed(Machine(devices=2)) as cupy:
        x = cupy.ones(3)
        with cupy.cuda.Device(1):
            y = cupy.ones(3)
        assert (x.device.id, y.device.id, cupy.cuda.Device().id) == (0, 1, 0)
        with pytest.warns(RuntimeWarning, match=r"resides \(1\) is different from the current device \(0\)"):
            assert (x + y).device.id == 0
        assert y[1:].device.id == 1  # a view asks nothing
    with installed(Machine(devices=2, peers=False)) as cupy, cupy.cuda.Device(1):
        y = cupy.ones(3)
        with cupy.cuda.Device(0), pytest.raises(ValueError, match="Peer access is unavailable"):
            cupy.exp(y)


def test_the_backend_puts_an_array_on_the_card_asked_for():
    with installed(Machine(devices=2)), warnings.catch_warnings():
        b = backend.load("cupy")
        assert b.index(b.asarray(np.ones(3), index=1)) == 1


def test_the_pool_has_a_limit(stand_in):
    pool = stand_in.get_default_memory_pool()
    pool.set_limit(size=4096)
    held = [stand_in.empty(100) for _ in range(4)]
    assert (pool.used_bytes(), pool.free_bytes()) == (4096, 0)
    with pytest.raises(stand_in.cuda.memory.OutOfMemoryError, match="limit set to: 4,096 bytes"):
        stand_in.empty(1)
    held.pop()
    assert pool.free_bytes() == 1024
    assert stand_in.empty(1).size == 1


def test_it_leaves_no_traces():
    def traces():
        kept = {name for name in sys.modules if name.startswith(("cupy", "array_api_compat.cupy"))}
        return kept, set(backend._loaded), set(backend._owners), set(backend.namespaces), backend._current

    before = traces()
    with installed() as outer:
        xdl.use("cupy")
        x = xdl.ones(3)
        with installed() as inner:
            assert inner is not outer
            xdl.use("cupy")
        assert sys.modules["cupy"] is outer
        assert (x + x).sum().item() == 6
    assert traces() == before
