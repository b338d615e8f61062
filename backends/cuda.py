"""What the backends that run xdl's CUDA kernels share: a device, the kernel versions, and the error flag.

An operation that meets a wrong value (a label, an index, an integer divisor 0) cannot raise; a kernel writes 1 to the
backend's flag. The flag is read where values come to the host anyway, so that nothing waits for the device only to
check.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from xdl.errors import DataError
from xdl.observe import host_read

KERNELS = (
    "conv.conv2d",
    "conv.conv_activation",
    "conv.pool",
    "conv.resample",
    "elementwise.division",
    "elementwise.pointwise",
    "elementwise.random",
    "index.along",
    "index.embedding",
    "index.pad",
    "index.put_items",
    "index.top_indices",
    "loss.cross_entropy",
    "loss.element_loss",
    "norm.batch_norm",
    "norm.batch_norm_activation",
    "norm.group_norm",
    "norm.layer_norm",
    "optim.adam",
    "optim.adaptive",
    "optim.clip",
    "optim.matrices",
    "optim.parts",
    "optim.sgd",
    "products.linear",
    "products.linear_activation",
    "recurrent.persistent_sequence",
    "recurrent.sequence",
    "reduce.scan",
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
        self._checks = import_module("xdl.kernels.cuda.index.checks")
        self._dense = import_module("xdl.kernels.cuda.slots").dense

    def new_flag(self) -> Any:
        """An error flag that is down."""
        return self.xp.zeros((1,), dtype=self.xp.uint32)

    def check_values(self, operation: str, expected: str, wrong: Any) -> None:
        """Sets the flag if the bool array has a True in it: one launch. Waits for nothing, so it cannot say more."""
        del operation, expected
        self._checks.flag_true(self.device, self._dense(wrong), self.flag)

    def check_range(self, operation: str, name: str, x: Any, low: int, high: int, ignored: int | None = None) -> None:
        """Sets the flag if an integer is outside [low, high) and not `ignored`: one launch, where they are int64."""
        del operation, name
        indices = self._dense(self.xp.astype(x, self.xp.int64, copy=False))
        self._checks.flag_outside(self.device, indices, self.flag, low, high, ignored)

    def zeros(self, like: Any, size: int, place: int) -> Any:
        """A device has no such places."""
        del place
        return self.xp.zeros(size, dtype=like.dtype, device=like.device)

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
            raise DataError(self.name, "labels, indices, divisors and exponents inside their range", "one outside")
