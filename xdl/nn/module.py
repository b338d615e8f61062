"""Module: a piece of a network that holds parameters. Calling it runs `forward`.

A module's parameters are its attributes of type `Parameter`, its buffers those of type `Buffer`, its children those
of type `Module`: there is no registry, and a subclass needs no call of `super().__init__()`. Names join with dots,
as in PyTorch: "0.weight", "features.3.running_mean".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from xdl import backend, observe
from xdl.backend import DTYPES, Array, kinds
from xdl.errors import DtypeError, SettingError, nearest
from xdl.nn.base.flops import Shape
from xdl.nn.base.holding import Holder
from xdl.nn.base.hooks import Hooked, run
from xdl.nn.base.loading import fitting, may_lack
from xdl.nn.base.summary import Summary, summary
from xdl.nn.parameter import Buffer, Parameter
from xdl.tensor import Tensor, no_grad, written

Named = Iterator[tuple[str, Any]]


class Module(Hooked, Holder):
    """The base of all layers and networks: override `forward`."""

    training: bool = True
    _may_lack: tuple[str, ...] = ()  # own entries of the state that a state may lack when it is loaded

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        watching = observe.observer
        if self._hooks is None and watching is None:
            return self.forward(*args, **kwargs)
        return run(self, args, kwargs) if watching is None else watching.call(run, self, args, kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The output for the given inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method")

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) for each direct child, in the order of definition."""
        return self._named(Module)

    def children(self) -> Iterator[Module]:
        """The direct children."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """(path, module) for this module (at prefix) and all below it, parents first; a shared one once, or always."""
        seen, left = set(), [(prefix, self)]  # type: tuple[set[Module], list[tuple[str, Module]]]
        while left:
            path, module = left.pop()
            if not (remove_duplicate and module in seen):
                seen.add(module)
                yield path, module
                left += [(f"{path}.{name}" if path else name, m) for name, m in [*module.named_children()][::-1]]

    def modules(self) -> Iterator[Module]:
        """This module and all below it, parents first."""
        return (module for _, module in self.named_modules())

    def _named_below(self, kind: type, prefix: str, recurse: bool, once: bool) -> Named:
        seen = set()
        for path, module in self.named_modules(prefix, once) if recurse else [(prefix, self)]:
            for name, tensor in module._named(kind, f"{path}." if path else ""):
                if not once or id(tensor) not in seen:
                    seen.add(id(tensor))
                    yield name, tensor

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """(path, parameter) for each parameter here and, with recurse, below; a shared one once, or under each path."""
        return self._named_below(Parameter, prefix, recurse, remove_duplicate)

    def parameters(self) -> Iterator[Parameter]:
        """Each parameter here and below."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Named:
        """(path, buffer) for each buffer here and, with recurse, below; a shared one once, or under each path."""
        return self._named_below(Buffer, prefix, recurse, remove_duplicate)

    def buffers(self) -> Iterator[Buffer]:
        """Each buffer here and below."""
        return (buffer for _, buffer in self.named_buffers())

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as "features.3"; "" is this one. Raises SettingError with the nearest path."""
        return self._at("get_submodule", target, self.named_modules(remove_duplicate=False))  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path such as "features.3.weight". Raises SettingError with the nearest path."""
        return self._at("get_parameter", target, self.named_parameters(remove_duplicate=False))  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Buffer:
        """The buffer at a path such as "features.3.running_mean". Raises SettingError with the nearest path."""
        return self._at("get_buffer", target, self.named_buffers(remove_duplicate=False))  # type: ignore[no-any-return]

    @staticmethod
    def _at(operation: str, target: str, named: Named) -> Any:
        if target not in (found := dict(named)):
            raise SettingError(operation, "a path in the module", repr(target), nearest(target, found))
        return found[target]

    def to(self, where: str) -> Self:
        """Converts floating parameters, buffers and gradients to a dtype ("float64"), or moves all to a backend.

        The tensors stay the same objects with new arrays; make optimizers afterwards. Raises DtypeError, BackendError.
        """
        if where in DTYPES and not where.startswith("float"):
            raise DtypeError("Module.to", "a floating dtype or the name of a backend", repr(where))
        with no_grad():
            for t in (*self.parameters(), *self.buffers()):
                t.array, grad = _converted(t.array, where), t.grad
                t.grad = None if grad is None else Tensor(_converted(grad.array, where))
                written([t])
        return self

    def train(self, mode: bool = True) -> Self:
        """Switches this module and all below it to training (dropout on, batch statistics) or evaluation."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switches to evaluation: `train(False)`."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Calls function(module) for all modules below and then for this one."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freezes or frees all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self) -> None:
        """Forgets the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, Tensor]:
        """All parameters and persistent buffers by path, sharing memory with the module."""
        state: dict[str, Tensor] = {}
        for path, module in self.named_modules(remove_duplicate=False):
            prefix = f"{path}." if path else ""
            state.update((name, t.detach()) for name, t in module._named(Parameter, prefix))
            state.update((name, t.detach()) for name, t in module._named(Buffer, prefix) if t.persistent)
        return state

    def load_state_dict(self, state: dict[str, Any], strict: bool = True) -> None:
        """Copies values (Tensors or host arrays) into the parameters and buffers of the same paths.

        As in PyTorch, a batch norm's num_batches_tracked may be missing, and stays as it is. Raises CheckpointError,
        before anything changes, as `loading.fitting` does.
        """
        own = self.state_dict()
        values = fitting(own, state, strict, may_lack(self))
        with no_grad():
            for name in own.keys() & values.keys():
                own[name][...] = values[name]

    def summary(self, input_shape: Any, dtype: str | None = None) -> Summary:
        """A table of layers with their output shapes, parameters and operations: `nn.summary(self, input_shape)`."""
        return summary(self, input_shape, dtype)

    def flops(self, input: Shape, output: Shape) -> int | None:
        """Operations of one call, by the shapes of its first input and output; None: not counted. See `flops.py`."""
        return None

    def extra_repr(self) -> str:
        """The settings shown in repr()."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def _converted(x: Array, where: str) -> Array:
    """x in another floating dtype, or on another backend."""
    if where not in DTYPES:
        return backend.load(where).asarray(backend.of(x).to_numpy(x), backend.dtype_name(x))
    return Tensor(x).to(where).array if kinds[x.dtype] == "float" else x


def check_sizes(operation: str, **sizes: int) -> None:
    """Raises SettingError, naming the argument, unless all sizes are whole numbers of at least 1."""
    for name, value in sizes.items():
        if not isinstance(value, int) or value < 1:
            raise SettingError(operation, f"{name}: a whole number of at least 1", repr(value))
