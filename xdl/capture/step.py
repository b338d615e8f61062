"""Whole steps as one call: `captured = xdl.capture(step, *example)`.

A small step is bound by Python. A captured step has been recorded: what is left of it are its calls of kernels.

    captured = xdl.capture(step, x, y)
    for x, y in batches:
        loss = captured(x, y)

On a card it is a CUDA graph (`card.py`), on the host a program (`host.py`), which `print(captured.source)` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import backend
from xdl.capture.captured import Captured, copies
from xdl.capture.card import OnCard
from xdl.capture.host import OnHost
from xdl.errors import BackendError, DtypeError, KindError
from xdl.tensor import Tensor


def capture(step: Callable[..., Any], *example: Tensor) -> Captured:
    """A function that does what `step` did with these inputs, for new ones of the same shapes and dtypes.

    step:    takes Tensors; returns a Tensor, a tuple, list or dict of such, or None. It may run backward and update
             parameters in place.
    example: inputs to run it with

    **The step runs three times on the example**, so a step that trains makes three updates. The first run makes what is
    made once (buffers of optimizers, compiled kernels), the second and the third are recorded and compared.

    A call runs no Python of the step: what it reads of numbers and branches stays as it was, and what it counts in
    Python stands still. Parameters stay the tensors and arrays that they were; after one got another array (moved, or
    loaded with assign=True) capture anew. The outputs are outside the tape.

    On the host steps of optimizers and random numbers go on: each call reads the learning rate, counts the optimizer's
    step and draws anew by the seed that holds then, so that it gives bit for bit what the step would have given; a
    tensor that got another array or was frozen is refused there. On a card such steps and numbers are refused, the
    outputs are **the same tensors at every call**, and the next call writes over them, as with PyTorch's CUDA graphs:
    keep `output.clone()`.

    Raises BackendError for what the host reads in the step (`item`, `float`, `bool`, `print`, `nonzero`, a mask as an
    index, ...), by its name; where two runs call different kernels, or give them different numbers, by the kernel's and
    the number's name; for a seed that is set in the step, a setting of an optimizer that it changes, and captured steps
    that it calls; on a card for products of matrices, as CuPy keeps cuBLAS out of captures. The model has then made
    the updates of the runs until there. Raises KindError for outputs of other kinds and a step that is no function,
    DtypeError for inputs that are no Tensors.
    """
    example = copies(_tensors(example))
    captured = begin(step, *example)
    for _ in range(3):
        captured(*example)
    return captured


def begin(step: Callable[..., Any], *example: Tensor) -> Captured:
    """A captured step that has not run yet: its first three calls are runs of the step, on inputs such as these.

    So a training is captured without an update that it would not have made.
    """
    if not callable(step):
        raise KindError("capture", "a function as step", type(step).__name__)
    owner = _owner(_tensors(example))
    return (OnCard if hasattr(owner, "graph") else OnHost)(owner, step, example)


def _tensors(example: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The inputs. Raises DtypeError for what is no Tensor."""
    for i, x in enumerate(example):
        if not isinstance(x, Tensor):
            raise DtypeError("capture", f"a Tensor as input {i}", type(x).__name__, "Wrap it with xdl.tensor(...)")
    return example


def _owner(example: tuple[Tensor, ...]) -> Any:
    """The backend of the inputs. Raises BackendError for inputs of several."""
    owners = {backend.of(x.array).name: backend.of(x.array) for x in example}
    if len(owners) > 1:
        raise BackendError("capture", "inputs of one backend", " and ".join(owners))
    return next(iter(owners.values()), None) or backend.current()
