"""The methods that tell of a tensor and compute nothing, under PyTorch's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from xdl.backend import dtype_name, kinds
from xdl.errors import ShapeError

if TYPE_CHECKING:
    from xdl.tensor import Tensor


class Telling:
    """Nothing here waits for a device."""

    @property
    def is_cuda(self) -> Any:
        """Whether it lives on a card."""
        return _of(self).device.type == "cuda"

    @property
    def is_cpu(self) -> Any:
        """Whether it lives on the host."""
        return _of(self).device.type == "cpu"

    @property
    def is_sparse(self) -> Any:
        """False: xdl's tensors hold every element."""
        return False

    is_quantized = is_meta = is_mps = is_nested = is_xpu = is_mkldnn = is_sparse

    @property
    def itemsize(self) -> Any:
        """Bytes of an element."""
        return self.element_size()

    @property
    def nbytes(self) -> Any:
        """Bytes of all elements."""
        return self.element_size() * _of(self).numel()

    def is_floating_point(self) -> Any:
        """Whether the dtype is float32 or float64."""
        return kinds[_of(self).array.dtype] == "float"

    def is_complex(self) -> Any:
        """False: xdl has no complex numbers."""
        return False

    def element_size(self) -> Any:
        """Bytes of an element."""
        return dtype_name(_of(self).array).itemsize

    def nelement(self) -> Any:
        """The number of elements."""
        return _of(self).numel()

    def ndimension(self) -> Any:
        """The number of dimensions."""
        return _of(self).ndim

    def get_device(self) -> Any:
        """The number of the card that x lives on, -1 on the CPU."""
        x = _of(self)
        return x.device.index or 0 if x.is_cuda else -1

    def stride(self, dim: int | None = None) -> Any:
        """How many elements apart the neighbours of each dimension lie in memory, or of one. Raises ShapeError."""
        x = _of(self)
        steps = tuple([step // x.element_size() for step in x.array.strides])
        if dim is None:
            return steps
        if not -x.ndim <= dim < x.ndim:
            raise ShapeError("stride", f"dim in [{-x.ndim}, {x.ndim})", dim)
        return steps[dim]

    def data_ptr(self) -> Any:
        """The address of the first element."""
        array = _of(self).array
        memory = getattr(array, "__cuda_array_interface__", None) or array.__array_interface__
        return memory["data"][0]

    def share_memory_(self) -> Any:
        """x itself: the threads of a process share all memory."""
        return self

    def pin_memory(self) -> Any:
        """x itself: batches are made on the backend that uses them."""
        return self


def _of(methods: Telling) -> Tensor:
    return cast("Tensor", methods)
