"""Hooks on tensors: functions that see a tensor's gradient in the backward pass, and may put another in its place.

    handle = h.register_hook(lambda g: 2 * g)
    handle.remove()

Hooks hang on the node of the tensor, of a leaf on the tensor itself, so that they go with it. They run when its
gradient is complete, in the order of registration, before anything else reads it. `registered[0]` counts the hooks
that were ever made: until the first one, a backward pass looks at nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from xdl.errors import DtypeError, GraphError, ShapeError
from xdl.node import Output
from xdl.tensor import Tensor, enable_grad, no_grad

Hook = Callable[[Tensor], Tensor | None]
registered = [0]


class HookHandle:
    """Takes its hook away: `handle.remove()`, or at the end of a with statement."""

    def __init__(self, owner: Any, key: tuple[int, int]) -> None:
        self._owner: Any = ref(owner) if isinstance(owner, Tensor) else lambda: owner
        self._key = key

    def remove(self) -> None:
        """Takes the hook away; nothing happens if it is gone."""
        owner = self._owner()
        if owner is not None:
            owner.hooks.pop(self._key, None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def register_hook(self: Tensor, hook: Hook) -> HookHandle:
    """hook(grad) is called with the tensor's gradient in every backward pass; a Tensor that it returns replaces it.

    Raises GraphError for a tensor without a gradient.
    """
    if not self.requires_grad:
        raise GraphError("register_hook", "a tensor with requires_grad=True", "one without a gradient")
    owner, index = _place(self.node or self)
    if not hasattr(owner, "hooks"):
        owner.hooks = {}
    registered[0] += 1
    key = (index, registered[0])
    owner.hooks[key] = hook
    return HookHandle(owner, key)


def retain_grad(self: Tensor) -> None:
    """Keeps the gradient of the result of an operation in `.grad`, as a leaf does; for a leaf nothing changes.

    Raises GraphError for a tensor without a gradient.
    """
    kept = ref(self)

    def keep(g: Tensor) -> None:
        t = kept()
        if t is not None:
            g = g if g.requires_grad else g.clone()
            t.grad = g if t.grad is None else t.grad + g

    if self.node is not None or not self.requires_grad:
        register_hook(self, keep)


def hooked(key: Any, g: Any) -> Any:
    """The gradient of a node or leaf after its hooks. g: an array, or a Tensor where the backward pass is recorded."""
    owner, index = _place(key)
    hooks = getattr(owner, "hooks", None)
    if not hooks or isinstance(g, list):  # a list: the gradients of several results, which their hooks have seen
        return g
    for (number, _), hook in [*hooks.items()]:
        if number == index:
            g = _called(hook, g)
    return g


def hooked_leaves(pending: dict[Any, Any], owned: set[Any]) -> tuple[dict[Any, Any], set[Any]]:
    """The gradients that are left at the end of a backward pass, after their hooks, and those that no hook has seen."""
    found = {key: hooked(key, g) for key, g in pending.items()}
    return found, {key for key in owned if not hasattr(key, "hooks")}


def _called(hook: Hook, g: Any) -> Any:
    recorded = isinstance(g, Tensor)
    given = g if recorded else Tensor(g)
    with enable_grad() if recorded else no_grad():
        new = hook(given)
    if new is None:
        return g
    if not isinstance(new, Tensor):
        raise DtypeError("register_hook", "a hook that returns a Tensor or None", type(new).__name__)
    if new.shape != given.shape:
        raise ShapeError("register_hook", f"a hook that returns a gradient of shape {given.shape}", new.shape)
    new = new.to(given)
    return new if recorded else new.array


def _place(key: Any) -> tuple[Any, int]:
    """The object that hooks hang on, and the number of the result."""
    return (key.source, key.index) if isinstance(key, Output) else (key, 0)
