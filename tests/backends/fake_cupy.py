"""A package `cupy` without a GPU: arrays are NumPy's, and kernels run through the harness of tests/cuda_on_host.

It is strict where the driver is: scalars need their exact C type, more than 48 KiB of shared memory must be asked for,
and blocks that wait for each other need a cooperative launch. Tests break one part of it to play a faulty machine.
"""

from contextlib import contextmanager
from math import prod
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

from tests.backends.fake_cards import Card, Device, cards
from xdl.backends.cuda_on_host.build import build_kernels
from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.kernels.cuda.launch import Launch, Scalar

FREE_SHARED_BYTES = 48 << 10
CUDA_DEVICE = 2  # DLPack's kDLCUDA
TOTAL_MEMORY = 80 << 30
PROPERTIES = {
    "name": b"Fake GPU",
    "major": 9,
    "minor": 0,
    "multiProcessorCount": 132,
    "sharedMemPerBlockOptin": 227 << 10,
    "l2CacheSize": 50 << 20,
    "totalGlobalMem": TOTAL_MEMORY,
}


class DeviceArray(np.ndarray):
    """What the fake package calls cupy.ndarray."""

    @property
    def data(self):
        """The memory that it begins in."""
        return SimpleNamespace(ptr=self.ctypes.data, device_id=self.card)

    @property
    def device(self):
        """The card that it lives on."""
        return Card.of(self.card)

    def __array_finalize__(self, other):
        while other is not None and not hasattr(other, "card"):
            other = getattr(other, "base", None)
        self.card = cards.current if other is None else other.card

    def __dlpack_device__(self):
        return CUDA_DEVICE, self.card


class CUDARuntimeError(RuntimeError):
    def __init__(self, status):
        super().__init__(f"cudaError {status}\nmore lines")
        self.status = status


class OutOfMemoryError(MemoryError):
    """CuPy's own."""


class Cupyx(ModuleType):
    """The package `cupyx`: what cuSOLVER says of a matrix is looked at only inside errstate(linalg="raise")."""

    looked = False

    @contextmanager
    def errstate(self, *, linalg):
        assert linalg in ("ignore", "raise")
        self.looked = linalg == "raise"
        yield
        self.looked = False


class Pool:
    """The default memory pool; it counts nothing, but has a limit."""

    def __init__(self):
        self.limit = 0

    def malloc(self, size):
        if self.limit and size > self.limit:
            raise OutOfMemoryError(f"Out of memory allocating {size} bytes")

    def used_bytes(self):
        return 1024

    def free_bytes(self):
        return 512

    def get_limit(self):
        return self.limit

    def set_limit(self, size):
        self.limit = size


class Function:
    """A kernel of a loaded module, called as CuPy calls one."""

    def __init__(self, fake, library, name):
        self.fake, self.library, self.name = fake, library, name
        self.ptr = 0x1000 + len(fake.functions)
        self.shared_allowed = FREE_SHARED_BYTES
        self.card = cards.current
        fake.functions[self.ptr] = self

    def __call__(self, grid, block, arguments, *, shared_mem, enable_cooperative_groups):
        assert shared_mem <= self.shared_allowed, "CUDA_ERROR_INVALID_VALUE"
        self.fake.launched.append((self.name, arguments, shared_mem, enable_cooperative_groups))
        checked = tuple(self._argument(argument) for argument in arguments)
        launch = Launch(grid, block, checked, shared_mem, enable_cooperative_groups)
        HostDevice().launch(self.library, self.name, launch)

    def _argument(self, argument):
        assert argument is None or isinstance(argument, DeviceArray | np.generic), "not an argument of exact C type"
        return Scalar(str(argument.dtype), argument.item()) if isinstance(argument, np.generic) else argument


def make():
    """A fake CuPy on which everything works. It notes what was launched and waited for."""
    fake = ModuleType("cupy")
    fake.__version__ = "14.2.0"
    fake.waited, fake.launched, fake.functions = [], [], {}
    fake.ndarray = DeviceArray
    for name in ("uint8", "int32", "int64", "uint32", "uint64", "float32", "float64", "matmul"):
        setattr(fake, name, getattr(np, name))
    cards.current = 0
    fake.cublas = SimpleNamespace(gemm=_gemm)
    fake.arange = np.arange
    fake.pool = Pool()

    def set_attribute(ptr, attribute, size):
        assert attribute == fake.cuda.driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        fake.functions[ptr].shared_allowed = size

    fake.get_default_memory_pool = lambda: fake.pool
    _add_arrays(fake)
    fake.cuda = SimpleNamespace(
        Device=Device,
        get_current_stream=lambda: SimpleNamespace(synchronize=lambda: fake.waited.append("stream")),
        nvrtc=SimpleNamespace(getVersion=lambda: (12, 9)),
        runtime=SimpleNamespace(
            CUDARuntimeError=CUDARuntimeError,
            getDevice=lambda: cards.current,
            driverGetVersion=lambda: 12080,
            runtimeGetVersion=lambda: 12090,
            getDeviceCount=lambda: 1,
            getDeviceProperties=lambda _id: PROPERTIES,
            memGetInfo=lambda: (TOTAL_MEMORY // 2, TOTAL_MEMORY),
        ),
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        cusolver=SimpleNamespace(),
        function=SimpleNamespace(Module=lambda: _Module(fake)),
        driver=SimpleNamespace(
            CUDADriverError=CUDARuntimeError,
            CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES=8,
            funcSetAttribute=set_attribute,
            occupancyMaxActiveBlocksPerMultiprocessor=lambda _ptr, _threads, _shared: 1,
        ),
        get_allocator=lambda: fake.allocator,
        set_allocator=lambda allocator: setattr(fake, "allocator", allocator),
    )
    fake.allocator = fake.pool.malloc
    return fake


def _gemm(transa, transb, a, b, out, alpha=1.0, beta=0.0):
    """out = alpha a b + beta out, of matrices of one dtype; transa and transb are "N" or "T"."""
    assert a.ndim == b.ndim == out.ndim == 2
    assert a.dtype == b.dtype == out.dtype
    a, b = ({"N": x, "T": x.T}[how] for how, x in ((transa, a), (transb, b)))
    out[...] = alpha * (a @ b) + beta * out


def _add_arrays(fake):
    def empty(shape, dtype):
        """Full of NaN or -1, so that an element that nobody writes is seen."""
        fake.allocator(prod(shape) * np.dtype(dtype).itemsize)
        array = np.ndarray.__new__(DeviceArray, shape, dtype)
        np.asarray(array).reshape(-1).view(np.uint8).fill(0xFF)
        return array

    def array(host, order="C"):
        source = np.asarray(host, order=order)
        made = empty(source.shape, source.dtype)
        made[...] = source
        return made

    fake.empty, fake.array, fake.asarray = empty, array, array
    fake.asnumpy = np.array


class _Module:
    """A module; what stands for its cubin is the path of the host's library."""

    def __init__(self, fake):
        self.fake, self.kernels = fake, {}

    def load(self, cubin):
        self.library = Path(cubin.decode())

    def get_function(self, name):
        if name not in self.kernels:
            self.kernels[name] = Function(self.fake, self.library, name)
        return self.kernels[name]


class Compiled:
    """In place of CompiledCache: compiles for the CPU."""

    def __init__(self, architecture):
        self.architecture = architecture
        self.nvrtc = SimpleNamespace(version=(12, 9))

    def cubin(self, path, defines):
        return str(build_kernels(path, "fast", defines)).encode()
