"""The modules of the stand-in, as CuPy lays its own out."""

from types import ModuleType

import numpy as np

from . import blas, creation, devices, kernels, linear_algebra, machine, memory, methods  # noqa: F401 (it completes)
from .array import ndarray
from .catalogue import FUNCTIONS, OTHERS, UFUNCS
from .routines import FUNCTION
from .ufuncs import UFUNC, ufunc

VERSION = "14.2.0"
CREATING = (
    "empty zeros ones full empty_like zeros_like ones_like full_like arange linspace eye tri array asarray "
    "ascontiguousarray asnumpy from_dlpack"
).split()
DTYPES = "bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128 intp"
KINDS = "bool dtype finfo iinfo generic number integer signedinteger unsignedinteger inexact floating complexfloating"
FROM_NUMPY = (*DTYPES.split(), *KINDS.split(), "newaxis", "pi", "e", "inf", "nan")
RUNTIME_CONSTANTS = {"CUDA_R_32F": 0, "CUDA_R_64F": 1, "CUDA_R_16F": 2, "CUDA_R_16BF": 14}


class CUDARuntimeError(RuntimeError):
    """CuPy's own."""

    def __init__(self, status):
        super().__init__(f"cudaError {status}\nmore lines")
        self.status = status


def modules():
    """Name -> module, all new."""
    made = {"cupy": _cupy(), "cupy.linalg": ModuleType("cupy.linalg"), "cupy.fft": ModuleType("cupy.fft")}
    for name in ("linalg", "fft"):
        vars(made[f"cupy.{name}"]).update(linear_algebra.functions(name))
    made["cupy.linalg"].LinAlgError = np.linalg.LinAlgError
    made["cupy.cublas"] = _module("cupy.cublas", gemm=blas.gemm)
    made |= _cuda()
    made["cupyx"] = _module("cupyx", errstate=linear_algebra.errstate)
    for name, module in made.items():
        module.__path__ = []
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(made[parent], own, module)
    return made


def _module(name, **content):
    made = ModuleType(name)
    vars(made).update(content)
    return made


def _cupy():
    made = _module("cupy", __version__=VERSION, ndarray=ndarray, ufunc=ufunc, **UFUNC, **FUNCTION)
    vars(made).update({name: getattr(creation, name) for name in CREATING})
    vars(made).update({name: getattr(np, name) for name in FROM_NUMPY})
    made.get_default_memory_pool = memory.get_default_memory_pool
    made.may_share_memory = lambda a, b, max_work=None: np.may_share_memory(a._host, b._host)
    made.shares_memory = lambda a, b, max_work=None: np.shares_memory(a._host, b._host)
    made.is_available = lambda: machine.played.devices > 0

    def __getattr__(name):
        if name in FUNCTIONS or name in UFUNCS or name in OTHERS:
            raise NotImplementedError(f"the stand-in has no cupy.{name} yet")
        raise AttributeError(f"module 'cupy' has no attribute {name!r}")

    made.__getattr__ = __getattr__
    return made


def _cuda():
    """cupy.cuda and the modules in it."""
    runtime = _module(
        "cupy.cuda.runtime",
        CUDARuntimeError=CUDARuntimeError,
        driverGetVersion=lambda: machine.played.driver,
        runtimeGetVersion=lambda: machine.played.runtime,
        getDeviceCount=lambda: machine.played.devices,
        getDevice=machine.current_device,
        setDevice=machine.set_device,
        getDeviceProperties=lambda device: machine.played.properties(),
        memGetInfo=lambda: devices.Device().mem_info,
        deviceSynchronize=lambda: devices.Device().synchronize(),
        streamSynchronize=lambda stream: devices.get_current_stream().synchronize(),
        deviceCanAccessPeer=lambda device, peer: machine.played.peers,
        **RUNTIME_CONSTANTS,
    )
    driver = _module(
        "cupy.cuda.driver",
        CUDADriverError=kernels.CUDADriverError,
        CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES=kernels.MAX_DYNAMIC_SHARED,
        funcSetAttribute=kernels.func_set_attribute,
        occupancyMaxActiveBlocksPerMultiprocessor=kernels.occupancy,
        launchKernel=kernels.launch_kernel,
        launchCooperativeKernel=kernels.launch_cooperative_kernel,
    )
    memory_module = _module(
        "cupy.cuda.memory",
        OutOfMemoryError=memory.OutOfMemoryError,
        MemoryPool=memory.MemoryPool,
        MemoryPointer=memory.MemoryPointer,
    )
    device = _module(
        "cupy.cuda.device", Device=devices.Device, get_cublas_handle=lambda: devices.Device().cublas_handle
    )
    cuda = _module(
        "cupy.cuda",
        Device=devices.Device,
        Stream=devices.Stream,
        Event=devices.Event,
        Module=kernels.Module,
        Function=kernels.Function,
        MemoryPool=memory.MemoryPool,
        MemoryPointer=memory.MemoryPointer,
        get_current_stream=devices.get_current_stream,
        get_elapsed_time=devices.get_elapsed_time,
        get_device_id=machine.current_device,
        get_cublas_handle=device.get_cublas_handle,
        get_allocator=memory.get_allocator,
        set_allocator=memory.set_allocator,
        using_allocator=memory.using_allocator,
        alloc=memory.alloc,
        is_available=lambda: machine.played.devices > 0,
        cusolver=_module("cupy.cuda.cusolver"),
    )
    made = {
        "runtime": runtime,
        "driver": driver,
        "memory": memory_module,
        "device": device,
        "nvrtc": _module("cupy.cuda.nvrtc", getVersion=lambda: machine.played.nvrtc),
        "function": _module("cupy.cuda.function", Module=kernels.Module, Function=kernels.Function),
        "cublas": _module("cupy.cuda.cublas", **blas.CONSTANTS, **blas.FUNCTIONS),
    }
    return {"cupy.cuda": cuda, **{f"cupy.cuda.{name}": module for name, module in made.items()}}
