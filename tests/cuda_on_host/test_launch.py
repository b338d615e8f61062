"""The launcher refuses what the C signature does not take, and says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cuda_on_host.cases.probes import SOURCE as PROBES
from tests.cuda_on_host.needs import needs_compiler
from xdl.backends.cuda_on_host.build import build_kernels
from xdl.backends.cuda_on_host.host_device import CONCURRENT_BLOCKS, HostDevice, type_codes
from xdl.errors import BackendError, DataError, DtypeError, ShapeError
from xdl.kernels.cuda.launch import FOLDER, Kernels, blocks_for, grid_size
from xdl.kernels.cuda.launch import SOURCES as OWN
from xdl.kernels.cuda.signature import read_signatures

pytestmark = needs_compiler
CODES = {
    "float32": "f",
    "float64": "d",
    "bool": "b",
    "uint8": "b",
    "int32": "i",
    "uint32": "u",
    "int64": "l",
    "uint64": "v",
}
SOURCES = [*OWN.values(), PROBES]
DEFINED = {"recurrent_cell.cu": {"CELL": "lstm"}}  # what a file needs beside REAL


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("real", ["float32", "float64"])
def test_signatures_are_read_as_the_compiler_reads_them(source: Path, real: str) -> None:
    signatures = read_signatures(source, real)
    assert signatures
    defines = {"REAL": {"float32": "float", "float64": "double"}[real], **DEFINED.get(source.name, {})}
    module = build_kernels(source, "fast", defines)
    for name, signature in signatures.items():
        codes = [CODES[p.dtype].upper() if p.pointer else CODES[p.dtype] for p in signature.parameters]
        assert "".join(codes) == type_codes(module, name)


def test_no_kernel_is_overlooked() -> None:
    assert sorted(OWN.values()) == sorted(FOLDER.rglob("*.cu"))  # no name is there twice
    for source in SOURCES:
        assert source.read_text().count("__global__ void") == len(read_signatures(source)), source.name


def test_unknown_parameter_types_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "half.cu"
    source.write_text('extern "C" __global__ void half_precision(const half* x, int n) {}\n')
    with pytest.raises(DataError, match="const half"):
        read_signatures(source)


@pytest.fixture
def adam() -> tuple[Kernels, list]:
    device = HostDevice()
    buffers = [device.to_device(np.ones(4, np.float32)) for _ in range(4)]
    return Kernels(device, "adam.cu"), [*buffers, None, 4, *[0.5] * 11, 0]


def launch(adam: tuple[Kernels, list], place: int | None = None, value: object = None, **options: int) -> None:
    kernels, arguments = adam
    if place is not None:
        arguments[place] = value
    kernels.launch("adam_step", (1,), (32,), *arguments, **options)


def test_right_arguments_are_taken(adam) -> None:
    launch(adam)


@pytest.mark.parametrize(
    ("place", "value", "error", "message"),
    [
        (0, np.ones(4, np.float32), BackendError, "argument p as an array of cuda-on-host, found ndarray"),
        (0, None, BackendError, "argument p .* found NoneType"),
        (5, 4.0, DtypeError, "argument count as a Python int, found float"),
        (5, True, DtypeError, "argument count as a Python int, found bool"),
        (5, 2**63, ShapeError, "argument count in the range of int64"),
        (6, "fast", DtypeError, "argument rate as a Python float, found str"),
    ],
)
def test_wrong_arguments_are_refused(adam, place: int, value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        launch(adam, place, value)


def test_wrong_dtype_and_order_are_refused(adam) -> None:
    device = adam[0].device
    with pytest.raises(DtypeError, match="argument p of dtype float32, found float64"):
        launch(adam, 0, device.to_device(np.ones(4)))
    with pytest.raises(ShapeError, match="argument p in C order"):
        launch(adam, 0, device.to_device(np.ones(8, np.float32))[::2])


def test_wrong_sizes_are_refused(adam) -> None:
    kernels, arguments = adam
    with pytest.raises(BackendError, match="18 arguments, found 17"):
        kernels.launch("adam_step", (1,), (32,), *arguments[:-1])
    with pytest.raises(BackendError, match=r"Did you mean 'adam_step'"):
        kernels.launch("adam_stop", (1,), (32,), *arguments)
    with pytest.raises(ShapeError, match="at most 256 threads a block"):
        kernels.launch("adam_step", (1,), (512,), *arguments)
    with pytest.raises(ShapeError, match="positive sizes"):
        kernels.launch("adam_step", (0,), (32,), *arguments)
    with pytest.raises(ShapeError, match="no dynamic shared memory, found 16 bytes"):
        launch(adam, shared_bytes=16)


def test_shared_memory_is_checked() -> None:
    device = HostDevice()
    kernels = Kernels(device, "conv_tf32.cu")
    x = device.to_device(np.zeros((1, 1, 1, 4), np.float32))
    arguments = (x, x, None, device.empty((1,), "float32"), *[1] * 16)
    with pytest.raises(ShapeError, match="dynamic shared memory, found 0 bytes"):
        kernels.launch("conv_tf32_forward", (1,), (256,), *arguments)
    with pytest.raises(ShapeError, match="at most 232448 bytes of shared memory"):
        kernels.launch("conv_tf32_forward", (1,), (256,), *arguments, shared_bytes=232449)


def test_a_cooperative_grid_that_does_not_fit_is_refused() -> None:
    device = HostDevice()
    kernels = Kernels(device, "recurrent_persistent.cu")
    signature = kernels.signatures["recurrent_persistent_forward"]
    arguments = [device.empty((1,), p.dtype) if p.pointer else 1 for p in signature.parameters]
    with pytest.raises(BackendError, match=f"a cooperative grid of at most {CONCURRENT_BLOCKS} blocks, found 136"):
        kernels.launch(signature.name, (8, 17), (256,), *arguments)


def test_sync_names_the_kernel(adam, monkeypatch) -> None:
    def broken() -> None:
        raise RuntimeError("an illegal memory access was encountered")

    monkeypatch.setattr(adam[0].device, "synchronize", broken)
    launch(adam)
    monkeypatch.setenv("XDL_CUDA_SYNC", "1")
    with pytest.raises(BackendError, match=r"adam_step: .* illegal memory access"):
        Kernels(adam[0].device, "adam.cu").launch("adam_step", (1,), (32,), *adam[1])


def test_a_grid_is_checked_once_and_its_memory_used_again(adam) -> None:
    launch(adam)
    launch(adam)
    (plan,) = adam[0]._plans.values()
    assert len(plan._free) == 1
    launch(adam, 6, 0.25)
    assert plan._layout.unpack(plan._free[0].memory.raw)[5:7] == (4, 0.25)


def test_a_float_beyond_float32_is_infinite_there(adam) -> None:
    for value, kept in ((1e39, np.inf), (-1e300, -np.inf), (np.nan, np.nan), (3.5e38, np.inf)):
        launch(adam, 6, value)
        (plan,) = adam[0]._plans.values()
        assert np.array_equal(plan._layout.unpack(plan._free[0].memory.raw)[6], kept, equal_nan=True)


def test_grids_cover_their_items() -> None:
    assert [blocks_for(count, 256) for count in (0, 1, 256, 257)] == [1, 1, 1, 2]
    assert [grid_size(count) for count in (0, 1, 65536)] == [1, 1, 65535]
