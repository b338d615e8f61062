"""The CuPy backend's memory on the stand-in: limits, reports, the error when it is full, and handing arrays over."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.stand_in_cupy.machine import Machine
from xdl import backend
from xdl.backends.cupy_memory import largest_arrays, read_limit, size_in_words
from xdl.errors import BackendError, DeviceMemoryError, SettingError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("1.5KiB", 1536),
        ("512 MiB", 512 << 20),
        ("8GiB", 8 << 30),
        ("80%", 800),
        ("100%", 1000),
    ],
)
def test_limits_are_read(text, size):
    assert read_limit(text, 1000) == size


@pytest.mark.parametrize("text", ["", "8GB", "-1", "101%", "much", "1e9"])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(SettingError, match="XDL_GPU_MEMORY_LIMIT: expected bytes, KiB, MiB, GiB or a percentage"):
        read_limit(text, 1000)


def test_sizes_in_words():
    assert [size_in_words(n) for n in (0, 1023, 1536, 3 << 20, 3 << 29)] == [
        "0 bytes",
        "1023 bytes",
        "1.50 KiB",
        "3.00 MiB",
        "1.50 GiB",
    ]


def test_the_limit_of_the_environment_holds_from_the_start(stand_in, monkeypatch):
    monkeypatch.setenv("XDL_GPU_MEMORY_LIMIT", "25%")
    b = backend.load("cupy")
    assert b.memory().limit == Machine.total_memory // 4
    b.set_memory_limit("8GiB")
    assert b.memory().limit == 8 << 30
    b.set_memory_limit(0)
    assert b.memory().limit == 0


def test_without_the_variable_cupys_own_limit_stays(stand_in, monkeypatch):
    monkeypatch.delenv("XDL_GPU_MEMORY_LIMIT", raising=False)
    stand_in.get_default_memory_pool().set_limit(size=5 << 30)  # as CUPY_GPU_MEMORY_LIMIT does
    assert backend.load("cupy").memory().limit == 5 << 30


def test_a_wrong_limit_stops_the_backend(stand_in, monkeypatch):
    monkeypatch.setenv("XDL_GPU_MEMORY_LIMIT", "lots")
    with pytest.raises(SettingError, match="'lots'"):
        backend.load("cupy")


def test_the_largest_arrays_are_found_without_their_views(stand_in):
    b = backend.load("cupy")
    held = [b.asarray(np.zeros(n, np.float32)) for n in (3000, 90000, 70000)]
    views = [held[1][5:], held[2][::2]]
    assert [len(x) for x in largest_arrays(stand_in.ndarray, 2)] == [90000, 70000]
    del held[1], views[0]
    assert [len(x) for x in largest_arrays(stand_in.ndarray, 2)] == [70000, 3000]


def test_an_array_that_is_being_made_is_not_counted():
    class Array:
        nbytes, base, data = 8, None, None

    unfinished, finished = Array(), Array()
    finished.data = object()
    assert largest_arrays(Array, 5) == [finished]
    assert unfinished.data is None


def test_a_full_device_names_what_fills_it_and_what_to_do(stand_in):
    b = xdl.use("cupy")
    big = xdl.tensor(np.zeros((300, 1000), np.float32))
    b.set_memory_limit("2MiB")
    with pytest.raises(DeviceMemoryError) as caught:
        xdl.tensor(np.zeros((1000, 1000), np.float32))
    message = str(caught.value)
    assert isinstance(caught.value, MemoryError)
    assert "cupy: expected room for 3.81 MiB on the device" in message
    assert "found 40.00 GiB of 80.00 GiB free, 1.15 MiB of 2.00 MiB allowed held by arrays" in message
    assert f"the largest of them: {big.shape} float32 1.14 MiB" in message
    assert "Take a smaller batch, evaluate under no_grad()" in message
    assert "raise XDL_GPU_MEMORY_LIMIT" in message
    assert xdl.tensor([1.0, 2.0]).tolist() == [1, 2]  # work goes on


def test_another_error_of_the_allocator_is_passed_on(stand_in):
    def broken(_size):
        raise RuntimeError("an illegal memory access")

    b = xdl.use("cupy")
    stand_in.cuda.set_allocator(b._reporting(broken))
    with pytest.raises(RuntimeError, match="illegal memory access"):
        xdl.tensor([1.0])


def test_arrays_are_handed_over_on_the_device(stand_in):
    xdl.use("cupy")
    x = xdl.tensor([[1.0, 2.0]])
    assert x.__dlpack_device__() == (2, 0)
    y = xdl.from_dlpack(x)
    assert type(y.array) is stand_in.ndarray
    y.array[0, 0] = 7
    assert x.tolist() == [[7, 2]]


def test_arrays_of_the_host_are_not_taken_for_arrays_of_the_device(stand_in):
    xdl.use("cupy")
    with pytest.raises(BackendError, match=r"memory of cupy's device \(DLPack device type 2\), found type 1\. Copy it"):
        xdl.from_dlpack(np.ones(3))


def test_memory_is_shared_on_the_host_too():
    x = np.ones(3, np.float32)
    y = xdl.from_dlpack(x)
    x[0] = 5
    assert y.tolist() == [5, 1, 1]


@needs_compiler
def test_a_bad_label_is_reported_when_values_come_to_the_host(stand_in):
    xdl.use("cupy")
    loss = xdl.functional.cross_entropy(xdl.zeros(2, 3), xdl.tensor([0, 3]))
    with pytest.raises(xdl.errors.DataError, match="cupy: expected labels, indices"):
        loss.item()
    assert np.isnan(loss.item())  # the flag is down again
