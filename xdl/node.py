"""What the tape is made of: nodes, the outputs of a node that has several, and the operation of a node.

    node.op.name        "exp"
    node.op.rule        the rule of its gradient, as `record` got it
    node.op.settings    {"dims": (0,), ...}: what the rule was given beside what the tape gives it

An operation is named after its rule: `_exp_rule` belongs to exp. A rule that several operations share takes the name
as its first argument, `operation`, bound with the other settings by functools.partial. So naming costs nothing until
somebody asks: profiles, detect_anomaly, drawn graphs and exporters do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from xdl import observe
from xdl.backend import Array, kinds
from xdl.errors import GraphError
from xdl.tensor import Tensor, recording, ticks, written_in_place

Rule = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a node has computed; see the module docstring."""

    name: str
    rule: Rule
    settings: dict[str, Any]


def operation_of(rule: Rule) -> Operation:
    """The operation that a rule belongs to: named by its setting `operation`, or after the rule itself.

    A lambda, or a function inside another one, has the name of what encloses it where it has none of its own.
    """
    function, given = (rule.func, rule.args) if isinstance(rule, partial) else (rule, ())
    settings = dict(zip(function.__code__.co_varnames, given, strict=False)) if given else {}
    name = settings.pop("operation", None)
    if name is None:
        path = getattr(function, "__qualname__", type(function).__qualname__).split(".")
        name = [part for part in path if not part.startswith("<")][-1].removesuffix("_rule").strip("_")
    return Operation(name, rule, settings)


class Node:
    """One step of the tape.

    inputs:  what the rule gets, in order: Tensors, constants, and only the node of a Tensor that it does not read
    needs:   for each input, whether it needs a gradient
    rule:    computes the gradients of the inputs
    saved:   what the first-order backward pass reads besides
    version: the kernel version whose backward reads `saved`, or None
    y:       the array that was computed, where the rule reads it; a tuple, with None for the others, of several
    written: the write clock of y; a tuple of clocks
    shape:   of y; a tuple of shapes
    dtype:   of y, the namespace's own object; a tuple
    tick:    when it was recorded
    seen:    what an observer notes of it; unset while nobody watches
    hooks:   those of its results, see `gradient_hooks.py`; unset until there is one
    unread:  the places of leaves among the inputs whose values the rule does not read, so that they may be written in
             place after this step; unset where there are none
    """

    __slots__ = (
        "dtype",
        "hooks",
        "inputs",
        "needs",
        "rule",
        "saved",
        "seen",
        "shape",
        "tick",
        "unread",
        "version",
        "written",
        "y",
    )
    requires_grad = True
    inputs: tuple[Any, ...]
    needs: Sequence[bool]
    rule: Rule
    saved: Any
    shape: tuple[Any, ...]
    dtype: Any
    tick: float
    version: Any
    written: Any
    y: Any
    seen: Any
    hooks: dict[tuple[int, int], Any]
    unread: tuple[int, ...]

    @property
    def op(self) -> Operation:
        """The operation that this is one run of."""
        return operation_of(self.rule)


class Output(Node):
    """Result number `index` of the `count` of a node: `source`, its one input, to which its gradient goes.

    It is the `node` of that result's Tensor. The node does not know its outputs, so that there is no cycle; two
    objects for the same result are equal.
    """

    __slots__ = ("count", "index")

    def __init__(self, source: Node, index: int) -> None:
        self.inputs, self.needs, self.index, self.count = (source,), (True,), index, len(source.shape)
        self.shape, self.dtype = source.shape[index], source.dtype[index]
        self.tick = source.tick + 0.5  # before the source, after all that use it
        self.rule, self.version, self.saved, self.y, self.written = source.rule, None, None, None, None

    @property
    def source(self) -> Node:
        """The node that computed this and its other outputs."""
        node: Node = self.inputs[0]
        return node

    def __eq__(self, other: object) -> bool:
        return type(other) is Output and self.source is other.source and self.index == other.index

    def __hash__(self) -> int:
        return hash((id(self.source), self.index))


