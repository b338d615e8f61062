"""The tape: record() in the forward pass, backward() and grad() for the backward pass.

A function of xdl computes its output `y` on raw arrays and records one node:

    y = xp.exp(x.array)
    return record(y, (x.node or x,), _exp_rule, keep_y=True)

A node (`node.py`) holds what its rule needs: inputs that it reads (as Tensors), only the nodes of the others, so that
their arrays are freed, `y` where it is read, what the forward saved. After its rule only the way to others is left.

A rule `rule(needs, g, y, saved, *inputs)` returns one gradient per input (None where `needs` is False). It is written
with operators and `xdl.functional.either`, which take arrays and Tensors alike. In the ordinary backward pass it gets
arrays and records nothing. With `create_graph=True` it gets Tensors, `y` hangs on its node, and `saved` is None: saved
raw values would act as constants and make second derivatives silently wrong. Nodes of a kernel slot run
`version.backward(g, saved, needs)` in the ordinary pass instead. Where an input was broadcast, the engine sums; a
gradient always gets its tensor's dtype before anything reads it.

Several results go on one node, `values, indices = record((v, i), ...)`: the rule gets a list g with one gradient for
each, None where nobody used it. Results that are no floating numbers have no gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from xdl import backend, observe
from xdl.addition import total
from xdl.backend import Array, namespaces
from xdl.broadcasting import cast, own, sum_to
from xdl.errors import BackendError, GraphError, ShapeError
from xdl.gradient_hooks import hooked, hooked_leaves, registered
from xdl.node import Node, Output, Rule, edge, freed_rule, leading_to, record_several, results_of, without_written
from xdl.tensor import Tensor, enable_grad, latest_write, recording, ticks
from xdl.unwritten import here


def record(
    y: Array,
    inputs: tuple[Any, ...],
    rule: Rule,
    saved: Any = None,
    version: Any = None,
    keep_y: bool | Sequence[bool] = False,
) -> Tensor:
    """The Tensor of a freshly computed array, with one tape node if an input requires a gradient.

    y:       the array; for a tuple of arrays, a tuple of Tensors is returned
    inputs:  what the rule will get, in order: Tensors, constants (numbers, None), and `x.node or x` for a Tensor
             whose value the rule does not read (it gets None then)
    saved:   what only the first-order backward pass reads
    version: the kernel version whose backward reads `saved`
    keep_y:  whether the rule reads y; of several, each or all: it gets a tuple, with None for what is not kept
    """
    if isinstance(y, tuple):
        return record_several(y, inputs, rule, saved, version, keep_y)  # type: ignore[return-value]
    out, shape = _new_tensor(Tensor), y.shape
    out.array = y if shape else namespaces[type(y)].asarray(y)
    out.node = out._grad = out._written = out._view = None
    out.requires_grad = False
    if recording.get():
        needs = []
        for t in inputs:
            needs.append(getattr(t, "requires_grad", False))  # a comprehension would be one more call
        if True in needs:
            out.node = node = _new_node(Node)
            out.requires_grad = True
            node.tick, node.shape, node.dtype = next(ticks), shape, y.dtype
            node.inputs, node.needs, node.rule, node.saved, node.version = inputs, needs, rule, saved, version
            node.y = node.written = None
            if keep_y:
                node.y = y
                node.written = out._written = [0]
    if (watching := observe.observer) is not None:
        watching.recorded((out,), inputs, rule)
    return out


_new_tensor, _new_node = Tensor.__new__, Node.__new__


def backward(
    self: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
) -> None:
    """Adds d self / d leaf to the `.grad` of every leaf. `gradient` is needed unless self has one element.

    create_graph records the backward pass too; retain_graph keeps the graph for another one (default: as create_graph).
    """
    if (watching := observe.work) is not None:
        watching.began("backward")
    for leaf, g, owned in _differentiate([self], [gradient], None, create_graph, retain_graph):
        if leaf._grad is None:
            leaf._grad = g if owned else own(g) if create_graph else namespaces[type(g)].asarray(g, copy=True)
        elif create_graph or isinstance(leaf._grad, Tensor):
            leaf._grad = leaf.grad + (g if isinstance(g, Tensor) else Tensor(g))
        else:
            leaf._grad += g
    if (watching := observe.work) is not None:
        watching.ended("backward")


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool = True,
) -> tuple[Tensor | None, ...]:
    """The gradients of the outputs with respect to the inputs, leaves or not, without touching any `.grad`.

    An input that no output depends on gets None; GraphError without allow_unused. only_inputs: as PyTorch, only True
    """
    roots, wanted = [[t] if isinstance(t, Tensor) else list(t) for t in (outputs, inputs)]
    given = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs or [None] * len(roots))
    if len(given) != len(roots):
        raise ShapeError("grad", f"{len(roots)} grad_outputs, one for each output", len(given))
    keys = [t.node or t for t in wanted]
    found = {key: g for key, g, _ in _differentiate(roots, given, {*keys}, create_graph, retain_graph)}
    gradients = [found.get(key) for key in keys]
    if not only_inputs or (not allow_unused and any(g is None for g in gradients)):
        raise GraphError("grad", "only_inputs, and inputs that the outputs depend on", "others")
    return tuple(g if g is None or isinstance(g, Tensor) else Tensor(g) for g in gradients)


def _differentiate(
    roots: list[Tensor], given: Sequence[Tensor | None], wanted: set[Any] | None, create_graph: bool, keep: bool | None
) -> list[tuple[Any, Any, bool]]:
    """Runs the rules of the graph above the roots, newest node first.

    Returns (leaf or wanted key, gradient, owned) for every leaf, or for each wanted key. A gradient is owned
    when no rule can hold the same array, so that it may be written in place.
    """
    pending: dict[Any, Any] = {}
    owned: set[Any] = set()
    for root, g in zip(roots, given, strict=True):
        key = root.node or root
        start = _start(root, g, create_graph)
        pending[key] = pending[key] + start if key in pending else start
    order = _reachable(roots)
    useful = None if wanted is None else leading_to(wanted, order)
    apply = _apply if (watching := observe.observer) is None else partial(watching.apply, _apply)
    unwritten, depth, results, keep = here.unwritten, here.depth, [], create_graph if keep is None else keep
    here.depth = depth + 1 if apply is _apply else 0  # who watches sees what is written
    try:
        for node in order:
            g = pending.pop(node, None)
            if g is None:
                continue
            if unwritten:
                here.settle(g)
            if registered[0]:
                g = hooked(node, g)
            if wanted is not None and node in wanted:
                results.append((node, g, False))
            if type(node) is Output:
                pending.setdefault(node.inputs[0], [None] * node.count)[node.index] = g
                continue
            needs = node.needs
            if useful is not None:
                if node.rule is freed_rule:
                    freed_rule()
                needs = [need and edge(t) in useful for t, need in zip(node.inputs, needs, strict=True)]
                if True not in needs:
                    continue
            fresh = node.version is not None and node.version.own and not create_graph
            for t, d, need in zip(node.inputs, apply(node, g, needs, create_graph), needs, strict=False):
                if d is None or not need:
                    continue
                if isinstance(t, Tensor):
                    key, shape, dtype = t.node or t, t.array.shape, t.array.dtype
                else:
                    key, shape, dtype = t, t.shape, t.dtype
                own = fresh
                if d.shape != shape:
                    d, own = sum_to(d, shape), not create_graph
                if (d.array if create_graph else d).dtype != dtype:
                    d, own = cast(d, dtype), not create_graph
                if key not in pending:
                    pending[key] = d
                else:
                    if unwritten:
                        here.settle(d, pending[key])
                    if key in owned and not create_graph:
                        pending[key] = total(pending[key], d, inside=True)
                    elif own:
                        pending[key] = total(d, pending[key], inside=True)
                    else:
                        pending[key], own = pending[key] + d if create_graph else total(pending[key], d), True
                if own:
                    owned.add(key)
            if not keep:
                pairs = zip(node.inputs, node.needs, strict=True)
                node.inputs = tuple([need and (getattr(t, "node", None) or t) for t, need in pairs])
                node.rule, node.saved, node.y, node.version = freed_rule, None, None, None
    finally:
        here.depth = depth
        if unwritten:
            here.finish()
    if registered[0]:
        pending, owned = hooked_leaves(pending, owned)
    return results + [(key, g, key in owned) for key, g in pending.items() if wanted is None or key in wanted]


def _apply(node: Node, g: Any, needs: Sequence[bool], create_graph: bool) -> tuple[Any, ...]:
    """The gradients of one node's inputs."""
    if latest_write[0] > node.tick and (found := without_written(node, g, needs, create_graph)) is not None:
        return found
    if create_graph:
        inputs = [None if isinstance(t, Node) else t for t in node.inputs]
        with enable_grad():
            return node.rule(needs, g, results_of(node), None, *inputs)
    if node.version is not None:
        return node.version.backward(g, node.saved, needs)  # type: ignore[no-any-return]
    arrays = [t.array if isinstance(t, Tensor) else None if isinstance(t, Node) else t for t in node.inputs]
    return node.rule(needs, g, node.y, node.saved, *arrays)


