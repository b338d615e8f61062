"""Tensors that share memory, and what an in-place write to one of them means for the others on the tape.

A view (`x[0]`, `x.reshape(...)`, `x.T`) remembers what it is a view of and how it was made. It shares that tensor's
write clock, a list: the tick of the last write, then weak references to the views that share it.

Where a recorded result is written into t, `rebase` gives t the result's node. Then every tensor that t is a view of
gets a node that puts t into its former value; and all other views of the same memory are cut from that anew, so that
each of them has the gradient that PyTorch gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple
from weakref import ref

from xdl import backend
from xdl.backend import namespaces
from xdl.errors import GraphError
from xdl.functional import either
from xdl.functional.elementwise.convert import clone
from xdl.node import Node, Rule, edge
from xdl.tensor import Tensor, recording, ticks, write_clock

PRUNE = 64  # so many views are remembered before those that are gone are forgotten


class View(NamedTuple):
    """How a view was made: cut(parent, *how), whose gradient is `rule`. cut is None where elements repeat."""

    parent: Tensor
    rule: Rule
    cut: Callable[..., Any] | None
    how: tuple[Any, ...]


def share(out: Tensor, parent: Tensor, rule: Rule, cut: Callable[..., Any] | None, *how: Any) -> Tensor:
    """Makes `out`, just recorded with this rule, a view of its parent; returns it."""
    out._written = clock = write_clock(parent)
    out._view = View(parent, rule, cut, how)
    if len(clock) % PRUNE == 0:
        clock[1:] = [made for made in clock[1:] if made() is not None]
    clock.append(ref(out))
    return out


def same(out: Tensor, parent: Tensor) -> Tensor:
    """Makes `out`, just recorded over parent's whole array, a view of it."""
    return share(out, parent, _same_rule, _all)


def _all(g: Any) -> Any:
    return g


def _same_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    return (g,)


def unshared(y: Tensor, x: Tensor) -> Tensor:
    """y, or a copy of it where it lies in x's memory, for functions whose results are written on their own."""
    return clone(y) if _shares(y, x) else y


def check_writable(operation: str, t: Tensor) -> None:
    """Raises GraphError where a write to t would be lost: to a leaf that requires a gradient, or one element twice."""
    root, at_leaf, repeated = t, False, not backend.writable(t.array)
    while True:
        at_leaf |= root.requires_grad and root.node is None and recording.get()
        if root._view is None or not _shares(root, root._view.parent):
            break
        repeated |= root._view.cut is None
        root = root._view.parent
    if at_leaf:
        hint = "Write inside no_grad(), or into a copy: clone()"
        raise GraphError(operation, "a tensor that is no leaf of the tape", "one that requires grad, or its view", hint)
    if repeated:
        hint = "Write into a copy: clone()"
        raise GraphError(operation, "writable memory, each element once", "an expanded or read-only tensor", hint)


def spare(t: Tensor) -> None:
    """Before a write to t on the tape: nodes that read their own result, t or what t is a view of, get a copy of it.

    Where a kernel holds the result in another form, its node keeps what it has, and backward raises GraphError.
    """
    while True:
        node, x = t.node, t.array
        if node is not None and node.y is x:
            saved = node.saved if isinstance(node.saved, tuple) else (node.saved,)
            if node.version is None or any(part is x for part in saved):
                kept = namespaces[type(x)].asarray(x, copy=True)
                parts = tuple([kept if part is x else part for part in saved])
                node.saved = parts if isinstance(node.saved, tuple) else parts[0]
                node.y, node.written = kept, None
        if t._view is None or not _shares(t, t._view.parent):
            return
        t = t._view.parent


def rebase(t: Tensor, node: Node | None) -> None:
    """Puts t, whose memory now holds the result of `node` (None: a constant), and its aliases on the tape."""
    before = edge(t)
    t.node = node if node is not None else node_of(t, (before,), _overwritten_rule)
    t.requires_grad = True
    chain = [t]
    while (view := chain[-1]._view) is not None and _shares(chain[-1], view.parent):
        parent = view.parent
        assert view.cut is not None  # `check_writable` has refused the others
        put = partial(put_rule, view.rule, view.cut, view.how)
        parent.node = node_of(parent, (edge(parent), chain[-1].node), put)
        parent.requires_grad = True
        chain.append(parent)
    for other in _views(t):
        if other._view is not None and not any(other is one for one in chain):
            parent, rule = other._view.parent, other._view.rule
            if parent.requires_grad and _shares(other, parent):
                other.node = node_of(other, (edge(parent),), rule)
                other.requires_grad = True


def become(t: Tensor, view: Callable[[Tensor], Tensor]) -> Tensor:
    """t becomes view(t): its memory, its place on the tape and its other views stay what they are. Returns t.

    Raises GraphError for a leaf that requires grad, whose gradient has its shape.
    """
    if t.requires_grad and t.node is None:
        raise GraphError("in place", "a tensor that is no leaf of the tape", "one that requires grad")
    before = Tensor(t.array)
    before.node, before.requires_grad, before._written, before._view = t.node, t.requires_grad, write_clock(t), t._view
    for other in _views(t):
        if other._view is not None and other._view.parent is t:
            other._view = other._view._replace(parent=before)
    y = view(before)
    if y is not before:
        t.array, t.node, t._view = y.array, y.node, y._view
        write_clock(t).append(ref(t))
    return t


def _views(t: Tensor) -> Iterator[Tensor]:
    """The views that are alive and share t's clock, oldest first."""
    return (view for made in write_clock(t)[1:] if (view := made()) is not None)


def _shares(a: Tensor, b: Tensor) -> bool:
    """Whether memory is shared: a reshape may have copied."""
    return backend.of(a.array).shares_memory(a.array, b.array)


def node_of(t: Tensor, inputs: tuple[Any, ...], rule: Rule) -> Node:
    """A node whose result lies in t's array."""
    node = Node()
    node.tick, node.shape, node.dtype = next(ticks), t.array.shape, t.array.dtype
    node.inputs, node.needs, node.rule = inputs, [getattr(i, "requires_grad", False) for i in inputs], rule
    node.saved = node.version = node.y = node.written = None
    return node


def _overwritten_rule(needs: Any, g: Any, y: Any, saved: Any, x: Any) -> tuple[Any]:
    values = either.raw(g)
    return (either.constant(namespaces[type(values)].zeros_like(values), g),)


def put_rule(
    rule: Rule,
    cut: Callable[..., Any],
    how: tuple[Any, ...],
    needs: Any,
    g: Any,
    y: Any,
    saved: Any,
    parent: Any,
    child: Any,
) -> tuple[Any, Any]:
    """Of y = parent, but child where cut(y, *how) is: the gradient goes to the child there, else to the parent.

    It does not hold the `View`, whose parent holds the node of this rule.
    """
    d, kept = cut(g, *how), None
    if needs[0]:
        (covered,) = rule((True,), namespaces[type(either.raw(d))].ones_like(either.raw(d)), None, None, None)
        kept = either.where(covered == 0, g, 0.0)
    return kept, d if needs[1] else None
