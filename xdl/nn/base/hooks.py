"""Hooks: functions that see, and may replace, what goes into and comes out of a module, forwards and backwards.

    before           hook(module, args) -> None, or the new args
    after            hook(module, args, output) -> None, or the new output
    backward before  hook(module, grad_output) -> None, or the new grad_output
    backward         hook(module, grad_input, grad_output) -> None, or the new grad_input

grad_output holds one gradient per Tensor that the module returned, grad_input one per Tensor that it was called with;
None for a Tensor that needs none. For gradients the module's inputs and outputs pass through one more tape node each,
whose rule calls the hooks: one node for all inputs, one for all outputs, so that one call sees them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Self

from xdl.backend import Array, namespaces
from xdl.errors import SettingError
from xdl.functional import either
from xdl.functional.aliases import same
from xdl.tape import record
from xdl.tensor import Tensor

Hook = Callable[..., Any]
KINDS = ("before", "after", "backward_before", "backward")
_keys = count()


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away, as does leaving a `with` block."""

    def __init__(self, hooks: dict[int, Hook], hook: Hook) -> None:
        self._hooks, self._key = hooks, next(_keys)
        hooks[self._key] = hook

    def remove(self) -> None:
        """Takes the hook away; a second time does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Hooked:
    """What registers hooks on a module. A module without hooks pays nothing for them."""

    _hooks: dict[str, dict[int, Hook]] | None = None

    def register_forward_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(module, args) before each forward; what it returns, unless None, takes the place of args."""
        return self._register("before", hook)

    def register_forward_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(module, args, output) after each forward; its result, unless None, takes the place of output."""
        return self._register("after", hook)

    def register_full_backward_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(module, grad_output) in the backward pass, before its own; the result replaces grad_output."""
        return self._register("backward_before", hook)

    def register_full_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(module, grad_input, grad_output) in the backward pass; its result replaces grad_input."""
        return self._register("backward", hook)

    def _register(self, kind: str, hook: Hook) -> RemovableHandle:
        if self._hooks is None:
            self._hooks = {name: {} for name in KINDS}
        return RemovableHandle(self._hooks[kind], hook)


def run(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The output of module.forward with all its hooks."""
    hooks = module._hooks
    if hooks is None:
        return module.forward(*args, **kwargs)
    for hook in list(hooks["before"].values()):
        args = _replaced(args, hook(module, args))
    watch = _Watch(module) if hooks["backward"] or hooks["backward_before"] else None
    if watch:
        args = watch.inputs(args)
    output = module.forward(*args, **kwargs)
    for hook in list(hooks["after"].values()):
        result = hook(module, args, output)
        output = output if result is None else result
    return watch.outputs(output) if watch else output


def _replaced(old: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    return old if new is None else new if isinstance(new, tuple) else (new,)


def _replaced_gradients(module: Any, old: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    """What a backward hook makes of the gradients. Raises SettingError for another number of them."""
    found = _replaced(old, new)
    if len(found) != len(old):
        operation = f"backward hook of {type(module).__name__}"
        raise SettingError(operation, f"{len(old)} gradients, or None to keep them", f"{len(found)}")
    return found


class _Watch:
    """One call of a module whose gradients are watched."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.needed: list[bool] = []  # for each Tensor among the inputs, whether it gets a gradient
        self.returned: list[bool] = []
        self.grad_output: tuple[Any, ...] = ()

    def inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.needed = [t.requires_grad for t in args if isinstance(t, Tensor)]
        return tuple(_mark(args, self._at_inputs))

    def outputs(self, output: Any) -> Any:
        several = isinstance(output, tuple | list)
        values = output if several else (output,)
        self.returned = [t.requires_grad for t in values if isinstance(t, Tensor)]
        marked = _mark(values, self._at_outputs)
        if not several:
            return marked[0]
        return type(output)(*marked) if hasattr(output, "_fields") else type(output)(marked)

    def _at_outputs(self, gradients: list[Tensor]) -> Sequence[Tensor]:
        grads = _spread(gradients, self.returned)
        for hook in list(self.module._hooks["backward_before"].values()):
            grads = _replaced_gradients(self.module, grads, hook(self.module, grads))
        self.grad_output = grads
        if not any(self.needed):
            self._call((None,) * len(self.needed))
        return [g for g, needed in zip(grads, self.returned, strict=True) if needed]

    def _at_inputs(self, gradients: list[Tensor]) -> Sequence[Tensor]:
        grads = self._call(_spread(gradients, self.needed))
        return [g for g, needed in zip(grads, self.needed, strict=True) if needed]

    def _call(self, grad_input: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in list(self.module._hooks["backward"].values()):
            new = hook(self.module, grad_input, self.grad_output)
            grad_input = _replaced_gradients(self.module, grad_input, new)
        self.grad_output = ()
        return grad_input


def _spread(gradients: list[Tensor], needed: list[bool]) -> tuple[Any, ...]:
    """The gradients in their places, None elsewhere."""
    rest = iter(gradients)
    return tuple([next(rest) if need else None for need in needed])


def _mark(values: Sequence[Any], function: Callable[[list[Tensor]], Sequence[Tensor]]) -> list[Any]:
    """The values, those that need a gradient behind a node whose rule calls function(their gradients)."""
    tensors = [t for t in values if isinstance(t, Tensor) and t.requires_grad]
    if not tensors:
        return list(values)
    rule = partial(_backward_hooks_rule, function, [t.shape for t in tensors])
    marked = record(tuple([t.array for t in tensors]), tuple([t.node or t for t in tensors]), rule)
    for t, new in zip(tensors, marked, strict=True):
        same(new, t)
    rest = iter(marked)
    return [next(rest) if isinstance(t, Tensor) and t.requires_grad else t for t in values]


def _backward_hooks_rule(
    function: Any, shapes: list[tuple[int, ...]], needs: Any, g: Any, y: Any, saved: Any, *inputs: Any
) -> tuple[Any, ...]:
    """function of the gradients as Tensors, with zeros for what nobody used."""
    like = next(d for d in g if d is not None)
    given = [_zeros(shape, either.raw(like)) if d is None else d for d, shape in zip(g, shapes, strict=True)]
    found = function([d if isinstance(d, Tensor) else Tensor(d) for d in given])
    return tuple(found) if isinstance(like, Tensor) else tuple([None if d is None else d.array for d in found])


def _zeros(shape: tuple[int, ...], like: Array) -> Tensor:
    return Tensor(namespaces[type(like)].zeros(shape, dtype=like.dtype, device=like.device))
