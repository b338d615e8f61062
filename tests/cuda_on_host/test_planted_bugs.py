"""The harness finds every bug of planted_bugs.cu in the mode meant for it, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cuda_on_host.needs import needs_compiler
from xdl.backends.cuda_on_host.host_device import BACKWARD, FORWARD, SHUFFLED, HostArray, HostDevice
from xdl.errors import BackendError
from xdl.kernels.cuda.launch import Kernels

pytestmark = needs_compiler
SOURCE = Path(__file__).parent / "planted_bugs.cu"

# kernel: mode, part of the report, elements, n, blocks, bytes of dynamic shared memory
FINDINGS = {
    "shared_memory_race": ("tsan", "data race", 256, 0, 1, 0),
    "race_inside_a_warp": ("tsan", "data race", 256, 0, 1, 0),
    "race_between_blocks": ("tsan", "data race", 256, 0, 3, 0),
    "addition_without_atomic": ("tsan", "data race", 256, 1, 1, 0),
    "copy_without_barrier": ("tsan", "data race", 1024, 0, 1, 4096),
    "copy_too_early": ("tsan", "data race", 1024, 0, 1, 4096),
    "signal_not_awaited": ("tsan", "data race", 512, 1, 2, 0),
    "shared_array_overrun": ("asan", "out of bounds", 256, 0, 1, 0),
    "dynamic_shared_overrun": ("asan", "heap-buffer-overflow", 256, 0, 1, 1000),
    "global_overrun": ("asan", "heap-buffer-overflow", 256, 1, 1, 0),
    "local_array_overrun": ("asan", "out of bounds", 256, 1, 1, 0),
    "null_pointer": ("asan", "SEGV on unknown address", 256, 1, 1, 0),
    "misaligned_vector": ("asan", "misaligned", 260, 1, 1, 0),
    "misaligned_load_of_16_bytes": ("fast", "load of 16 bytes from an address not aligned", 260, 1, 1, 0),
    "misaligned_store_of_8_bytes": ("fast", "store of 8 bytes to an address not aligned", 260, 1, 1, 0),
    "integer_overflow": ("asan", "overflow", 256, 16384, 1, 0),
    "divergent_barrier": ("fast", "barrier divergence", 256, 1, 1, 0),
    "exit_before_barrier": ("fast", "deadlock", 256, 1, 1, 0),
    "shuffle_in_a_branch": ("fast", "deadlock", 256, 0, 1, 0),
    "shuffle_with_half_a_mask": ("fast", "all 32 lanes", 256, 0, 1, 0),
}


def run(kernel: str, mode: str, elements: int, n: int, blocks: int, shared: int, order: int = FORWARD) -> HostArray:
    device = HostDevice(mode, order)
    out = device.to_device(np.arange(elements, dtype=np.float32))
    Kernels(device, str(SOURCE)).launch(kernel, (blocks,), (256,), out, n, shared_bytes=shared)
    return out


@pytest.mark.parametrize("kernel", FINDINGS)
def test_the_bug_is_found(kernel: str) -> None:
    mode, report, *shape = FINDINGS[kernel]
    with pytest.raises(BackendError, match=report):
        run(kernel, mode, *shape)


@pytest.mark.parametrize(
    ("kernel", "shared"), [("shared_not_initialised", 0), ("dynamic_shared_not_initialised", 1024)]
)
def test_what_nobody_wrote_is_nan(kernel: str, shared: int) -> None:
    out = run(kernel, "fast", 256, 0, 1, shared)
    assert np.flatnonzero(np.isnan(out)).tolist() == [7]


def test_a_copy_not_waited_for_brings_nothing() -> None:
    assert np.isnan(run("copy_without_wait", "fast", 1024, 0, 1, 4096)[::4]).all()


def test_a_copy_may_also_land_at_once() -> None:
    late = run("copy_too_early", "fast", 1024, 0, 1, 4096, FORWARD)
    early = run("copy_too_early", "fast", 1024, 0, 1, 4096, BACKWARD)
    assert not np.array_equal(late, early)


def test_thread_orders_tell_races_apart() -> None:
    results = [run("shared_memory_race", "fast", 256, 0, 1, 0, order) for order in (FORWARD, BACKWARD, SHUFFLED)]
    assert not np.array_equal(results[0], results[1], equal_nan=True)
    assert not np.array_equal(results[0], results[2], equal_nan=True)


@pytest.mark.parametrize("mode", ["fast", "asan", "tsan"])
def test_a_clean_kernel_passes(mode: str) -> None:
    out = run("free_of_bugs", mode, 256, 1, 1, 0)
    sums = np.arange(256).reshape(8, 32).sum(1)[(np.arange(8) + 2) % 8]
    assert np.array_equal(out, np.repeat(sums + 1, 32))


def test_every_planted_bug_is_tested() -> None:
    kernels = {"shared_not_initialised", "dynamic_shared_not_initialised", "copy_without_wait", "free_of_bugs"}
    assert {*FINDINGS, *kernels} == set(Kernels(HostDevice(), str(SOURCE)).signatures)
