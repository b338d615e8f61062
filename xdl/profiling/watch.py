"""Watching a run from outside: what `detect_anomaly` and `profile` are made of.

A watcher hears of every call of a module, every operation on its way forward and back, every `backward()` and every
optimizer's step, with the layer in which it happens. While none is on, nothing of this runs: the first one that starts
sets the tape's `observe` and puts heard versions of `Module.__call__`, `Tensor.backward` and `Optimizer.step` in
place, the last one that stops takes them away. Watchers watch the whole process, whichever thread works.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from functools import partial, wraps
from typing import Any, ClassVar

from xdl import functional, overlap, tape
from xdl.backend import Array
from xdl.nn.module import Module
from xdl.optim.optimizer import Optimizer
from xdl.tape import Node
from xdl.tensor import Tensor

OPERATIONS = frozenset(functional.__all__)


class Layer:
    """A module by its place: the path below the outermost module that was called, "" for that one itself.

    A module at several places has the paths of all of them, with " = " between. str: "features.3 (Conv2d)"
    """

    __slots__ = ("_text", "path")

    def __init__(self, path: str, kind: str) -> None:
        self.path = path
        self._text = f"{path} ({kind})" if path else kind

    def __str__(self) -> str:
        return self._text


class Operation:
    """One recorded operation. name: the function's, "log_softmax in cross_entropy" where one calls another."""

    __slots__ = ("dtype", "layer", "name")

    def __init__(self, name: str, layer: Layer | None, dtype: Any) -> None:
        self.name, self.layer, self.dtype = name, layer, dtype

    def __str__(self) -> str:
        return f"{self.name} in {self.layer or 'no module'}"


class Watcher:
    """Override what you need to hear. closely: it hears modules and operations, not only backward and optimizers."""

    closely: ClassVar[bool] = True

    def entered(self, layer: Layer, caller: Layer | None) -> None:
        """A module is called, by another one or by none."""

    def left(self, layer: Layer, module: Module, args: tuple[Any, ...], output: Any) -> None:
        """The call has returned."""

    def recorded(self, operation: Operation, out: Tensor, inputs: tuple[Any, ...]) -> None:
        """An operation has computed `out` from `inputs`, as they are in the call of `record`."""

    def going_back(self, operation: Operation, g: Any) -> None:
        """The operation's rule is about to run with the gradient g of its result."""

    def gone_back(self, operation: Operation, g: Any, gradients: tuple[Any, ...]) -> None:
        """The rule has returned the gradients of the operation's inputs."""

    def began(self, work: str) -> None:
        """Work of that name begins: "backward", or an optimizer's class."""

    def ended(self, work: str) -> None:
        """It is done."""


_watchers: list[Watcher] = []
_calls: ContextVar[tuple[Layer, ...]] = ContextVar("calls", default=())
_within: ContextVar[bool] = ContextVar("within", default=False)  # a rule on arrays
_root: ContextVar[Module | None] = ContextVar("root", default=None)
_layers: dict[tuple[int, int, str], tuple[Layer, Module, Module]] = {}  # the modules are held: their ids stay theirs
_plain: tuple[Any, ...] = (Module.__call__, Tensor.backward, Optimizer.step)


def start(watcher: Watcher) -> None:
    """Switches a watcher on."""
    _watchers.append(watcher)
    _switch()


def stop(watcher: Watcher) -> None:
    """Switches it off."""
    _watchers.remove(watcher)
    _switch()


def _switch() -> None:
    """Puts in place what the watchers want to hear, and no more."""
    closely = any(watcher.closely for watcher in _watchers)
    call, backward, step = _plain
    tape.observe = _observe if closely else None
    Module.__call__ = wraps(call)(_call) if closely else call  # type: ignore[method-assign]
    if _watchers:
        Tensor.backward = wraps(backward)(_work(backward, lambda _: "backward"))  # type: ignore[method-assign]
        Optimizer.step = wraps(step)(_work(step, lambda self: type(self).__name__))  # type: ignore[method-assign]
    else:
        Tensor.backward, Optimizer.step = backward, step  # type: ignore[method-assign]
        _layers.clear()


def operation_of(node: Node) -> Operation | None:
    """The operation of a node that was recorded under a watcher."""
    return getattr(node.rule, "args", (None,))[0] if getattr(node.rule, "func", None) is _rule else None


