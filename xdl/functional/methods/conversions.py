"""The methods that convert dtypes and devices, make tensors like this one, and hang hooks on gradients.

They are no functions of `xdl.functional`, so that they stand here themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from xdl import creation
from xdl.creation.filled import sizes
from xdl.devices import Device, device_of
from xdl.errors import GraphError
from xdl.functional.elementwise.convert import cast as in_dtype
from xdl.functional.elementwise.convert import to
from xdl.gradient_hooks import HookHandle, register_hook, retain_grad
from xdl.tensor import Tensor as _Tensor
from xdl.tensor import write_clock

if TYPE_CHECKING:
    from xdl.gradient_hooks import Hook
    from xdl.tensor import Tensor

TYPES = {  # PyTorch's older names of types, as in x.type("torch.FloatTensor")
    "torch.FloatTensor": "float32",
    "torch.DoubleTensor": "float64",
    "torch.ByteTensor": "uint8",
    "torch.CharTensor": "int8",
    "torch.ShortTensor": "int16",
    "torch.IntTensor": "int32",
    "torch.LongTensor": "int64",
    "torch.BoolTensor": "bool",
    "torch.HalfTensor": "float16",
}
NAMES = {dtype: name for name, dtype in TYPES.items()}  # also of tensors on a card


class Conversions:
    """Results are on the tape where the dtypes are floating."""

    @property
    def device(self) -> Device:
        """Where the values are: device("cpu"), device("cuda:0")."""
        return device_of(_of(self).array)

    def float(self) -> Tensor:
        """x in float32; x itself if it is."""
        return in_dtype(_of(self), "float32")

    def double(self) -> Tensor:
        """x in float64; x itself if it is."""
        return in_dtype(_of(self), "float64")

    def half(self) -> Tensor:
        """Raises DtypeError: xdl has no half precision."""
        return in_dtype(_of(self), "float16")

    def bfloat16(self) -> Tensor:
        """Raises DtypeError: xdl has no half precision."""
        return in_dtype(_of(self), "bfloat16")

    def long(self) -> Tensor:
        """x in int64; x itself if it is."""
        return in_dtype(_of(self), "int64")

    def int(self) -> Tensor:
        """x in int32; x itself if it is."""
        return in_dtype(_of(self), "int32")

    def short(self) -> Tensor:
        """x in int16; x itself if it is."""
        return in_dtype(_of(self), "int16")

    def char(self) -> Tensor:
        """x in int8; x itself if it is."""
        return in_dtype(_of(self), "int8")

    def byte(self) -> Tensor:
        """x in uint8; x itself if it is."""
        return in_dtype(_of(self), "uint8")

    def bool(self) -> Tensor:
        """Whether each element is not 0; x itself if it is bool."""
        return in_dtype(_of(self), "bool")

    def type(self, dtype: Any = None) -> Any:
        """x in a dtype, also by the name of PyTorch's type, "torch.LongTensor"; without one, that name of x's own."""
        x = _of(self)
        return NAMES.get(x.dtype, x.dtype) if dtype is None else in_dtype(x, TYPES.get(dtype, dtype))

    def type_as(self, other: Tensor) -> Tensor:
        """x in the dtype and on the device of other."""
        return to(_of(self), other)

    def cpu(self) -> Tensor:
        """x on the NumPy backend; x itself if it is there."""
        return to(_of(self), "cpu")

    def cuda(self, device: Any = None) -> Tensor:
        """x on the current or the given card; x itself if it is there. Raises BackendError where there is none."""
        return to(_of(self), "cuda" if device is None else device)

    def new_tensor(self, data: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Tensor:
        """`xdl.tensor` of data, in x's dtype and on its device unless told otherwise."""
        return creation.tensor(data, *_like(self, dtype, device), requires_grad)

    def new(self, *given: Any) -> Tensor:
        """`new_zeros` of sizes, one by one or as a shape, or `new_tensor` of data, by PyTorch's oldest name."""
        data = len(given) == 1 and not isinstance(given[0], int | tuple)
        return self.new_tensor(given[0]) if data else self.new_zeros(*given or (0,))

    def new_zeros(self, *shape: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Tensor:
        """`xdl.zeros`, in x's dtype and on its device unless told otherwise."""
        return self.new_full(shape, 0, dtype, device, requires_grad)

    def new_ones(self, *shape: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Tensor:
        """`xdl.ones`, in x's dtype and on its device unless told otherwise."""
        return self.new_full(shape, 1, dtype, device, requires_grad)

    def new_empty(self, *shape: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Tensor:
        """`xdl.empty`, in x's dtype and on its device unless told otherwise."""
        dtype, device = _like(self, dtype, device)
        return creation.empty(*shape, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_full(
        self, size: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False
    ) -> Tensor:
        """`xdl.full`, in x's dtype and on its device unless told otherwise."""
        shape = sizes("new_full", size if isinstance(size, tuple) else (size,), None)
        return creation.full(shape, fill_value, *_like(self, dtype, device), requires_grad)

    def detach_(self) -> Tensor:
        """Cuts x off from its past on the tape; returns x."""
        x = _of(self)
        x.node, x.requires_grad = None, False
        return x

    def to_numpy(self) -> Any:
        """`numpy()`, by the name that matplotlib looks for."""
        return _of(self).numpy()

    def __getstate__(self) -> Any:
        """What copy.deepcopy and pickle keep of a leaf: not which tensors share its memory."""
        if _of(self).node is not None:
            hint = "Call detach() first"
            raise GraphError("copy", "a leaf tensor", "the result of an operation", hint)
        slots: dict[str, Any] = object.__getstate__(self)[1]  # type: ignore[index]
        return None, {**slots, "_view": None, "_written": None}

    def __copy__(self) -> Tensor:
        """A tensor of the same memory, as copy.copy makes it: of the result of an operation, a view."""
        x = _of(self)
        if x.node is not None:
            return x[...]
        twin = _Tensor.__new__(type(x))
        for name, value in self.__getstate__()[1].items():
            setattr(twin, name, value)
        twin._written = write_clock(x)
        return twin

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy's own functions take the values: `np.mean(t)` is that of `t.numpy()`."""
        return function(*map(_host, args), **{name: _host(value) for name, value in kwargs.items()})

    def register_hook(self, hook: Hook) -> HookHandle:
        """hook(grad) sees x's gradient in each backward pass, and may return another: see `gradient_hooks.py`."""
        return register_hook(_of(self), hook)

    def retain_grad(self) -> None:
        """Keeps the gradient of a result in `.grad`, as that of a leaf is kept."""
        retain_grad(_of(self))


def _host(argument: Any) -> Any:
    """An argument of a function of NumPy: Tensors, also in lists, as arrays."""
    if isinstance(argument, list | tuple):
        return [_host(one) for one in argument]
    return argument.numpy() if isinstance(argument, _Tensor) else argument


def _of(methods: Conversions) -> Tensor:
    return cast(_Tensor, methods)


def _like(methods: Conversions, dtype: Any, device: Any) -> tuple[Any, Any]:
    x = _of(methods)
    return dtype or x.dtype, x.device if device is None else device