def _start(root: Tensor, g: Tensor | None, create_graph: bool) -> Any:
    """The cotangent of a root: what was given, or one for a single element."""
    if not root.requires_grad:
        raise GraphError("backward", "a tensor that depends on one with requires_grad=True", "a constant")
    if g is None and root.array.size != 1:
        raise GraphError("backward", f"a gradient for a tensor of shape {root.shape}", "none")
    if g is not None and g.array.shape != root.array.shape:
        raise ShapeError("backward", f"a gradient of the tensor's shape {root.shape}", g.shape)
    if g is not None and (type(g.array) is not type(root.array) or (backend.several_cards and g.device != root.device)):
        raise BackendError("backward", f"a gradient on the tensor's device {root.device}", g.device)
    g = Tensor(namespaces[type(root.array)].ones_like(root.array)) if g is None else g
    g = g if g.array.dtype == root.array.dtype else cast(g, root.array.dtype)
    return g if create_graph else g.array


def _reachable(roots: list[Tensor]) -> list[Node]:
    """All nodes above the roots, newest first: every node comes before the nodes that fed it."""
    stack: list[Any] = list(roots)
    seen: set[Any] = set()
    nodes = []
    while stack:
        t = stack.pop()
        node = t if isinstance(t, Node) else getattr(t, "node", None)
        if node is not None and node not in seen:
            seen.add(node)
            nodes.append(node)
            stack += node.inputs
    return sorted(nodes, key=attrgetter("tick"), reverse=True)
