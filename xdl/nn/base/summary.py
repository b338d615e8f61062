"""A table of a network: the output shape, the parameters and the operations of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from xdl.creation import zeros
from xdl.tensor import Tensor, no_grad

if TYPE_CHECKING:
    from xdl.nn.module import Module


class Layer(NamedTuple):
    """One row: a module that computes, at its path, in the order of the calls. flops is None if not counted."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    flops: int | None


class Summary:
    """What `summary` returns: `layers`, the totals, and the table as text (`str`, `print`).

    flops is the sum of the layers whose operations are counted. Where `uncounted`, the names of the others, is not
    empty, it is a lower bound; the table has "?" in their rows and "at least" before the sum.
    """

    def __init__(self, layers: list[Layer], parameters: int, trainable: int) -> None:
        self.layers = layers
        self.parameters = parameters
        self.trainable = trainable
        self.flops = sum(layer.flops or 0 for layer in layers)
        self.uncounted = [layer.name for layer in layers if layer.flops is None]

    def __str__(self) -> str:
        rows = [("layer", "type", "output", "parameters", "FLOPs")]
        rows += [
            (layer.name, layer.kind, str(layer.output), f"{layer.parameters:,}", _count(layer.flops))
            for layer in self.layers
        ]
        operations = f"at least {self.flops:,}" if self.uncounted else f"{self.flops:,}"
        rows.append(("total", f"{self.trainable:,} trainable", "", f"{self.parameters:,}", operations))
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        lines = ["  ".join([f"{cell:{'<<<>>'[i]}{widths[i]}}" for i, cell in enumerate(row)]) for row in rows]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__


def summary(module: Module, input_shape: Sequence[Any], dtype: str | None = None) -> Summary:
    """Runs the module once on zeros, in evaluation and outside the tape, and notes every layer that is called.

    input_shape: the whole shape, batch included, or a list of shapes for several inputs
    dtype:       of the inputs, e.g. "int64" for token numbers; the parameters' own without it
    FLOPs are what each layer's `flops` method says, "?" without one. A layer called twice has two rows and its
    parameters in the first; modules with children have a row where they have parameters of their own. Raises what the
    module raises.
    """
    first = next(module.parameters(), None)
    shapes = [tuple(input_shape)] if all(isinstance(n, int) for n in input_shape) else [tuple(s) for s in input_shape]
    inputs = [zeros(*shape, dtype=dtype or (first.dtype if first is not None else "float32")) for shape in shapes]
    layers: list[Layer] = []
    seen: set[int] = set()
    names = {id(part): path for path, part in module.named_modules()}

    def note(part: Module, args: Any, output: Any) -> None:
        own = [p for p in part.parameters() if id(p) not in seen]
        seen.update(map(id, own))
        shape = _first(output).shape
        operations = part.flops(_first(args).shape, shape) if args else None
        name, kind = names[id(part)] or "(itself)", type(part).__name__
        layers.append(Layer(name, kind, shape, sum(prod(p.shape) for p in own), operations))

    computing = (part for part in module.modules() if not list(part.children()) or list(part.parameters(recurse=False)))
    handles = [part.register_forward_hook(note) for part in dict.fromkeys(computing)]  # each once
    modes = [(part, part.training) for part in module.modules()]
    try:
        with no_grad():
            module.eval()(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes:
            part.training = mode
    every = list(module.parameters())
    total, trainable = (sum(prod(p.shape) for p in some) for some in (every, [p for p in every if p.requires_grad]))
    return Summary(layers, total, trainable)


def _first(values: Any) -> Tensor:
    """The first Tensor of arguments, or of an output, that may be nested."""
    return values if isinstance(values, Tensor) else _first(values[0])


def _count(operations: int | None) -> str:
    return "?" if operations is None else f"{operations:,}"
