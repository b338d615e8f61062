"""What the backends that run xdl's CUDA kernels share: a device, the kernel versions, and the error flag.

An operation that meets a wrong value (a label, a token, an integer divisor 0) cannot raise; it writes 1 to the
backend's flag. The flag is read
where values come to the host anyway, so that nothing waits for the device only to check.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from xdl.errors import DataError
from xdl.observe import host_read

KERNELS = (
    "conv.conv2d",
    "conv.pool",
    "elementwise.pointwise",
    "elementwise.random",
    "index.embedding",
    "norm.batch_norm",
    "optim.adam",
    "optim.adaptive",
    "optim.sgd",
    "products.linear",
    "recurrent.sequence",
    "reduce.softmax",
)


class CudaBackend:
    """The base of `cupy` and `cuda-on-host`. device: see `xdl.kernels.cuda.launch.Device`."""

    name = ""
    accelerated = True
    host_values = False
    home: int | None = None

    def __init__(self, device: Any, xp: Any) -> None:
        self.device = device
        self.xp = xp
        self.flag = self.new_flag()
        for name in KERNELS:
            import_module(f"xdl.kernels.cuda.{name}")

    def new_flag(self) -> Any:
        """An error flag that is down."""
        return self.xp.zeros((1,), dtype=self.xp.uint32)

    def check_values(self, operation: str, expected: str, wrong: Any) -> None:
        """Writes 1 to the flag if the bool array has a True in it. Waits for nothing, so it cannot say more."""
        del operation, expected
        self.flag[...] = self.xp.maximum(self.flag, self.xp.astype(self.xp.any(wrong), self.xp.uint32))

    def shares_memory(self, a: Any, b: Any) -> bool:
        """Whether the ranges of bytes overlap."""
        return bool(self.device.may_share_memory(a, b))

    def writable(self, x: Any) -> bool:
        """Device memory always is."""
        del x
        return True

    def linear_algebra(self) -> AbstractContextManager[Any]:
        """Nothing has to be made ready."""
        return nullcontext()

    def check_flag(self) -> None:
        """Raises DataError if an operation met a value out of range since the last check. Waits for the device."""
        host_read("check_flag", self.flag)
        if int(self.device.to_host(self.flag)[0]):
            self.flag[...] = 0
            raise DataError(self.name, "labels, tokens, divisors and exponents inside their range", "one outside")
