"""The tape: record() on the way forward, backward() and grad() on the way back.

A function of xdl computes its output `y` on raw arrays and records one node:

    y = xp.exp(x.data)
    return record(y, (x.node or x,), _exp_rule, keep_y=True)

A node holds what the way back needs and nothing else: the inputs whose values the rule reads (as Tensors),
only the node of those it does not read (so that their arrays are freed), `y` where the rule reads it, and
what the forward saved. There are no reference cycles, and memory is freed as backward passes.

A rule `rule(needs, g, y, saved, *inputs)` returns one gradient per input (None where `needs` is False). It is
written with operators and `xdl.functional.either`, which take arrays and Tensors alike. On the ordinary way
back it gets arrays and records nothing. With `create_graph=True` it gets Tensors, `y` hangs on its node, and
`saved` is None: saved raw values would act as constants and make second derivatives silently wrong. Nodes of a
kernel slot run `version.backward(g, saved, needs)` on the ordinary way instead.

Broadcasting needs no care in a rule: the engine sums a gradient over the dimensions that its input lacked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from xdl.backend import Array, namespaces
from xdl.errors import GraphError, ShapeError
from xdl.tensor import Tensor, enable_grad, recording, ticks


class Node:
    """One step of the tape. `written` is the write clock of `y`, where the rule reads `y`."""

    __slots__ = ("inputs", "rule", "saved", "shape", "tick", "version", "written", "y")
    requires_grad = True

    inputs: tuple[Any, ...]
    rule: Callable[..., tuple[Any, ...]]
    saved: Any
    shape: tuple[int, ...]
    tick: int
    version: Any
    written: list[int] | None
    y: Any


def record(
    y: Array,
    inputs: tuple[Any, ...],
    rule: Callable[..., tuple[Any, ...]],
    saved: Any = None,
    version: Any = None,
    keep_y: bool = False,
) -> Tensor:
    """The Tensor of a freshly computed array, with one tape node if an input requires a gradient.

    inputs:  what the rule will get, in order: Tensors, constants (numbers, None), and `x.node or x` for a Tensor
             whose value the rule does not read (it gets None then)
    saved:   what only the first-order way back reads
    version: the kernel version whose backward reads `saved`
    keep_y:  whether the rule reads y
    """
    out = _new_tensor(Tensor)
    out.data = y if y.shape else namespaces[type(y)].asarray(y)
    out.node = out._grad = out._written = None
    out.requires_grad = False
    if recording.get():
        for t in inputs:
            if getattr(t, "requires_grad", False):
                node = _new_node(Node)
                node.tick = next(ticks)
                node.inputs, node.rule, node.saved, node.version = inputs, rule, saved, version
                node.shape = y.shape
                node.y = node.written = None
                if keep_y:
                    node.y, node.written = y, [0]
                    out._written = node.written
                out.node = node
                out.requires_grad = True
                break
    return out


def edge(t: Any) -> Any:
    """An input whose value the rule does not read: its node where it has one, so that its array can be freed."""
    return (t.node or t) if isinstance(t, Tensor) else t


_new_tensor = Tensor.__new__
_new_node = Node.__new__


def backward(
    self: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
) -> None:
    """Adds d self / d leaf to the `.grad` of every leaf. `gradient` is needed unless self has one element.

    create_graph: record the way back too, for second derivatives
    retain_graph: keep the graph for another backward (default: as create_graph)
    """
    keep = create_graph if retain_graph is None else retain_graph
    for leaf, g, owned in _differentiate([self], [gradient], None, create_graph, keep):
        if leaf._grad is None:
            leaf._grad = g if owned or create_graph else namespaces[type(g)].asarray(g, copy=True)
        elif create_graph or isinstance(leaf._grad, Tensor):
            leaf._grad = leaf.grad + g
        else:
            leaf._grad += g


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the outputs with respect to the inputs, leaves or not, without touching any `.grad`.

    An input that no output depends on gets None.
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    given = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs or [None] * len(roots))
    keep = create_graph if retain_graph is None else retain_graph
    found = {key: g for key, g, _ in _differentiate(roots, given, {t.node or t for t in wanted}, create_graph, keep)}
    gradients = [found.get(t.node or t) for t in wanted]
    return tuple(g if g is None or isinstance(g, Tensor) else Tensor(g) for g in gradients)


def _differentiate(
    roots: list[Tensor], given: Sequence[Tensor | None], wanted: set[Any] | None, create_graph: bool, keep: bool
) -> list[tuple[Any, Any, bool]]:
    """Runs the rules of the graph above the roots, newest node first.

    Returns (leaf or wanted key, gradient, owned) for every leaf, or for each wanted key. A gradient is owned
    when no rule can hold the same array, so that it may be written in place.
    """
    pending: dict[Any, Any] = {}
    owned: set[Any] = set()
    for root, g in zip(roots, given, strict=True):
        key = root.node or root
        pending[key] = pending[key] + _start(root, g, create_graph) if key in pending else _start(root, g, create_graph)
    order = _reachable(roots)
    useful = None if wanted is None else _leading_to(wanted, order)
    results = []
    for node in order:
        if node not in pending:
            continue
        g = pending.pop(node)
        if wanted is not None and node in wanted:
            results.append((node, g, False))
        if useful is not None and node not in useful:
            continue
        needs, gradients = _apply(node, g, useful, create_graph)
        fresh = node.version is not None and not create_graph
        for t, d, need in zip(node.inputs, gradients, needs, strict=False):
            if d is None or not need:
                continue
            shape = t.data.shape if isinstance(t, Tensor) else t.shape
            own = fresh
            if d.shape != shape:
                d, own = _sum_to(d, shape), not create_graph
            key = t if type(t) is Node else t.node or t
            if key not in pending:
                pending[key] = d
                if own:
                    owned.add(key)
            elif key in owned and not create_graph:
                pending[key] += d
            else:
                pending[key] = pending[key] + d
                owned.add(key)
        if not keep:
            node.inputs, node.rule, node.saved, node.y, node.version = (), _freed, None, None, None
    leaves = [(key, g, key in owned) for key, g in pending.items() if wanted is None or key in wanted]
    return results + leaves


def _apply(node: Node, g: Any, useful: set[Any] | None, create_graph: bool) -> tuple[tuple[bool, ...], tuple[Any, ...]]:
    """The gradients of one node's inputs, and which of them are needed."""
    inputs = node.inputs
    if node.written is not None and node.written[0] > node.tick:
        raise _stale("output")
    for t in inputs:
        if isinstance(t, Tensor) and t._written is not None and t._written[0] > node.tick:
            raise _stale("input")
    if useful is None:
        needs = tuple([getattr(t, "requires_grad", False) for t in inputs])
    else:
        needs = tuple([getattr(t, "requires_grad", False) and _key(t) in useful for t in inputs])
    if create_graph:
        y = None
        if node.y is not None:
            y = Tensor(node.y)
            y.node, y.requires_grad, y._written = node, True, node.written
        with enable_grad():
            return needs, node.rule(needs, g, y, None, *[None if isinstance(t, Node) else t for t in inputs])
    if node.version is not None:
        return needs, node.version.backward(g, node.saved, needs)
    arrays = [t.data if isinstance(t, Tensor) else None if isinstance(t, Node) else t for t in inputs]
    return needs, node.rule(needs, g, node.y, node.saved, *arrays)


