"""Watching a run from outside: what `detect_anomaly` and `profile` are made of.

A watcher hears of every call of a module, every operation with the rule of its gradient, every `backward()` and every
optimizer's step, with the layer in which it happens. The first one that starts sets the hooks of `xdl.observe`, the
last one that stops takes them away; while none is on, nothing of this runs. Watchers watch the whole process,
whichever thread works, and one may start or stop while another thread, or another watcher, is at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NamedTuple

from xdl import observe
from xdl.guard import Guard
from xdl.nn.module import Module
from xdl.node import Node, Output, Rule, operation_of
from xdl.tensor import Tensor


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


class Seen:
    """An operation that was recorded, and where. str: "log_softmax in cross_entropy in features.3 (Conv2d)"

    name:   the operation's, "in" the outermost function made of others that called it
    layer:  the innermost module that ran
    dtypes: of its results
    """

    __slots__ = ("dtypes", "layer", "name")

    def __init__(self, name: str, layer: Layer | None, dtypes: list[Any]) -> None:
        self.name, self.layer, self.dtypes = name, layer, dtypes

    def __str__(self) -> str:
        return f"{self.name} in {self.layer or 'no module'}"


class Watcher:
    """Override what you need to hear. closely: it hears modules and operations, not only backward and optimizers."""

    closely: ClassVar[bool] = True

    def entered(self, layer: Layer, caller: Layer | None) -> None:
        """A module is called, by another one or by none."""

    def left(self, layer: Layer, module: Module, args: tuple[Any, ...], output: Any) -> None:
        """The call has returned."""

    def recorded(self, operation: Seen, outputs: tuple[Tensor, ...], inputs: tuple[Any, ...]) -> None:
        """An operation has computed its outputs from `inputs`, as they are in the call of `record`."""

    def going_back(self, operation: Seen, g: Any) -> None:
        """The operation's rule is about to run with the gradient g of its result; a list of those of several."""

    def gone_back(self, operation: Seen, g: Any, gradients: tuple[Any, ...]) -> None:
        """The rule has returned the gradients of the operation's inputs."""

    def began(self, work: str) -> None:
        """Work of that name begins: "backward", or an optimizer's class."""

    def ended(self, work: str) -> None:
        """It is done."""


class Place(NamedTuple):
    """Where a thread is.

    calls:  the modules whose calls have not returned, the outermost first; root: that one itself
    outer:  the outermost function made of others, "" for none
    silent: whether a rule runs on arrays, which records nothing of its own
    """

    calls: tuple[Layer, ...] = ()
    root: Module | None = None
    outer: str = ""
    silent: bool = False

    @property
    def layer(self) -> Layer | None:
        """The innermost module."""
        return self.calls[-1] if self.calls else None


NOWHERE = Place()
_watchers: list[Watcher] = []
_changing = Guard()
_place: ContextVar[Place] = ContextVar("place", default=NOWHERE)
_layers: dict[tuple[int, int, str], tuple[Layer, Module, Module]] = {}  # the modules are held: their ids stay theirs


def start(watcher: Watcher) -> None:
    """Switches a watcher on."""
    with _changing.lock:
        _watchers.append(watcher)
        _switch()


def stop(watcher: Watcher) -> None:
    """Switches it off."""
    with _changing.lock:
        _watchers.remove(watcher)
        _switch()


def _switch() -> None:
    """Sets the hooks that the watchers need, and no more."""
    observe.observer = _Hooks() if any(watcher.closely for watcher in _watchers) else None
    observe.work = _Hooks() if _watchers else None
    if not _watchers:
        _layers.clear()


def current() -> Place:
    """Where this thread is."""
    return _place.get()


def seen(node: Node) -> Seen | None:
    """The operation of a node, if a watcher heard of it."""
    return getattr(node.source if isinstance(node, Output) else node, "seen", None)


class _Hooks:
    """What `xdl.observe` calls: it finds the layer and the name, and tells all watchers."""

    def recorded(self, outputs: tuple[Tensor, ...], inputs: tuple[Any, ...], rule: Rule) -> None:
        place = _place.get()
        if place.silent:
            return
        name = operation_of(rule).name
        if place.outer not in ("", name):
            name = f"{name} in {place.outer}"
        operation = Seen(name, place.layer, [out.array.dtype for out in outputs])
        for watcher in tuple(_watchers):
            watcher.recorded(operation, outputs, inputs)
        for node in [out.node for out in outputs if out.node is not None]:
            (node.source if isinstance(node, Output) else node).seen = operation

    def apply(self, run: Callable[..., tuple[Any, ...]], node: Node, g: Any, *rest: Any) -> tuple[Any, ...]:
        operation = seen(node)
        if operation is None:
            return run(node, g, *rest)
        recorded = any(isinstance(part, Tensor) for part in (g if isinstance(g, list) else [g]))
        calls = (operation.layer,) if operation.layer else ()  # what the rule records belongs to the forward's layer
        with _at(_place.get()._replace(calls=calls, silent=not recorded)):
            for watcher in tuple(_watchers):
                watcher.going_back(operation, g)
            gradients = run(node, g, *rest)
            for watcher in tuple(_watchers):
                watcher.gone_back(operation, g, gradients)
            return gradients

    def call(self, run: Callable[..., Any], module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        place = _place.get()
        root, caller = place.root or module, place.layer
        layer = _layer(root, module, caller.path if caller else "")
        with _at(place._replace(calls=(*place.calls, layer), root=root)):
            for watcher in tuple(_watchers):
                watcher.entered(layer, caller)
            output = run(module, args, kwargs)
            for watcher in tuple(_watchers):
                watcher.left(layer, module, args, output)
            return output

    def inside(self, name: str) -> AbstractContextManager[None]:
        place = _place.get()
        return _at(place if place.outer else place._replace(outer=name))

    def began(self, name: str) -> None:
        for watcher in tuple(_watchers):
            watcher.began(name)

    def ended(self, name: str) -> None:
        for watcher in reversed(tuple(_watchers)):  # as contexts end: the first one hears last
            watcher.ended(name)


@contextmanager
def _at(place: Place) -> Iterator[None]:
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def _layer(root: Module, module: Module, above: str) -> Layer:
    """Where a module lies below the root, under the path of its caller if it lies there; "?" if not at all."""
    key = (id(root), id(module), above)
    known = _layers.get(key)
    if known is None:
        places = [path for path, below in root.named_modules(remove_duplicate=False) if below is module] or ["?"]
        path = " = ".join([path for path in places if path.startswith(f"{above}.")] or places)
        _layers[key] = known = Layer(path, type(module).__name__), root, module
    return known[0]
