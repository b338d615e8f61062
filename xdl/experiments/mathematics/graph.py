"""The graph of a computation: every step of the tape, drawn with its values' shapes (hwdong 1.3.5, 4.2.1; 徐彬 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import plot
from xdl.creation import tensor
from xdl.node import Node, Output
from xdl.runs.run import Run
from xdl.tape import grad
from xdl.tensor import Tensor

QUICK: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """Nothing to set: a sigmoid neuron with a squared error."""


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """L = (sigmoid(w x + b) - y)**2: forward values, the steps as recorded, and the gradient at every one of them."""
    x, y = tensor(1.5), tensor(1.0)
    leaves = {"w": tensor(0.8, requires_grad=True), "b": tensor(-0.4, requires_grad=True)}
    product = leaves["w"] * x
    z = product + leaves["b"]
    a = z.sigmoid()
    difference = a - y
    loss = difference * difference
    named = {**leaves, "w x": product, "z = w x + b": z, "a = sigmoid(z)": a, "a - y": difference, "L": loss}
    gradients = grad(loss, list(named.values()), retain_graph=True)
    rows = [
        (name, value.item(), None if g is None else g.item())
        for (name, value), g in zip(named.items(), gradients, strict=True)
    ]
    table = run.table(("value", "forward", "dL/dvalue"), rows)
    by_hand = 2 * difference.item() * a.item() * (1 - a.item()) * x.item()
    run.say(f"by the chain rule: dL/dw = 2 (a - y) a (1 - a) x = {by_hand:.6f}")

    names = {id(t.node or t): name for name, t in named.items()}
    nodes, edges = walk(loss, names)
    values = {name: (value, slope) for name, value, slope in rows}
    labels = [_label(name, *values[name]) if name in values else name for name in nodes]
    run.say("\n".join(f"{nodes[i]} -> {nodes[j]}" for i, j in edges))
    run.figure("graph", plot.graph_data(labels, edges))
    return {"values": table, "dL_dw_by_hand": by_hand, "edges": [[nodes[i], nodes[j]] for i, j in edges]}


def walk(root: Tensor, names: dict[int, str]) -> tuple[list[str], list[tuple[int, int]]]:
    """The nodes of the tape below a Tensor, by name, inputs before what is made of them; and the edges between them.

    names: {id of a node or leaf: its name}; others are called by their operation. Constants are left out.
    """
    found: dict[int, int] = {}
    nodes: list[str] = []
    edges: list[tuple[int, int]] = []

    def visit(thing: Tensor | Node) -> int:
        if id(thing) in found:
            return found[id(thing)]
        inputs = thing.inputs if isinstance(thing, Node) else ()
        below = [visit(_place(i)) for i in inputs if getattr(i, "requires_grad", False)]
        found[id(thing)] = len(nodes)
        nodes.append(names.get(id(thing)) or _operation(thing))
        edges.extend((i, found[id(thing)]) for i in dict.fromkeys(below))
        return found[id(thing)]

    visit(_place(root))
    return nodes, edges


def _place(thing: Any) -> Tensor | Node:
    """Where a gradient arrives: a Tensor's node, or the Tensor itself if it is a leaf."""
    return thing.node or thing if isinstance(thing, Tensor) else thing


def _operation(thing: Tensor | Node) -> str:
    if isinstance(thing, Tensor):
        return "leaf"
    return f"{thing.op.name}[{thing.index}]" if isinstance(thing, Output) else thing.op.name


def _label(name: str, value: float, slope: float | None) -> str:
    return f"{name}\n{value:.4g}" + ("" if slope is None else f"\ngradient {slope:.4g}")
