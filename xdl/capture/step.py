"""Whole steps as one call to the device: `captured = xdl.capture(step, *example)`.

A small step is bound by Python: a card has done each launch long before the next one comes. A captured step is a CUDA
graph: all its launches, in order, given to the card at once.

    captured = xdl.capture(step, x, y)
    for x, y in batches:
        loss = captured(x, y)

After Harris, "Getting Started with CUDA Graphs", NVIDIA 2019, and PyTorch's `torch.cuda.graph`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from xdl import backend
from xdl.backend import namespaces
from xdl.capture.launches import Recording, recorded, refuse_differences
from xdl.errors import BackendError, DtypeError, KindError, ShapeError
from xdl.tensor import Tensor

NO_GRAPHS = (
    "Only a card replays steps: NumPy does not yet, and cuda-on-host does part of a step in NumPy, which keeps no list "
    "of its work. Call the step itself"
)


class Graph(Protocol):
    """What `graph()` of a backend gives that can capture."""

    def capture(self) -> AbstractContextManager[None]:
        """Inside, what this thread launches is kept and does not run. Raises BackendError for what no graph can hold;
        then the graph is of no use, and all else is as before.
        """

    def launch(self) -> None:
        """Queues all of it."""


class Captured:
    """A captured step: takes new inputs and gives the step's outputs. See `capture`."""

    def __init__(self, step: Callable[..., Any], graph: Graph, inputs: tuple[Tensor, ...], outputs: Any) -> None:
        self._step, self._graph, self._inputs = step, graph, inputs  # the step keeps what the graph writes into alive
        self._kept, self._outputs = outputs, _mapped(outputs)

    def __call__(self, *inputs: Tensor) -> Any:
        """Copies the inputs to where the captured step reads them, and runs it.

        Raises ShapeError for another number of inputs and for other shapes, DtypeError for other dtypes and for what
        are no Tensors, BackendError for tensors that live elsewhere.
        """
        if len(inputs) != len(self._inputs):
            raise ShapeError("captured step", f"{len(self._inputs)} inputs, as it was captured with", len(inputs))
        for i, (own, new) in enumerate(zip(self._inputs, inputs, strict=True)):
            _check(i, own, new)
        for own, new in zip(self._inputs, inputs, strict=True):
            own.array[...] = new.array
        self._graph.launch()
        return self._outputs


def capture(step: Callable[..., Any], *example: Tensor) -> Captured:
    """A function that does what `step` did with these inputs, for new ones of the same shapes and dtypes.

    step:    takes Tensors; returns a Tensor, a tuple, list or dict of such, or None. It may run backward and update
             parameters in place.
    example: inputs to run it with

    **The step runs three times on the example**, so a step that trains makes three updates. The first run makes what is
    made once (buffers of optimizers, compiled kernels), the second is recorded, the third is captured, compared with
    the second, and replayed once.

    A call runs no Python of the step: what it reads of numbers and branches stays as it was (a learning rate), and
    counters of Python stand still. The outputs are **the same tensors at every call**, outside the tape, and the next
    call writes over them, as with PyTorch's CUDA graphs: keep `output.clone()`. Parameters stay the arrays that they
    were; after one got another array (moved, or loaded with assign=True) capture anew.

    Raises BackendError where there are no graphs (on NumPy, and on cuda-on-host); for what the host reads in the step
    (`item`, `float`, `bool`, `print`, `nonzero`, a mask as an index, ...), by its name; where two runs launch
    different kernels, or give them different numbers, by the kernel's and the number's name; and for products of
    matrices, as CuPy keeps cuBLAS out of captures. The model has then made the updates of the runs until there.
    Raises KindError for outputs of other kinds, DtypeError for inputs that are no Tensors.
    """
    owner = _owner(example)
    inputs = tuple(_copy(x) for x in example)
    step(*inputs)
    with recorded(Recording(owner.array_types, refuse=False)) as before:
        outputs = step(*inputs)
    if before.refusal is not None:
        raise before.refusal
    _mapped(outputs)
    graph = owner.graph()
    with recorded(Recording(owner.array_types, refuse=True)) as after, graph.capture():
        outputs = step(*inputs)
    graph.launch()  # the third run: what Python counted in it has then happened
    refuse_differences(before, after)
    return Captured(step, graph, inputs, outputs)


def _owner(example: tuple[Tensor, ...]) -> Any:
    """The backend of the inputs. Raises DtypeError, and BackendError where it has no graphs."""
    for i, x in enumerate(example):
        if not isinstance(x, Tensor):
            raise DtypeError("capture", f"a Tensor as input {i}", type(x).__name__, "Wrap it with xdl.tensor(...)")
    owners = {backend.of(x.array).name: backend.of(x.array) for x in example}
    if len(owners) > 1:
        raise BackendError("capture", "inputs of one backend", " and ".join(owners))
    owner = next(iter(owners.values()), None) or backend.current()
    if not hasattr(owner, "graph"):
        raise BackendError("capture", "a backend with graphs (cupy)", repr(owner.name), NO_GRAPHS)
    return owner


def _copy(x: Tensor) -> Tensor:
    return Tensor(namespaces[type(x.array)].asarray(x.array, copy=True), x.requires_grad)


def _check(i: int, own: Tensor, new: Any) -> None:
    if not isinstance(new, Tensor):
        raise DtypeError("captured step", f"a Tensor as input {i}", type(new).__name__, "Wrap it with xdl.tensor(...)")
    if type(new.array) is not type(own.array) or new.device != own.device:
        raise BackendError(
            "captured step", f"input {i} on {own.device}", new.device, f'Move it with .to("{own.device}")'
        )
    if new.shape != own.shape:
        raise ShapeError("captured step", f"input {i} of shape {own.shape}, as it was captured with", new.shape)
    if new.dtype != own.dtype:
        raise DtypeError("captured step", f"input {i} of dtype {own.dtype}, as it was captured with", new.dtype)


def _mapped(outputs: Any) -> Any:
    """The outputs with their Tensors outside the tape."""
    if outputs is None or isinstance(outputs, Tensor):
        return outputs if outputs is None else outputs.detach()
    if isinstance(outputs, dict):
        return {name: _mapped(part) for name, part in outputs.items()}
    if isinstance(outputs, tuple | list):
        return type(outputs)([_mapped(part) for part in outputs])
    kinds = "Tensors, in tuples, lists or dicts, or None as the step's outputs"
    raise KindError("capture", kinds, type(outputs).__name__, "What is no Tensor would stay as it was captured")
