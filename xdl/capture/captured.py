"""What captured steps share: the check of new inputs, and outputs in the step's own form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import observe
from xdl.backend import names, namespaces
from xdl.errors import BackendError, DtypeError, KindError, ShapeError
from xdl.tensor import Tensor


class Captured:
    """A captured step: takes new inputs and gives the step's outputs. See `capture`.

    Its first three calls run the step: once, and twice more to see what it calls.

    owner:  the backend that computes
    inputs: such as it will be called with
    """

    def __init__(self, owner: Any, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> None:
        self.owner, self.step = owner, step
        self.forms = [(type(x.array), x.array.shape, x.array.dtype, x.array.device, x.device) for x in inputs]

    def __call__(self, *inputs: Tensor) -> Any:
        """Runs the captured step on these inputs.

        Raises ShapeError for another number of inputs and for other shapes, DtypeError for other dtypes and for what
        are no Tensors, BackendError for tensors that live elsewhere, where a parameter or a buffer is not as it was
        captured (`changed`), and within a step that is being captured; DataError for values that a call of the step
        does not take.
        """
        if (watching := observe.launches) is not None:
            hint = "Call the step itself there"
            watching.refused(BackendError("capture", "no captured step inside another one", "a call of one", hint))
        if len(inputs) != len(self.forms):
            raise ShapeError("captured step", f"{len(self.forms)} inputs, as it was captured with", len(inputs))
        for i, (form, new) in enumerate(zip(self.forms, inputs, strict=True)):
            x = new.array if isinstance(new, Tensor) else None
            if type(x) is not form[0] or x.shape != form[1] or x.dtype != form[2] or x.device != form[3]:
                _refuse(i, form, new)
        return self.run(inputs)

    def changed(self) -> str:
        """What is other than when it was captured, in words: a parameter or a buffer that got another array, or whose
        requires_grad was changed. Empty where all is as it was, and for a step on a card, which does not know.
        """
        return ""

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """What the step gives for inputs that fit."""
        raise NotImplementedError(f"{type(self).__name__} has no run method")


def _refuse(i: int, form: tuple[Any, ...], new: Any) -> None:
    """Raises the error that says in what input i differs from the one that the step was captured with."""
    kind, shape, dtype, _, device = form
    if not isinstance(new, Tensor):
        raise DtypeError("captured step", f"a Tensor as input {i}", type(new).__name__, "Wrap it with xdl.tensor(...)")
    if type(new.array) is not kind or new.device != device:
        raise BackendError("captured step", f"input {i} on {device}", new.device, f'Move it with .to("{device}")')
    if new.shape != shape:
        raise ShapeError("captured step", f"input {i} of shape {shape}, as it was captured with", new.shape)
    raise DtypeError("captured step", f"input {i} of dtype {names[dtype]}, as it was captured with", new.dtype)


def mapped(outputs: Any, give: Callable[[Tensor], Any]) -> Any:
    """The outputs in their form, with give(tensor) for each Tensor. Raises KindError for what is no Tensor."""
    if outputs is None or isinstance(outputs, Tensor):
        return outputs if outputs is None else give(outputs)
    if isinstance(outputs, dict):
        return {name: mapped(part, give) for name, part in outputs.items()}
    if isinstance(outputs, tuple | list):
        parts = [mapped(part, give) for part in outputs]
        return type(outputs)(*parts) if hasattr(outputs, "_fields") else type(outputs)(parts)
    kinds = "Tensors, in tuples, lists or dicts, or None as the step's outputs"
    raise KindError("capture", kinds, type(outputs).__name__, "What is no Tensor would stay as it was captured")


def detached(outputs: Any) -> Any:
    """The outputs with their Tensors outside the tape."""
    return mapped(outputs, Tensor.detach)


def copies(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The inputs in memory of their own."""
    return tuple([Tensor(namespaces[type(x.array)].asarray(x.array, copy=True), x.requires_grad) for x in inputs])
