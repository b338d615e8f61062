"""Your own operation in PyTorch's manner: a class with a forward and a backward, called by `apply`.

    class Cube(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    y = Cube.apply(x)

forward runs outside the tape, and one node stands for all of it. What it writes into `x.data` of an argument is not
noticed by the tape, as in PyTorch; other writes are. backward gets a gradient for each result, and returns
one for each argument of forward: None for those that are no tensor, or need none. Where a graph of the gradient is
asked for, backward is recorded: what it is to follow are inputs and results of forward that were saved.
`xdl.extend` has the form on raw arrays that xdl's own functions have.

Source: the interface of torch.autograd.Function, PyTorch 2.13.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial, wraps
from typing import Any, NamedTuple

from xdl.backend import namespaces
from xdl.creation import zeros
from xdl.errors import GraphError, KindError, ShapeError, expect
from xdl.node import edge
from xdl.recording.switches import forward_of_function
from xdl.tape import record
from xdl.tensor import Tensor, no_grad, recording


class Saved(NamedTuple):
    """A tensor of `save_for_backward`: number `place` of forward's tensors or results, or else `tensor` itself."""

    among: str  # "inputs", "results" or "others"
    place: int
    tensor: Tensor | None


class Context:
    """What forward leaves for backward; other attributes may be set freely.

    needs_input_grad: for each argument of forward, whether it needs a gradient
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self.to_save: tuple[Tensor | None, ...] = ()
        self.saved_tensors: tuple[Tensor | None, ...] = ()
        self.without_gradient: tuple[Tensor, ...] = ()
        self.materialize_grads = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors for backward, which finds them in `saved_tensors`. The last call counts."""
        self.to_save = tensors

    def mark_non_differentiable(self, *results: Tensor) -> None:
        """These results of forward have no gradient."""
        self.without_gradient = results

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros for a result that nobody used (as by default), or None."""
        self.materialize_grads = value

    def mark_dirty(self, *_: Tensor) -> None:
        """Refused: forward may not write into its inputs. Raises GraphError."""
        raise GraphError(
            "Function", "a forward that leaves its inputs as they are", "mark_dirty", "Return a new tensor"
        )


class Function:
    """A base class: override forward and backward, then call `apply`. See the module docstring.

    As in PyTorch, forward may do without `ctx`, where a method setup_context(ctx, inputs, output) saves instead.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    setup_context: Callable[..., None] | None = None

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """The results of forward, with one node on the tape.

        Raises GraphError as `Context` says; backward raises ShapeError for another number of gradients than arguments,
        and KindError for what is no Tensor.
        """
        on_tape = recording.get()
        ctx = Context(tuple([on_tape and isinstance(a, Tensor) and a.requires_grad for a in args]))
        with forward_of_function():
            if cls.setup_context is None:
                given = cls.forward(ctx, *args)
            else:
                given = cls.forward(*args)
                cls.setup_context(ctx, args, given)
        outs: list[Any] = list(given) if isinstance(given, tuple) else [given]
        inputs = [a for a in args if isinstance(a, Tensor)]
        results = [out for out in outs if isinstance(out, Tensor)]
        saved = [_found(t, inputs, results) for t in ctx.to_save]
        read = [any(one.among == "inputs" and one.place == i for one in saved) for i in range(len(inputs))]
        keep_y = [any(one.among == "results" and one.place == i for one in saved) for i in range(len(results))]
        places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        kinds = [(t.shape, t.dtype) for t in results]
        rule = partial(_rule, cls.__name__, cls.backward, ctx, saved, places, kinds)
        reached = tuple([t if needed else edge(t) for t, needed in zip(inputs, read, strict=True)])
        arrays = tuple([_own_memory(t, inputs) for t in results])
        recorded = dict(zip(map(id, results), record(arrays, reached, rule, None, None, keep_y), strict=True))
        for i, out in enumerate(outs):
            if isinstance(out, Tensor):
                outs[i] = recorded[id(out)]
                if any(out is t for t in ctx.without_gradient):
                    outs[i] = outs[i].detach()
        ctx.to_save = ctx.without_gradient = ()
        return tuple(outs) if isinstance(given, tuple) else outs[0]


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """A backward that has no gradient of its own: it raises GraphError where one is asked for."""

    @wraps(backward)
    def once(ctx: Context, *gradients: Any) -> Any:
        if recording.get():
            raise GraphError(backward.__qualname__, "a backward pass without create_graph", "once_differentiable")
        return backward(ctx, *gradients)

    return once


def _found(t: Tensor | None, inputs: list[Tensor], results: list[Tensor]) -> Saved:
    """Where backward finds a saved tensor: inputs and results lie on the tape, so that their gradients go on."""
    for among, tensors in (("inputs", inputs), ("results", results)):
        for index, one in enumerate(tensors):
            if one is t:
                return Saved(among, index, None)
    return Saved("others", -1, t)


def _own_memory(result: Tensor, inputs: list[Tensor]) -> Any:
    """The result's array; a copy where it is an input or a view of one, whose writes the tape would not notice."""
    shared = any(result is t or (t._written is not None and t._written is result._written) for t in inputs)
    return namespaces[type(result.array)].asarray(result.array, copy=True) if shared else result.array


def _rule(
    operation: str,
    backward: Callable[..., Any],
    ctx: Context,
    saved: list[Saved],
    places: list[int],
    kinds: list[tuple[tuple[int, ...], str]],
    needs: Any,
    g: Any,
    y: Any,
    _: Any,
    *given: Any,
) -> tuple[Any, ...]:
    """The gradients of forward's tensors: by backward on Tensors, whichever of the two the tape hands over."""
    graph = any(isinstance(one, Tensor) for one in g)
    found = {"inputs": given, "results": y}
    ctx.saved_tensors = tuple(
        [one.tensor if one.among == "others" else _tensor(found[one.among][one.place]) for one in saved]
    )
    gradients = [_tensor(one) for one in g]
    if ctx.materialize_grads:
        device = next(one.device for one in gradients if one is not None)
        zeroed = [zeros(*shape, dtype=dtype, device=device) for shape, dtype in kinds]
        gradients = [zero if one is None else one for one, zero in zip(gradients, zeroed, strict=True)]
    with nullcontext() if graph else no_grad():
        returned = backward(ctx, *gradients)
    ctx.saved_tensors = ()
    of_arguments = returned if isinstance(returned, tuple) else (returned,)
    count = len(ctx.needs_input_grad)
    if len(of_arguments) < count or any(d is not None for d in of_arguments[count:]):
        expected = f"{count} gradients, one for each argument of forward"
        raise ShapeError(f"{operation}.backward", expected, len(of_arguments))
    wanted = [of_arguments[i] for i in places]
    for d in wanted:
        expect(
            d is None or isinstance(d, Tensor), KindError, f"{operation}.backward", "Tensors or None", type(d).__name__
        )
    return tuple([d if d is None or graph else d.array for d in wanted])


def _tensor(a: Any) -> Tensor | None:
    return a if a is None or isinstance(a, Tensor) else Tensor(a)
