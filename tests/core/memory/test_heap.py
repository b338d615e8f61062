"""NumPy's temporaries of a few hundred kilobytes find their pages again, step after step."""

import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

STEPS = """
import resource
import numpy as np
{first}
x = np.ones((250, 784), np.float32)  # 784 kB: no training step would lead glibc to keep more

def step():
    kept = [x * i for i in range(4)]
    return sum(y.sum() for y in kept)

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    step()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 50)
"""
OWN = ("GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")


def run(program, **settings):
    """What a process prints, under these environment variables and none of the user's own for the heap."""
    environment = {name: value for name, value in os.environ.items() if name not in OWN} | settings
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@LINUX
def test_a_step_makes_no_page_faults():
    plain = int(run(STEPS.format(first="")))
    ours = int(run(STEPS.format(first="import xdl; xdl.zeros(1)")))
    assert plain > 400  # glibc alone: the heap's end goes back after every step
    assert ours < 20


@LINUX
@pytest.mark.parametrize(
    "setting",
    [
        {"MALLOC_TRIM_THRESHOLD_": "131072"},
        {"MALLOC_MMAP_THRESHOLD_": "131072"},
        {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"},
    ],
)
def test_the_users_own_settings_stay(setting):
    program = "import xdl; xdl.zeros(1); from xdl.kernels.common.heap import keep_freed_memory as f; print(f())"
    assert run(program, **setting) == "False"
    assert run(program) == "True"


def test_a_system_without_mallopt(monkeypatch):
    from xdl.kernels.common import heap

    for name in OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(heap.ctypes, "CDLL", lambda _: object())
    monkeypatch.setattr(heap.sys, "platform", "linux")
    assert heap.keep_freed_memory() is False
    heap.give_back()
    for taken, system, done in (((-1, -3), "linux", True), ((-1,), "linux", False), ((-1, -3), "darwin", False)):
        library = SimpleNamespace(mallopt=lambda name, _, taken=taken: name in taken)
        monkeypatch.setattr(heap.ctypes, "CDLL", lambda _, library=library: library)
        monkeypatch.setattr(heap.sys, "platform", system)
        assert heap.keep_freed_memory() is done


@LINUX
def test_what_parameters_were_drawn_as_makes_room_for_the_optimizers_memory():
    program = """
        import numpy as np, xdl
        from xdl.kernels.common import buffers
        resident = lambda: int(open("/proc/self/statm").read().split()[1]) << 12
        xdl.zeros(1)
        before = resident()
        drawn = [np.ones(1 << 20, np.uint8) for _ in range(40)]
        last = np.ones(1 << 10)
        del drawn
        free = resident() - before
        state = buffers.zeros(1 << 20, np.uint8, 0)
        print(free >> 20, resident() - before >> 20)
    """
    free, left = map(int, run(textwrap.dedent(program)).split())
    assert free >= 38
    assert left <= 2


@LINUX
def test_what_numpys_temporaries_left_makes_room_for_new_pages_of_the_pool():
    program = """
        import numpy as np, xdl
        from xdl.kernels.common.buffers import pool
        from xdl.kernels.common.heap import give_back
        resident = lambda: int(open("/proc/self/statm").read().split()[1]) << 12
        xdl.zeros(1)
        give_back()  # what imports left
        before = resident()
        drawn = [np.ones(1 << 20, np.uint8) for _ in range(40)]
        last = np.ones(1 << 10)
        del drawn
        free = resident() - before
        y = pool.empty((20 << 20,), np.uint8)
        y.fill(1)
        print(free >> 20, resident() - before >> 20)
    """
    free, left = map(int, run(textwrap.dedent(program)).split())
    assert free >= 38
    assert 20 <= left <= 24
