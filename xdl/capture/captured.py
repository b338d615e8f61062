"""What captured steps share: the check of new inputs, and outputs in the step's own form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl.errors import BackendError, DtypeError, KindError, ShapeError
from xdl.tensor import Tensor


class Captured:
    """A captured step: takes new inputs and gives the step's outputs. See `capture`."""

    def __init__(self, step: Callable[..., Any], inputs: tuple[Tensor, ...]) -> None:
        self._step, self._inputs = step, inputs  # the step keeps what it writes into alive

    def __call__(self, *inputs: Tensor) -> Any:
        """Runs the captured step on these inputs.

        Raises ShapeError for another number of inputs and for other shapes, DtypeError for other dtypes and for what
        are no Tensors, BackendError for tensors that live elsewhere.
        """
        if len(inputs) != len(self._inputs):
            raise ShapeError("captured step", f"{len(self._inputs)} inputs, as it was captured with", len(inputs))
        for i, (own, new) in enumerate(zip(self._inputs, inputs, strict=True)):
            x, y = own.array, getattr(new, "array", None)
            if type(x) is not type(y) or x.shape != y.shape or x.dtype != y.dtype or x.device != y.device:
                _refuse(i, own, new)
        return self.run(inputs)

    def run(self, inputs: tuple[Tensor, ...]) -> Any:
        """What the step gives for inputs that fit."""
        raise NotImplementedError(f"{type(self).__name__} has no run method")


def _refuse(i: int, own: Tensor, new: Any) -> None:
    """Raises the error that says in what input i differs from the one that the step was captured with."""
    if not isinstance(new, Tensor):
        raise DtypeError("captured step", f"a Tensor as input {i}", type(new).__name__, "Wrap it with xdl.tensor(...)")
    if type(new.array) is not type(own.array) or new.device != own.device:
        raise BackendError(
            "captured step", f"input {i} on {own.device}", new.device, f'Move it with .to("{own.device}")'
        )
    if new.shape != own.shape:
        raise ShapeError("captured step", f"input {i} of shape {own.shape}, as it was captured with", new.shape)
    raise DtypeError("captured step", f"input {i} of dtype {own.dtype}, as it was captured with", new.dtype)


def mapped(outputs: Any, give: Callable[[Tensor], Any]) -> Any:
    """The outputs in their form, with give(tensor) for each Tensor. Raises KindError for what is no Tensor."""
    if outputs is None or isinstance(outputs, Tensor):
        return outputs if outputs is None else give(outputs)
    if isinstance(outputs, dict):
        return {name: mapped(part, give) for name, part in outputs.items()}
    if isinstance(outputs, tuple | list):
        return type(outputs)([mapped(part, give) for part in outputs])
    kinds = "Tensors, in tuples, lists or dicts, or None as the step's outputs"
    raise KindError("capture", kinds, type(outputs).__name__, "What is no Tensor would stay as it was captured")