def current_layer() -> tuple[Layer | None, Module | None]:
    """The innermost module that runs here, and the outermost one itself."""
    calls = _calls.get()
    return calls[-1] if calls else None, _root.get()


def _call(self: Module, *args: Any, **kwargs: Any) -> Any:
    """Module.__call__, heard."""
    calls, root = _calls.get(), _root.get()
    if root is None:
        root = self
    layer = _layer(root, self, calls[-1].path if calls else "")
    tokens = _calls.set((*calls, layer)), _root.set(root)
    try:
        for watcher in _watchers:
            watcher.entered(layer, calls[-1] if calls else None)
        output = _plain[0](self, *args, **kwargs)
        for watcher in _watchers:
            watcher.left(layer, self, args, output)
        return output
    finally:
        _calls.reset(tokens[0])
        _root.reset(tokens[1])


def _layer(root: Module, module: Module, above: str) -> Layer:
    """Where a module lies below the root, under the path of its caller if it lies there; "?" if not at all."""
    key = (id(root), id(module), above)
    if key not in _layers:
        places = [path for path, below in root.named_modules(remove_duplicate=False) if below is module] or ["?"]
        path = " = ".join([path for path in places if path.startswith(f"{above}.")] or places)
        _layers[key] = Layer(path, type(module).__name__), root, module
    return _layers[key][0]


def _work(plain: Callable[..., Any], name: Callable[[Any], str]) -> Callable[..., Any]:
    """A method, heard."""

    def heard(self: Any, *args: Any, **kwargs: Any) -> Any:
        work = name(self)
        for watcher in tuple(_watchers):  # one may start or stop another
            watcher.began(work)
        result = plain(self, *args, **kwargs)
        for watcher in reversed(tuple(_watchers)):  # as contexts end: the first one hears last
            watcher.ended(work)
        return result

    return heard


def _observe(out: Tensor, inputs: tuple[Any, ...]) -> None:
    """What the tape calls for every result: the operation is named, and its node's way back is heard too."""
    name = _name(sys._getframe(2))
    if not name or _within.get():
        return
    calls = _calls.get()
    operation = Operation(name, calls[-1] if calls else None, out.data.dtype)
    for watcher in _watchers:
        watcher.recorded(operation, out, inputs)
    node = out.node
    if node is not None:
        node.rule = partial(_rule, operation, node.rule)
        if node.version is not None:
            node.version = replace(node.version, backward=partial(_kernel, operation, node.version.backward))


def _rule(operation: Operation, rule: Any, needs: Any, g: Any, *rest: Any) -> tuple[Any, ...]:
    return _heard(operation, g, lambda: rule(needs, g, *rest))


def _kernel(operation: Operation, backward: Any, g: Array, *rest: Any) -> tuple[Any, ...]:
    with overlap.at_once():
        return _heard(operation, g, lambda: backward(g, *rest))


def _heard(operation: Operation, g: Any, run: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
    """The gradients of one node's inputs; what its rule records belongs to the layer of the way forward.

    A rule that gets arrays records nothing: functions that it calls are its own affair.
    """
    tokens = _calls.set((operation.layer,) if operation.layer else ()), _within.set(not isinstance(g, Tensor))
    try:
        for watcher in _watchers:
            watcher.going_back(operation, g)
        gradients = run()
        for watcher in _watchers:
            watcher.gone_back(operation, g, gradients)
        return gradients
    finally:
        _calls.reset(tokens[0])
        _within.reset(tokens[1])


def _name(frame: Any) -> str:
    """The function that recorded: the innermost of xdl.functional, "in" the outermost that called it there.

    Nothing for functions that a kernel calls: what it does with them, such as filling with -inf, is its own affair.
    """
    own: str = frame.f_code.co_name
    names: list[str] = []
    while frame is not None and frame.f_globals.get("__name__", "").startswith("xdl.functional"):
        if frame.f_code.co_name in OPERATIONS:
            names.append(frame.f_code.co_name)
        frame = frame.f_back
    if frame is not None and frame.f_globals.get("__name__", "").startswith("xdl.kernel"):
        return ""
    if not names:
        return own.strip("_")
    return names[0] if names[0] == names[-1] else f"{names[0]} in {names[-1]}"
