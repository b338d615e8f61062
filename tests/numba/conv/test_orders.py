"""Images turned by a compiled loop: every tail, layouts, threads, and what the loop leaves to NumPy."""

import numpy as np
import pytest

from tests.functional.kernels.kernel_checks import poisoned_memory, strided
from xdl import backend, kernel_options, threads

backend.load("numpy")

if not kernel_options.compiled_wanted():  # the modules below would register their versions for all tests
    pytest.skip("no compiled kernels", allow_module_level=True)

from xdl.kernels.numba import sharing  # noqa: E402
from xdl.kernels.numba.conv import orders  # noqa: E402

ORDERS = {orders.channels_last: (0, 2, 3, 1), orders.images_last: (1, 2, 3, 0)}
SIZES = [(1, 16, 4, 4), (2, 17, 5, 5), (3, 31, 1, 33), (5, 40, 16, 2), (16, 3, 4, 5), (33, 2, 3, 17), (64, 1, 28, 28)]
FEW = [(0, 16, 4, 4), (3, 1, 5, 5), (2, 3, 1, 1), (4, 6, 3, 2), (16, 16, 0, 4)]


@pytest.fixture
def counted(monkeypatch):
    """Arrays of any size, shared out to any number of threads: (how often the loop ran)."""
    for name in ("WORTH", "FORK"):
        monkeypatch.setattr(sharing, name, 0)
    monkeypatch.setattr(orders, "MANY", 1)
    calls = []
    monkeypatch.setattr(orders, "over", lambda *given: (calls.append(given), sharing.over(*given)))
    return calls


def draw(shape, dtype):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    x.reshape(-1)[::7] = np.nan
    x.reshape(-1)[1::9] = -0.0
    return x


def check(turn, x):
    with poisoned_memory():
        y = turn(x)
    assert y.flags.carray
    assert y.tobytes() == np.ascontiguousarray(x.transpose(ORDERS[turn])).tobytes()
    return y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turn", ORDERS)
def test_every_tail_and_any_number_of_threads(turn, dtype, counted):
    for shape in SIZES:
        for count in (1, 2, 3, 7):
            threads.set_num_threads(count)
            check(turn, draw(shape, dtype))
    assert len(counted) >= 4 * 3  # the others have too few images, or too few channels


@pytest.mark.parametrize("turn", ORDERS)
def test_what_the_loop_cannot_do_numpy_does(turn, counted):
    for shape in FEW:
        check(turn, draw(shape, "float32"))
    x = draw((16, 17, 5, 6), "float32")
    frozen = x.copy()
    frozen.flags.writeable = False
    others = [
        np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order)) for order in ((1, 0, 2, 3), (3, 0, 1, 2))
    ]
    for other in (strided(x), frozen, x.astype(np.float16), x[:, :, ::-1], *others):
        check(turn, other)
    assert not counted


@pytest.mark.parametrize("turn", ORDERS)
def test_what_lies_so_is_a_view(turn, counted):
    order = ORDERS[turn]
    x = np.ascontiguousarray(draw((17, 18, 5, 6), "float32").transpose(order)).transpose(np.argsort(order))
    assert np.shares_memory(check(turn, x), x)
    assert not counted


def test_small_arrays_need_no_loop(monkeypatch):
    monkeypatch.setattr(orders, "over", None)
    for turn in ORDERS:
        check(turn, draw((20, 20, 8, 8), "float32"))


def test_behind_is_the_same_array_in_other_memory():
    x = draw((2, 20, 50, 50), "float32")
    assert orders.behind(x).tobytes() == x.tobytes()
    assert orders.behind(x).transpose(0, 2, 3, 1).flags.c_contiguous
