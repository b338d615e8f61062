"""Launch plans: what all launches of a kernel with one grid share is checked and prepared once.

    plan = Plan(device, module, signature, grid, block, shared_bytes)
    plan.launch(arguments)

A launch then looks at the types of its arguments, and at the device, dtype and order of its arrays, and packs pointers
and numbers as C does in one call of `struct`, which refuses integers that their C type cannot hold. Checks look at
shapes, dtypes and flags, never at values, so nothing waits for the device. `XDL_CUDA_SYNC=1` waits after every launch,
so that an error names the kernel that caused it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from xdl import observe
from xdl.backend import dtype_name
from xdl.errors import BackendError, DtypeError, ShapeError, XdlError

from .signature import Signature
from .sizes import MAX_GRID_X, MAX_GRID_YZ

if TYPE_CHECKING:
    from .launch import Device

CODES = {  # struct's letters for the C types, which it aligns as C does
    "bool": "?",
    "uint8": "B",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
POINTER = "P"


class Parameters:
    """Memory for the arguments of one launch. address: of an array with a pointer to each, as the driver takes them."""

    def __init__(self, layout: struct.Struct, codes: str) -> None:
        self.memory = ctypes.create_string_buffer(layout.size)
        begin = ctypes.addressof(self.memory)
        self._pointers = (ctypes.c_void_p * len(codes))(*[begin + offset for offset in _offsets(codes)])
        self.address = ctypes.addressof(self._pointers)


class Plan:
    """A kernel with a grid, a block and dynamic shared memory that fit it.

    Raises ShapeError for sizes that do not fit, BackendError for a cooperative grid that the device has no room for.
    """

    def __init__(
        self,
        device: Device,
        module: Any,
        signature: Signature,
        grid: Sequence[int],
        block: Sequence[int],
        shared_bytes: int,
    ) -> None:
        self.device, self.module, self.signature, self.shared_bytes = device, module, signature, shared_bytes
        self.name = signature.name
        self.grid, self.block = _three(self.name, grid), _three(self.name, block)
        self._check_sizes()
        self.function = device.function(self)
        codes = "".join(POINTER if p.pointer else CODES[p.dtype] for p in signature.parameters)
        self._codes, self._layout = codes, struct.Struct(codes)
        self._arrays = [(i, p.dtype) for i, p in enumerate(signature.parameters) if p.pointer]
        self._fitting: set[tuple[type, ...]] = set()  # types of arguments that were seen and fit
        self._free: list[Parameters] = []  # a thread takes one for its launch and puts it back
        self._waits = os.environ.get("XDL_CUDA_SYNC") == "1"

    def launch(self, arguments: tuple[Any, ...]) -> None:
        """Queues the kernel.

        Raises BackendError for a wrong number of arguments and an array of another device; DtypeError and ShapeError
        for other arguments that do not fit.
        """
        types = tuple(map(type, arguments))
        if types not in self._fitting:
            self._check_types(arguments)
            self._fitting.add(types)
        if (watching := observe.launches) is not None:
            watching.launched(self.name, (self.grid, self.block), self._numbers(arguments))
        device, packed = self.device, list(arguments)
        for i, dtype in self._arrays:
            x = arguments[i]
            if x is None:
                packed[i] = 0
                continue
            if dtype_name(x) != dtype or not device.takes(x):
                self._refuse(i, x)
            packed[i] = device.address(x)
        try:
            parameters = self._free.pop()
        except IndexError:  # the first launch, or other threads have taken them all
            parameters = Parameters(self._layout, self._codes)
        try:
            self._layout.pack_into(parameters.memory, 0, *packed)
        except OverflowError:  # floats beyond float32 are infinite there, as NumPy has them
            pairs = zip(packed, self._codes, strict=True)
            infinite = [ctypes.c_float(value).value if code == "f" else value for value, code in pairs]
            self._layout.pack_into(parameters.memory, 0, *infinite)
        except struct.error:
            self._check_ranges(arguments)
            raise
        device.launch(self, parameters.address, arguments)
        self._free.append(parameters)
        if self._waits:
            self._wait()

    def _numbers(self, arguments: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
        pairs = zip(self.signature.parameters, arguments, strict=True)
        return tuple([(parameter.name, argument) for parameter, argument in pairs if not parameter.pointer])

    def _check_sizes(self) -> None:
        name, threads, signature = self.name, prod(self.block), self.signature
        if self.grid[0] > MAX_GRID_X or max(self.grid[1:]) > MAX_GRID_YZ:
            raise ShapeError(name, f"a grid of at most {(MAX_GRID_X, MAX_GRID_YZ, MAX_GRID_YZ)} blocks", self.grid)
        if signature.max_threads and threads > signature.max_threads:
            raise ShapeError(name, f"at most {signature.max_threads} threads a block (its launch bounds)", threads)
        if signature.dynamic_shared != (self.shared_bytes > 0):
            wanted = "dynamic shared memory" if signature.dynamic_shared else "no dynamic shared memory"
            raise ShapeError(name, wanted, f"{self.shared_bytes} bytes")
        if self.shared_bytes > self.device.shared_limit:
            limit = f"at most {self.device.shared_limit} bytes of shared memory on {self.device.name}"
            raise ShapeError(name, limit, self.shared_bytes)
        if signature.cooperative:
            room = self.device.concurrent_blocks(self.module, name, threads, self.shared_bytes)
            if prod(self.grid) > room:
                raise BackendError(
                    name, f"a cooperative grid of at most {room} blocks", prod(self.grid), "Take the fallback."
                )

    def _check_types(self, arguments: tuple[Any, ...]) -> None:
        parameters = self.signature.parameters
        if len(arguments) != len(parameters):
            raise BackendError(self.name, f"{len(parameters)} arguments", f"{len(arguments)}")
        for parameter, argument in zip(parameters, arguments, strict=True):
            what, found = f"argument {parameter.name}", type(argument).__qualname__
            if parameter.pointer:
                if not (argument is None and parameter.nullable) and not self.device.owns(argument):
                    wanted = f"{what} as an array of {self.device.name}"
                    raise BackendError(self.name, wanted, self.device.place(argument))
            elif isinstance(argument, bool) or not isinstance(argument, int):
                if not parameter.dtype.startswith("float"):
                    raise DtypeError(self.name, f"{what} as a Python int", found)
                if not isinstance(argument, float):
                    raise DtypeError(self.name, f"{what} as a Python float", found)

    def _check_ranges(self, arguments: tuple[Any, ...]) -> None:
        for parameter, argument in zip(self.signature.parameters, arguments, strict=True):
            try:
                if not parameter.pointer:
                    struct.pack(CODES[parameter.dtype], argument)
            except struct.error as error:
                wanted = f"argument {parameter.name} in the range of {parameter.dtype}"
                raise ShapeError(self.name, wanted, argument) from error

    def _refuse(self, i: int, x: Any) -> None:
        parameter = self.signature.parameters[i]
        what = f"argument {parameter.name}"
        if not self.device.owns(x):
            raise BackendError(self.name, f"{what} as an array of {self.device.name}", self.device.place(x))
        if dtype_name(x) != parameter.dtype:
            raise DtypeError(self.name, f"{what} of dtype {parameter.dtype}", x.dtype)
        raise ShapeError(self.name, f"{what} in C order", f"strides {x.strides} for shape {x.shape}")

    def _wait(self) -> None:
        if (watching := observe.launches) is not None:
            watching.refused(BackendError("capture", "a step that waits nowhere", "XDL_CUDA_SYNC=1", "Unset it"))
        try:
            self.device.synchronize()
        except XdlError:
            raise
        except Exception as error:
            raise BackendError(self.name, "a launch that ends well", f"{type(error).__name__}: {error}") from error


def _three(kernel: str, sizes: Sequence[int]) -> tuple[int, int, int]:
    filled = (*sizes, 1, 1, 1)[:3]
    if not 1 <= len(sizes) <= 3 or min(filled) < 1:
        raise ShapeError(kernel, "one to three positive sizes for grid and block", tuple(sizes))
    return filled[0], filled[1], filled[2]


def _offsets(codes: str) -> list[int]:
    """Where each argument begins: the size of all before it, and of itself, without itself."""
    return [struct.calcsize(codes[: i + 1]) - struct.calcsize(code) for i, code in enumerate(codes)]