def record_several(
    ys: tuple[Array, ...], inputs: tuple[Any, ...], rule: Rule, saved: Any, version: Any, keep_y: bool | Sequence[bool]
) -> tuple[Tensor, ...]:
    """`tape.record` of several arrays: their Tensors, on one node."""
    outs = tuple([Tensor(y) for y in ys])
    needs = [getattr(t, "requires_grad", False) for t in inputs]
    if recording.get() and True in needs:
        node = Node()
        node.tick = next(ticks)
        node.shape, node.dtype = tuple([out.array.shape for out in outs]), tuple([out.array.dtype for out in outs])
        node.inputs, node.needs, node.rule, node.saved, node.version = inputs, needs, rule, saved, version
        kept = [keep_y] * len(outs) if isinstance(keep_y, bool) else keep_y
        for i, (out, keep) in enumerate(zip(outs, kept, strict=True)):
            out._written = [0] if keep else None
            if kinds[out.array.dtype] == "float":
                out.node, out.requires_grad = Output(node, i), True
        node.y = tuple([out.array if keep else None for out, keep in zip(outs, kept, strict=True)])
        node.written = tuple([out._written for out in outs])
    if (watching := observe.observer) is not None:
        watching.recorded(outs, inputs, rule)
    return outs


def results_of(node: Node) -> Any:
    """What the rule reads of the node's results, as Tensors on the tape."""
    if not isinstance(node.y, tuple):
        return None if node.y is None else _result(node, node.y, node.written)
    places = enumerate(zip(node.y, node.written, strict=True))
    return tuple([None if y is None else _result(Output(node, i), y, clock) for i, (y, clock) in places])


def _result(node: Node, y: Array, clock: Any) -> Tensor:
    t = Tensor(y)
    t._written = clock
    if kinds[y.dtype] == "float":
        t.node, t.requires_grad = node, True
    return t


class Written:
    """Stands for an array that was written in place since: it has its shape and dtype, which are as they were."""

    def __init__(self, array: Array) -> None:
        self.shape, self.dtype, self.ndim, self.size = array.shape, array.dtype, len(array.shape), array.size

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise written_in_place()

    __getattr__ = __array__ = __array_ufunc__ = _refuse


def without_written(node: Node, g: Any, needs: Sequence[bool], create_graph: bool) -> tuple[Any, ...] | None:
    """The gradients of a node's inputs of which some were written in place since, or None if none was.

    A rule that does not read their values goes on: it gets a `Written` for each. Raises GraphError where it needs more,
    or reads a result that was written. For such inputs, too, of kernels, of rules for which something was saved, and of
    those that are not of xdl's functions, as what they keep is not known; with create_graph; and where the input is the
    result of what wrote it by now, an in-place operation on the tape.
    """
    clocks = node.written if isinstance(node.written, tuple) else (node.written,)
    unread = getattr(node, "unread", ())
    late = [i for i, t in enumerate(node.inputs) if i not in unread and _is_late(getattr(t, "_written", None), node)]
    moved = any(_is_moved(node.inputs[i], node) for i in late)
    function = node.rule.func if isinstance(node.rule, partial) else node.rule
    known = function.__module__.startswith("xdl.functional") and node.version is None and node.saved is None
    if any(_is_late(clock, node) for clock in clocks) or (late and (moved or create_graph or not known)):
        raise written_in_place()
    if not late:
        return None
    arrays = [t.array if isinstance(t, Tensor) else None if isinstance(t, Node) else t for t in node.inputs]
    try:
        return node.rule(needs, g, node.y, None, *[Written(a) if i in late else a for i, a in enumerate(arrays)])
    except Exception as error:
        raise written_in_place() from error


def _is_late(clock: list[int] | None, node: Node) -> bool:
    return clock is not None and clock[0] > node.tick


def _is_moved(t: Any, node: Node) -> bool:
    later = getattr(t, "node", None)
    return later is not None and later.tick > node.tick


def edge(t: Any) -> Any:
    """An input that the rule does not read: its node, itself for a leaf with a gradient, None for a constant."""
    return (t.node or (t if t.requires_grad else None)) if isinstance(t, Tensor) else t


def leading_to(wanted: set[Any], order: list[Node]) -> set[Any]:
    """The wanted keys and the nodes of `order` (newest first) that depend on one of them."""
    useful = set(wanted)
    for node in reversed(order):
        if any(need and edge(t) in useful for t, need in zip(node.inputs, node.needs, strict=False)):
            useful.add(node)
    return useful


def freed_rule(*_: Any) -> tuple[Any, ...]:
    """The rule of a node that an earlier backward pass has used up."""
    hint = "Pass retain_graph=True to the first one"
    raise GraphError("backward", "a graph that is still there", "one that an earlier backward freed", hint)
