"""Products with the Jacobian and the Hessian, without the matrices.

J = d output / d argument, H the Hessian:  vjp: u -> u^T J;  jvp: v -> J v;  hvp: v -> H v

J v comes from the tape run twice (R. Grosse's and J. Townsend's "double backward" trick): u^T J is linear in u, and its
derivative by u, in the direction v, is J v.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdl import tape
from xdl.creation import zeros_like
from xdl.errors import KindError, ShapeError
from xdl.func.traced import Traced, traced
from xdl.func.trees import Tree, alike, filled
from xdl.tensor import Tensor, enable_grad, is_grad_enabled

Function = Callable[..., Any]


def vjp(func: Function, *primals: Tree, has_aux: bool = False) -> Any:
    """(output, function), with has_aux (output, function, aux), for func(*primals).

    function(cotangents, retain_graph=True, create_graph=None) gives a tuple of u^T J for each primal; the cotangents u
    have the output's form and shapes. Raises KindError for what are no Tensors, ShapeError for cotangents of others.
    """
    run = traced("vjp", func, range(len(primals)), has_aux, primals, {})

    def product(cotangents: Tree, retain_graph: bool = True, create_graph: bool | None = None) -> tuple[Tree, ...]:
        del retain_graph  # the graph goes when this function does
        given = alike("vjp", "cotangents", cotangents, run.output)
        needed = is_grad_enabled() and (run.around or any(u.requires_grad for u in given))
        found = run.gradients(run.outputs, given, create_graph=needed if create_graph is None else create_graph)
        return tuple(run.per_argument(found))

    output = run.shown(run.output)
    return (output, product, run.shown(run.aux)) if has_aux else (output, product)


def jvp(
    func: Function,
    primals: tuple[Tree, ...],
    tangents: tuple[Tree, ...],
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """(output, J v), with has_aux (output, J v, aux), for func(*primals) and the tangents v.

    primals, tangents: tuples, of the same form and shapes;  strict: an output that depends on no primal is an error

    Raises KindError for what are no tuples of Tensors, ShapeError for tangents of other shapes, GraphError if strict.
    """
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, tuple | list):
            raise KindError("jvp", f"a tuple as {name}", type(given).__name__, f"Give ({name[:-1]},) for one of them")
    run = traced("jvp", func, range(len(primals)), has_aux, primals, {})
    moved = alike("jvp", "tangents", tangents, run.given)
    around = run.around or (is_grad_enabled() and any(v.requires_grad for v in moved))
    with enable_grad():
        found = pushed(run, moved, create_graph=around, strict=strict)
    output, product = run.shown(run.output), filled(run.output, found)
    return (output, product, run.shown(run.aux)) if has_aux else (output, product)


def pushed(run: Traced, tangents: list[Tensor], create_graph: bool, strict: bool = False) -> list[Tensor]:
    """J v for each output, zeros where it depends on nothing."""
    used = [y for y in run.outputs if y.requires_grad or strict]
    u = [zeros_like(y).requires_grad_() for y in used]
    pulled = run.gradients(used, u, create_graph=True, strict=strict)
    linear = [i for i, g in enumerate(pulled) if g.requires_grad]
    if linear:
        forward = tape.grad([pulled[i] for i in linear], u, [tangents[i] for i in linear], create_graph=create_graph)
    else:
        forward = (None,) * len(u)
    found = {id(y): v for y, v in zip(used, forward, strict=True)}
    return [zeros_like(y) if (v := found.get(id(y))) is None else v for y in run.outputs]


def hvp(
    func: Function, inputs: Tree, v: Tree | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tree, Tree]:
    """(output, H v) of func(*inputs), or func(inputs) for one Tensor, which returns one element.

    v: of the form and shapes of inputs; may be left out for an input of one element, and is 1 then
    create_graph: keeps the results on the tape where the inputs are;  strict: an input that does not matter is an error

    Raises ShapeError for other shapes, KindError for what are no Tensors, GraphError if strict. One gradient of a
    gradient, as many operations as about four calls of func.
    """
    several = not isinstance(inputs, Tensor)
    args = tuple(inputs) if several else (inputs,)
    with enable_grad():
        run = traced("hvp", func, range(len(args)), False, args, {})
    if len(run.outputs) != 1 or run.outputs[0].numel() != 1:
        raise ShapeError("hvp", "a function that returns one element", f"shapes {[y.shape for y in run.outputs]}")
    if v is None:
        if len(run.handles) != 1 or run.handles[0].numel() != 1:
            raise ShapeError("hvp", "v, for inputs of more than one element", "none")
        given = [zeros_like(run.handles[0]) + 1]
    else:
        given = alike("hvp", "v", (v,) if isinstance(v, Tensor) else v, run.given)
    with enable_grad():
        first = run.gradients(run.outputs, create_graph=True, strict=strict)
        second = run.gradients(first, given, create_graph=create_graph, strict=strict)
    found, output = run.per_argument(second), run.output
    if not create_graph:
        output = output.detach()
    return output, tuple(found) if several else found[0]
