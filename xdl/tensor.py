"""Tensor: an array with a place on the tape.

The tape itself is in `tape.py`, the switches of recording are in `recording/`; operators and most methods are functions
of `xdl.functional`, bound in `functional/methods/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappushpop
from itertools import count
from typing import TYPE_CHECKING, Any

from xdl import backend
from xdl.backend import Array, namespaces
from xdl.errors import BackendError, DtypeError, GraphError, ShapeError
from xdl.observe import host_read
from xdl.recording.switches import enable_grad as enable_grad
from xdl.recording.switches import is_grad_enabled as is_grad_enabled
from xdl.recording.switches import is_in_forward
from xdl.recording.switches import no_grad as no_grad
from xdl.recording.switches import recording as recording

if TYPE_CHECKING:  # what xdl.functional binds to Tensor, declared for type checkers
    from xdl.functional.methods import Methods
    from xdl.node import Node
else:
    Methods = object

SHOWN_WITHOUT = ("float32", "int64", "bool")  # the dtypes that are left out where a tensor is printed
ticks = count(1)  # one clock for nodes and in-place writes: a node is stale if an input was written after it
latest_write = [0]  # the tick of the last in-place write to any tensor


class Tensor(Methods):
    """An array with a place on the tape. `array` is the raw array of a backend (NumPy's ndarray, CuPy's, ...).

    Raises DtypeError where gradients are asked for an element type that has none.
    """

    __slots__ = ("__weakref__", "_grad", "_view", "_written", "array", "hooks", "node", "requires_grad")
    __array_ufunc__ = None  # numpy_array * tensor goes to Tensor.__rmul__
    __hash__ = object.__hash__

    def __init__(self, data: Array, requires_grad: bool = False) -> None:
        xp = namespaces[type(data)]  # refuses what is no array of a backend
        self.array = data if data.shape else xp.asarray(data)
        self.node: Node | None = None
        self.requires_grad = False
        self._grad: Any = None
        self._written: list[Any] | None = None
        self._view: Any = None
        if requires_grad:
            self.requires_grad_()

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each dimension."""
        return tuple(self.array.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.array.shape)

    def dim(self) -> int:
        """`ndim`, by PyTorch's name."""
        return len(self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension. Raises ShapeError for a dim out of range."""
        if dim is None:
            return self.shape
        if not -self.ndim <= dim < self.ndim:
            raise ShapeError("size", f"dim in [{-self.ndim}, {self.ndim})", dim)
        return self.shape[dim]

    def numel(self) -> int:
        """The number of elements."""
        return int(self.array.size)

    @property
    def dtype(self) -> str:
        """The element type by name: "float32"."""
        return backend.dtype_name(self.array)

    @property
    def data(self) -> Tensor:
        """The same values outside the tape, by PyTorch's name: `p.data -= 0.1 * p.grad` writes into p.

        backward notices such a write, except for one in the forward of an `autograd.Function`.
        """
        return Tensor(self.array) if is_in_forward() else self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        """Writes the values into the tensor's memory; takes theirs where shape, dtype or backend differ, and in place
        of memory that cannot be written.
        """
        new, old = value.array, self.array
        if new is not old:
            alike = type(new) is type(old) and new.shape == old.shape and new.dtype == old.dtype
            if alike and backend.writable(old):
                old[...] = new
            else:
                self.array = new
        written([self])

    @property
    def grad_fn(self) -> Node | None:
        """The node on the tape that computed it, by PyTorch's name; None for a leaf."""
        return self.node

    @property
    def is_leaf(self) -> bool:
        """True for a tensor that the user made: no recorded operation produced it."""
        return self.node is None

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf, or None before the first backward."""
        return self._grad if self._grad is None or isinstance(self._grad, Tensor) else Tensor(self._grad)

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        """Keeps the gradient's memory; a copy of what is expanded or read-only, since backward adds to it."""
        if value is not None and value.shape != self.shape:
            raise ShapeError("Tensor.grad", f"the tensor's shape {self.shape}", value.shape)
        elsewhere = value is not None and type(value.array) is not type(self.array)
        if value is not None and (elsewhere or (backend.several_cards and value.device != self.device)):
            raise BackendError("Tensor.grad", f"a gradient on the tensor's device {self.device}", value.device)
        if value is not None and value.array.dtype != self.array.dtype:
            raise DtypeError("Tensor.grad", f"the tensor's dtype {self.dtype}", value.dtype)
        if value is None or value.requires_grad:
            self._grad = value
        else:
            g = value.array
            self._grad = g if backend.writable(g) else namespaces[type(g)].asarray(g, copy=True)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Starts or stops recording for this leaf; returns it."""
        if requires_grad and not self.dtype.startswith("float"):
            raise DtypeError("requires_grad", "a floating dtype", self.dtype)
        if self.node is not None:
            raise GraphError("requires_grad_", "a leaf tensor", "the result of an operation", "Call detach() first")
        self.requires_grad = requires_grad
        return self

    def detach(self) -> Tensor:
        """The same values without a past on the tape: a view."""
        out = Tensor(self.array)
        out._written = write_clock(self)
        return out

    def __repr__(self) -> str:
        host_read("print", self.array)
        body = repr(self.numpy()).removeprefix("array(").removesuffix(")").partition(", dtype=")[0].replace("\n", "\n ")
        dtype = "" if self.dtype in SHOWN_WITHOUT else f", dtype={self.dtype}"
        return f"tensor({body}{dtype}{', requires_grad=True' if self.requires_grad else ''})"

    def numpy(self) -> Any:
        """The values as a read-only NumPy array: a view where the backend allows it."""
        host_read("numpy", self.array)
        host = backend.of(self.array).to_numpy(self.array).view()
        host.flags.writeable = False
        return host

    def item(self) -> Any:
        """The value of a one-element tensor as a Python number. Raises ShapeError for more elements."""
        host_read("item", self.array)
        if self.array.size != 1:
            raise ShapeError("item", "a tensor of one element", f"shape {self.shape}")
        return self.numpy().item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        host_read("tolist", self.array)
        return self.numpy().tolist()

    def __float__(self) -> float:
        host_read("float", self.array)
        return float(self.item())

    def __int__(self) -> int:
        host_read("int", self.array)
        return int(self.item())

    def __bool__(self) -> bool:
        host_read("bool", self.array)
        return bool(self.item())

    def __index__(self) -> int:
        host_read("index", self.array)
        if self.dtype.startswith("float"):
            raise DtypeError("index", "an integer tensor of one element", self.dtype)
        return int(self.item())

    def __format__(self, spec: str) -> str:
        host_read("format", self.array)
        return format(self.item(), spec) if not self.shape else format(repr(self), spec)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        host = self.numpy()
        return host.astype(dtype, copy=False if copy is None else copy) if dtype or copy else host

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("len", "a tensor with at least one dimension", "a 0-d tensor")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))


def write_clock(t: Tensor) -> list[Any]:
    """The clock that a tensor shares with its views: the tick of the last in-place write, then those views, weakly."""
    if t._written is None:
        t._written = [0]
    return t._written


def written(tensors: Iterable[Tensor]) -> None:
    """Notes that the arrays were written in place just now; backward refuses nodes that read the old values."""
    tick = next(ticks)
    heappushpop(latest_write, tick)  # keeps the later one, in one step that no other thread comes between
    for t in tensors:
        (t._written or write_clock(t))[0] = tick


def written_in_place() -> GraphError:
    """The error where backward needs values that were written over."""
    return GraphError(
        "backward",
        "the inputs and output of every operation as they were in the forward pass",
        "one that was written in place since",
        "Run the forward again after the write",
    )
