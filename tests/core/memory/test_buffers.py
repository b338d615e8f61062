"""The buffer pool: memory comes back when the last view goes, and never before."""

import gc
import os
import threading

import numpy as np
import pytest

import xdl
from xdl import backend
from xdl.kernels.common import buffers
from xdl.kernels.common.buffers import FIRST, SMALLEST, BufferPool, Lease

SHAPE = (SMALLEST // 4, 4)


@pytest.fixture
def pool():
    return BufferPool(limit=1 << 24)


def top(pool):
    """The bytes that were lent at any time."""
    return sum(segment.top for segment in pool._segments)


def check_apart(pool, steps=60, seed=0):
    """Arrays of a few sizes come, some stay, most go: each keeps its own values, and no two share memory."""
    rng, held = np.random.default_rng(seed), []
    for step in range(steps):
        rows = SMALLEST * int(rng.integers(1, 4))
        x = pool.empty((rows,), np.uint8)
        assert not [y for y, _ in held if np.may_share_memory(x, y)], "two live arrays in one piece"
        x.fill(step)
        held.append((x if step % 2 else x[3:][::2], step))
        del x
        for y, number in held:
            assert (y[::999] == number).all(), "a live array was overwritten"
        if len(held) > 3:
            held.pop(int(rng.integers(len(held))))


def test_live_arrays_never_share_memory(pool):
    check_apart(pool)
    assert pool.used() == 0
    assert 0 < top(pool) <= 6 * 3 * SMALLEST  # pieces are used again


def test_a_lease_that_returns_its_piece_early_is_found(pool, monkeypatch):
    def early(self, *args):
        given(self, *args)
        self._returned.append(self._piece)

    given = Lease.__init__
    monkeypatch.setattr(Lease, "__init__", early)
    with pytest.raises(AssertionError, match="two live arrays in one piece"):
        check_apart(pool)


def places(arrays):
    """Where in its page each array begins."""
    return [x.ctypes.data % buffers.PAGE for x in arrays]


def test_arrays_of_one_size_begin_at_lines_of_their_own(pool):
    found = places([pool.empty(SHAPE, np.float32) for _ in range(8)])
    assert len(set(found)) == 8
    assert not any(place % 64 for place in found)


@pytest.mark.parametrize("size", [1, 1000, 300_000])
def test_parameters_and_what_adam_keeps_begin_at_places_of_their_own(size):
    w = xdl.nn.Parameter(xdl.ones(size))
    optimizer = xdl.optim.Adam([w], amsgrad=True)
    w.sum().backward()
    optimizer.step()
    (flat,) = optimizer._flats[0]
    found = places([flat.array, flat.grad, *flat.state.values()])
    assert len(set(found)) == len(found) == 5
    assert not any(place % 64 for place in found)


class Exporter:
    """Somebody else's object over the memory of x."""

    def __init__(self, x):
        self.x, self.__array_interface__ = x, x.__array_interface__


VIEWS = {
    "slice": lambda x: x[1:, ::2],
    "view of a view": lambda x: x[1:].T[::2][:, 3:].view(),
    "other dtype": lambda x: x.view(np.int32),
    "strides": lambda x: np.lib.stride_tricks.as_strided(x, (3, 3), (8, 4)),
    "subclass": lambda x: x.view(type("Special", (np.ndarray,), {}))[1:],
    "memoryview": lambda x: memoryview(x)[5:],
    "from a buffer": lambda x: np.frombuffer(memoryview(x).cast("B"), np.uint8)[9:],
    "array interface": lambda x: np.asarray(Exporter(x)),
    "DLPack": lambda x: np.from_dlpack(x),
    "DLPack of a view": lambda x: np.from_dlpack(x[7:])[1:],
    "its base": lambda x: x.base,
    "the base of a view": lambda x: x[1:][1:].base,
    "ctypes": lambda x: x.ctypes,
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_whatever_reads_the_memory_keeps_it(view, pool):
    x = pool.empty(SHAPE, np.float32)
    size, kept = pool.used(), view(x)
    assert (size, top(pool)) == (pytest.approx(x.nbytes, abs=1 << 13), size)
    del x
    assert (pool.used(), top(pool)) == (size, size)
    assert pool.empty(SHAPE, np.float32) is not None  # another piece, back at once
    assert (pool.used(), top(pool)) == (size, 2 * size)
    del kept
    assert (pool.used(), pool.free()) == (0, FIRST)


def test_memory_returns_at_once_and_without_the_garbage_collector(pool):
    gc.disable()
    try:
        x = pool.empty((33_000_000 // 4,), np.float32)
        address = x.ctypes.data
        del x
        y = pool.empty((8250, 1000), np.float32)
        assert y.ctypes.data == address
    finally:
        gc.enable()


def test_an_array_in_a_cycle_keeps_its_memory_until_the_cycle_goes(pool):
    class Holder:
        pass

    holder = Holder()
    holder.self, holder.x = holder, pool.empty(SHAPE, np.float32)
    del holder
    check_apart(pool, steps=10)
    gc.collect()
    assert pool.used() == 0


def test_arrays_are_what_numpy_would_give(pool):
    for shape, dtype in (((3, 0, 5), "f4"), ((1 << 18,), np.bool_), ((512, 3, 200), "f8"), ((7, 1 << 17), np.uint16)):
        x, expected = pool.empty(shape, dtype), np.empty(shape, dtype)
        assert (x.shape, x.dtype, x.strides) == (expected.shape, expected.dtype, expected.strides)
        assert x.flags.writeable
        assert x.flags.aligned
        assert x.ctypes.data % (64 if x.nbytes >= SMALLEST else 16) == 0
    assert pool.empty((SMALLEST - 1,), np.uint8).flags.owndata  # small ones have no piece


def test_what_is_kept_for_all_threads_cannot_be_written():
    x = buffers.constant(np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        x += 1


def test_the_pool_keeps_to_its_limit(monkeypatch):
    monkeypatch.setattr(buffers, "SEGMENT", SMALLEST)
    monkeypatch.setattr(buffers, "FIRST", SMALLEST)
    pool = BufferPool(limit=4 * SMALLEST)
    for size in range(1, 40):
        pool.empty((size * SMALLEST,), np.uint8)
        assert pool.used() == 0
        assert pool.free() <= pool.limit + 2 * size * SMALLEST
    pool.clear()
    assert pool.free() == 0


def test_clearing_leaves_live_arrays_alone(pool):
    x = pool.empty(SHAPE, np.float32)
    x.fill(3)
    pool.clear()
    check_apart(pool)
    assert (x == 3).all()


def test_arrays_that_die_on_other_threads(pool):
    errors, inbox = [], []

    def work(seed):
        try:
            for i in range(20):
                check_apart(pool, steps=6, seed=seed + i)
                inbox.append(pool.empty(SHAPE, np.float32))
                if i % 3:
                    inbox.pop(0)  # another thread's, perhaps
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=work, args=(100 * k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    inbox.clear()
    assert errors == []
    assert pool.used() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_process_has_a_pool_of_its_own(pool):
    x = pool.empty(SHAPE, np.float32)
    x.fill(1)
    child = os.fork()
    if not child:
        try:
            check_apart(pool, steps=10)
            del x
            check_apart(pool, steps=10)
            os._exit(pool.used())
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (x == 1).all()


def test_memory_counts_the_pool():
    before = backend.load("numpy").memory().used
    held = buffers.empty((1 << 20,), np.float32)
    assert backend.load("numpy").memory().used >= before + held.nbytes


def test_results_that_live_are_never_overwritten():
    x = xdl.randn(1 << 17)
    results = [x.relu() for _ in range(6)]
    copies = [y.numpy().copy() for y in results]
    kept = results[0][5:500]
    del results[0]
    for _ in range(6):
        (x * 3.0).relu()
    np.testing.assert_array_equal(kept.numpy(), copies[0][5:500])
    for y, copy in zip(results, copies[1:], strict=True):
        np.testing.assert_array_equal(y.numpy(), copy)