def _start(root: Tensor, g: Tensor | None, create_graph: bool) -> Any:
    """The cotangent of a root: what was given, or one for a single element."""
    if not root.requires_grad:
        raise GraphError("backward", "a tensor that depends on one with requires_grad=True", "a constant")
    if g is None:
        if root.shape and root.data.size != 1:
            raise GraphError(
                "backward", "a gradient for a tensor of several elements", f"None for shape {root.shape}", "Pass one"
            )
        start = namespaces[type(root.data)].ones_like(root.data)
    else:
        if g.shape != root.shape:
            raise ShapeError("backward", f"a gradient of the tensor's shape {root.shape}", g.shape)
        start = g if create_graph else g.data
    return Tensor(start) if create_graph and not isinstance(start, Tensor) else start


def _reachable(roots: list[Tensor]) -> list[Node]:
    """All nodes above the roots, newest first: every node comes before the nodes that fed it."""
    stack = [root.node for root in roots if root.node is not None]
    seen = set(stack)
    for node in stack:
        for t in node.inputs:
            parent = t if type(t) is Node else getattr(t, "node", None)
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    stack.sort(key=_tick, reverse=True)
    return stack


_tick = attrgetter("tick")


def _leading_to(wanted: set[Any], order: list[Node]) -> set[Any]:
    """The wanted keys and the nodes of `order` (newest first) that depend on one of them."""
    useful = set(wanted)
    for node in reversed(order):
        if any(_key(t) in useful for t in node.inputs if getattr(t, "requires_grad", False)):
            useful.add(node)
    return useful


def _key(t: Any) -> Any:
    """What gradients are gathered under: the node of a result, the Tensor itself for a leaf."""
    return t if isinstance(t, Node) else t.node or t


def _sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient over the dimensions that its input was broadcast along."""
    extra = len(g.shape) - len(shape)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, size in enumerate(shape) if size == 1 and g.shape[i + extra] != 1
    )
    if extra < 0 or any(size not in (1, g.shape[i + extra]) for i, size in enumerate(shape)):
        raise ShapeError("backward", f"a gradient that broadcasts from the input's shape {tuple(shape)}", g.shape)
    if isinstance(g, Tensor):
        return g.sum(axes).reshape(shape)
    xp = namespaces[type(g)]
    return xp.reshape(xp.sum(g, axis=axes), shape)


def _stale(what: str) -> GraphError:
    return GraphError(
        "backward",
        f"the {what} of an operation as it was on the way forward",
        "one that was written in place since",
        "Run the forward again after the write",
    )


def _freed(*_: Any) -> tuple[Any, ...]:
    raise GraphError(
        "backward",
        "a graph that is still there",
        "one that an earlier backward freed",
        "Pass retain_graph=True to the first one",
    )
