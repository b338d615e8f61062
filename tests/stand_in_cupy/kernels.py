"""Kernels of modules, run on the CPU by the harness, with the driver's refusals; what cupy.cuda.driver has of them."""

import ctypes
import warnings
from functools import cache
from itertools import count
from math import prod
from pathlib import Path
from types import SimpleNamespace
from weakref import WeakValueDictionary

import numpy as np

from xdl.backends.cuda_on_host.build import build_kernels
from xdl.backends.cuda_on_host.host_device import CONCURRENT_BLOCKS, FORWARD, LaunchConfiguration, type_codes

from . import devices, machine
from .array import ndarray
from .counts import note
from .memory import MemoryPointer

MAX_DYNAMIC_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
ALIGNED = 16  # bytes that kernels of xdl read at once
GRID_LIMITS = (2**31 - 1, 65535, 65535)
MAX_THREADS = 1024
CODES = {"float32": "f", "float64": "d", "int32": "i", "uint32": "u", "int64": "l", "uint64": "v", "uint8": "b"}
PYTHON = {int: np.int64, float: np.float64, bool: np.uint8}  # what CuPy makes of Python's numbers


class CUDADriverError(RuntimeError):
    """CuPy's own."""


class Compiled:
    """In the place of xdl's CompiledCache: compiles for the CPU; what stands for a cubin is the path of the library."""

    def __init__(self, architecture, folder=None):
        self.architecture = architecture
        self.nvrtc = SimpleNamespace(version=machine.played.nvrtc)

    def cubin(self, path, defines):
        """The library's path."""
        return str(build_kernels(path, "fast", defines)).encode()


class Module:
    """The kernels of a file, loaded on the current card."""

    def __init__(self):
        self._kernels = {}

    def load(self, cubin):
        """Loads what Compiled has made."""
        self.path, self.device = Path(cubin.decode()), machine.current_device()

    def get_function(self, name):
        """The kernel of that name."""
        if name not in self._kernels:
            self._kernels[name] = Function(self, name)
        return self._kernels[name]


class Function:
    """A kernel. ptr: what the driver knows it by."""

    def __init__(self, module, funcname):
        self.module, self.name = module, funcname
        self.library = _library(str(module.path))
        self.codes = type_codes(module.path, funcname)
        self.shared_allowed = machine.FREE_SHARED_BYTES
        self.ptr = next(_addresses)
        FUNCTIONS[self.ptr] = self

    def __call__(self, grid, block, args, shared_mem=0, stream=None, enable_cooperative_groups=False):
        cells = [_cell(argument, code) for argument, code in zip(args, self.codes, strict=True)]
        addresses = (ctypes.c_void_p * max(1, len(cells)))(*[ctypes.addressof(cell) for cell in cells])
        grid, block = (*grid, 1, 1)[:3], (*block, 1, 1)[:3]
        if enable_cooperative_groups and prod(grid) > CONCURRENT_BLOCKS:
            warnings.warn(f"The grid size will be reduced from {prod(grid)} to {CONCURRENT_BLOCKS}", stacklevel=2)
        self.run(grid, block, shared_mem, ctypes.addressof(addresses), enable_cooperative_groups)

    def run(self, grid, block, shared_bytes, parameters, cooperative):
        """Runs it with the addresses of its arguments."""
        fits = all(0 < size <= limit for size, limit in zip(grid, GRID_LIMITS, strict=True))
        if not fits or not 0 < prod(block) <= MAX_THREADS or shared_bytes > self.shared_allowed:
            raise CUDADriverError("CUDA_ERROR_INVALID_VALUE: invalid argument")
        if self.module.device != machine.current_device():
            raise CUDADriverError("CUDA_ERROR_INVALID_HANDLE: invalid resource handle")
        addresses = (ctypes.c_void_p * len(self.codes)).from_address(parameters) if self.codes else ()
        pointers = [
            ctypes.c_void_p.from_address(address).value or 0
            for address, code in zip(addresses, self.codes, strict=True)
            if code.isupper()
        ]
        note("misaligned", self.name, sum(pointer % ALIGNED != 0 for pointer in pointers))
        note("launches", self.name)
        if devices.get_current_stream().is_capturing():
            return
        launch = LaunchConfiguration(grid, block, shared_bytes, cooperative, FORWARD)
        if getattr(self.library, f"xdl_run_{self.name}")(ctypes.c_void_p(parameters), ctypes.byref(launch)):
            self.library.xdl_error.restype = ctypes.c_char_p
            raise CUDADriverError(f"{self.name}: {self.library.xdl_error().decode()}")


FUNCTIONS: WeakValueDictionary[int, Function] = WeakValueDictionary()
_addresses = count(0x1000)
_library = cache(ctypes.CDLL)


def _cell(argument, code):
    """The bytes of an argument; its C type must be the parameter's."""
    if argument is None or isinstance(argument, ndarray | MemoryPointer):
        assert code.isupper(), f"a pointer for a parameter of type {code!r}"
        data = argument.data if isinstance(argument, ndarray) else argument
        return ctypes.c_void_p(None if data is None else data.ptr)
    if isinstance(argument, int) and code.isupper():
        return ctypes.c_void_p(argument)
    value = PYTHON[type(argument)](argument) if type(argument) in PYTHON else argument
    assert isinstance(value, np.generic), f"{type(argument)} is no argument of a kernel"
    assert CODES[str(value.dtype)] == code, f"a {value.dtype} for a parameter of type {code!r}"
    return ctypes.create_string_buffer(value.tobytes())


def func_set_attribute(f, attribute, value):
    """More shared memory is asked for."""
    assert attribute == MAX_DYNAMIC_SHARED
    if value > machine.played.shared_optin:
        raise CUDADriverError("CUDA_ERROR_INVALID_VALUE: invalid argument")
    FUNCTIONS[f].shared_allowed = value


def occupancy(func, block_size, dynamic_shared):
    """One block on each multiprocessor."""
    return 1


def launch_kernel(f, gx, gy, gz, bx, by, bz, shared_mem_bytes, stream, kernel_params, extra):
    """With the address of the arguments' addresses."""
    FUNCTIONS[f].run((gx, gy, gz), (bx, by, bz), shared_mem_bytes, kernel_params, False)


def launch_cooperative_kernel(f, gx, gy, gz, bx, by, bz, shared_mem_bytes, stream, kernel_params):
    """The same; a grid that does not fit at once is refused."""
    if gx * gy * gz > CONCURRENT_BLOCKS:
        raise CUDADriverError("CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE")
    FUNCTIONS[f].run((gx, gy, gz), (bx, by, bz), shared_mem_bytes, kernel_params, True)
