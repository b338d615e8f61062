"""Every kernel, function and optimizer in four threads at once gives what it gives alone, bit for bit.

All threads are in the same slot at a time, each with numbers of its own: what one leaves in memory that another one
uses is seen.
"""

import gc
import sys
from importlib import import_module
from threading import local

import numpy as np
import pytest

from tests.at_once import at_once
from tests.functional.cases import CASES
from tests.functional.kernels.kernel_checks import ALL, Results, cases, written_by
from tests.functional.kernels.test_kernels import SMALL, TINY
from tests.functional.kernels.update_cases import MUTATING
from tests.functional.namespaces import Xdl, hosts
from tests.optim.runs import RUNS, trajectory
from xdl import backend, kernel, random, threads

backend.load("numpy")
THREADS = 4
SLOTS = sorted(kernel.slots)
LAST_RUNS = list({run.id.split()[0]: run for run in RUNS}.values())  # one of each optimizer


class OneOptimizer:
    """xdl's optimizers, and tensors of host values."""

    optim = import_module("xdl.optim")
    tensor = staticmethod(lambda host, requires_grad: Xdl().tensor(host, requires_grad))
    host = staticmethod(lambda t: Xdl().host(t))


def moved(x, i):
    """The same values in the same layout, i places further."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return [moved(part, i) for part in x] if isinstance(x, list) else x
    y = x.copy(order="K")
    y[...] = np.roll(x, i)
    return y


def jobs(slot, dtype, largest=np.inf, most=10_000):
    """(version, case, arguments) of a slot's versions, and the reference: of each at most so many of the cases that it
    takes with at most `largest` elements, or the smallest of its cases.
    """
    sized = {
        label: sum(x.size for x in args if isinstance(x, np.ndarray)) for label, args in cases(slot, dtype).items()
    }
    for version in [*kernel.slots[slot].versions.get("numpy", ()), kernel.slots[slot].reference]:
        taken = [label for label in sorted(sized, key=sized.get) if fits(version, cases(slot, dtype)[label])]
        small = [label for label in taken if sized[label] <= largest] or taken[:1]
        yield from [(version, label, cases(slot, dtype)[label]) for label in small[:: -(-len(small) // most) or 1]]


def fits(version, args):
    """Whether the version takes these arguments."""
    return version.when is None or version.when(*args)


def bits(slot, version, args, i):
    """Of a kernel's outputs and gradients, for a thread's own numbers. The arguments that it writes are copies."""
    args = [moved(x, i) for x in args]
    return Results(version, args, written_by(slot, args), ALL).bits()


def wrong(slot, dtype, rounds, **some):
    """Versions and cases that gave other bits in some thread than alone."""
    todo = list(jobs(slot, dtype, **some))
    alone = [[bits(slot, version, args, i) for version, _, args in todo] for i in range(THREADS)]

    def work(i):
        found = []
        for _ in range(rounds):
            for (version, label, args), expected in zip(todo, alone[i], strict=True):
                if bits(slot, version, args, i) != expected:
                    found.append(f"{version.name} {label}")
        return found

    assert todo
    return sorted({name for found in at_once(work, THREADS) for name in found})


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_kernels(slot):
    quick = {"rounds": 6} if slot in MUTATING else {"rounds": 2, "largest": 6000, "most": 6}
    assert wrong(slot, "float32", **quick) == []


@pytest.fixture
def one_blas_thread():
    """Also outside of parts, where it may else be one or all while other threads compute (`xdl/threads/pool.py`)."""
    threads.hold_blas("test")
    yield
    threads.release_blas("test")


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_kernels_for_long(slot, count, one_blas_thread):
    threads.set_num_threads(count)
    for dtype in ("float32", "float64"):
        assert wrong(slot, dtype, rounds=8) == []


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_kernels_in_small_blocks_over_the_pool(slot, count, monkeypatch, one_blas_thread):
    blocks, rows = import_module("xdl.kernels.numpy.blocks"), import_module("xdl.kernels.numpy.rows")
    threads.set_num_threads(count)
    for name, sizes in TINY.items():
        for size, value in sizes.items():
            monkeypatch.setattr(f"xdl.kernels.numpy.{name}.{size}", value)
    monkeypatch.setattr(blocks, "_scratch", blocks._Scratch())
    rows.row_blocks.cache_clear()
    try:
        assert wrong(slot, "float32", rounds=4, largest=SMALL) == []
    finally:
        rows.row_blocks.cache_clear()


@pytest.mark.parametrize("step", [40, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_functions_forward_backward_and_twice(step):
    some = CASES[::step]

    def found(i):
        with random.own_streams(0):
            return [hosts(Xdl(), some[(k + i) % len(some)]) for k in range(len(some))]

    alone = [found(i) for i in range(THREADS)]
    different = set()
    for i, several in enumerate(at_once(found, THREADS)):
        for k, values in enumerate(several):
            if not same(values, alone[i][k]):
                different.add(some[(k + i) % len(some)].id)
    assert different == set()


def same(found, expected):
    """Whether all arrays have equal bits."""
    return found.keys() == expected.keys() and all(
        (x is None) == (y is None) and (x is None or x.tobytes() == y.tobytes())
        for x, y in ((found[name], expected[name]) for name in expected)
    )


@pytest.mark.parametrize("runs", [LAST_RUNS, pytest.param(RUNS, marks=pytest.mark.slow)], ids=["each", "options"])
def test_optimizers(runs):
    F = OneOptimizer()

    def found(i):
        return [trajectory(F, runs[(k + i) % len(runs)]).tobytes() for k in range(len(runs))]

    alone = [found(i) for i in range(THREADS)]
    assert at_once(found, THREADS) == alone


def shared_arrays(module):
    """The writable arrays that a module holds for all threads: in its names, containers and caches."""
    found, seen, left = [], set(), [(name, value) for name, value in vars(module).items() if not name.startswith("__")]
    while left:
        name, value = left.pop()
        if id(value) in seen or isinstance(value, local):
            continue
        seen.add(id(value))
        if isinstance(value, np.ndarray):
            found += [name] if value.flags.writeable else []
        elif isinstance(value, dict | list | tuple | set) or hasattr(value, "cache_info"):
            left += [(name, part) for part in gc.get_referents(value)]
        elif type(value).__module__.startswith(("xdl.", "planted")):
            left += [(name, part) for part in getattr(value, "__dict__", {}).values()]
    return sorted(set(found))


HOLDING = ("xdl.kernels.numpy.", "xdl.kernels.numba.", "xdl.kernels.common.", "xdl.functional.")


def test_no_module_holds_memory_that_all_threads_write():
    for slot in SLOTS:
        for version, _, args in jobs(slot, "float32", most=1):
            bits(slot, version, args, 0)
    modules = [name for name in sys.modules if name.startswith(HOLDING)]
    held = {name: names for name in modules if (names := shared_arrays(sys.modules[name]))}
    assert len(modules) > 60
    held.pop("xdl.kernels.numba.team", None)  # the words by which its threads agree
    held = {name: names for name, names in held.items() if not name.startswith("xdl.kernels.numba.conv.")}  # plans,
    # which are only read: but compiled loops refuse what cannot be written
    assert held == {"xdl.kernels.common.buffers": ["pool"]}  # which lends a block to one array at a time


def test_memory_that_all_threads_write_is_found():
    from functools import cache

    module = type(sys)("planted")
    module.scratch = cache(lambda n: np.empty(n))
    module.scratch(3)
    module.kept = {"a": [np.empty(2)]}
    module.holder = type("Holder", (), {"__module__": "planted"})()
    module.holder.rows = (np.empty(2),)
    module.of_each_thread = local()
    module.of_each_thread.rows = np.empty(2)
    module.constant = np.arange(3)
    module.constant.flags.writeable = False
    assert shared_arrays(module) == ["holder", "kept", "scratch"]
