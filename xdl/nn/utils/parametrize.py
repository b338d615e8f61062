"""Parameters that are functions of other parameters: `module.weight` is computed whenever it is read.

    register_parametrization(linear, "weight", f)       linear.weight = f(linear.parametrizations.weight.original)

f is a Module. Its method `right_inverse(value)`, if it has one, gives the original for a value: for the first value,
and when the weight is assigned; several originals are named original0, original1, ... Further parametrizations are
applied to what the earlier ones give. The module gets a class of its own, with properties for its parametrized tensors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from xdl.errors import KindError, SettingError, ShapeError
from xdl.nn.container import ModuleList
from xdl.nn.dictionary import ModuleDict
from xdl.nn.module import Module
from xdl.nn.parameter import Buffer, Parameter
from xdl.tensor import Tensor, no_grad

M = TypeVar("M", bound=Module)
_computed: ContextVar[dict[tuple[int, str], Tensor] | None] = ContextVar("_computed", default=None)


@contextmanager
def cached() -> Iterator[None]:
    """Inside, each parametrized tensor is computed once, when it is first read; assigning it forgets it."""
    token = _computed.set({}) if _computed.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _computed.reset(token)


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, first to last, and its originals. Made by `register_parametrization`."""

    original: Tensor

    def __init__(self, modules: list[Module], original: Tensor) -> None:
        super().__init__(modules)
        with no_grad():
            value = _inverse(modules, original, needed=False)
        self.is_tensor = isinstance(value, Tensor)
        if self.is_tensor:
            original.data = value
            vars(self)["original"] = original
            return
        for i, part in enumerate(value):
            kept = Parameter(part, original.requires_grad) if isinstance(original, Parameter) else Buffer(part)
            vars(self)[f"original{i}"] = kept

    def originals(self) -> list[Any]:
        """The original, or all of them."""
        if self.is_tensor:
            return [self.original]
        return [value for name, value in vars(self).items() if name.startswith("original")]

    def right_inverse(self, value: Tensor) -> None:
        """Writes what gives this value into the originals. Raises KindError where that is not known."""
        with no_grad():
            found = _inverse(list(self), value, needed=True)
            for own, new in zip(self.originals(), [found] if self.is_tensor else found, strict=True):
                own.data = new

    def forward(self) -> Tensor:
        """The tensor as it is now."""
        first, *others = list(self)
        value = first(*self.originals())
        for module in others:
            value = module(value)
        return value  # type: ignore[no-any-return]


def register_parametrization(module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> M:
    """Makes a parameter or buffer a function of originals; returns the module. See the module docstring.

    unsafe: whether the function may change the shape or dtype. Optimizers made afterwards get the originals. Raises
    SettingError where the module has no such tensor, ShapeError and KindError for what the function gives.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        own = _lists(module)[tensor_name]
        value = getattr(module, tensor_name).detach()
        if not unsafe:
            with no_grad():
                _check_like(value, parametrization(_inverse([parametrization], value, needed=False)))
        own.append(parametrization)
        if hasattr(parametrization, "right_inverse"):
            setattr(module, tensor_name, value)
        return module
    original = vars(module).get(tensor_name)
    if not isinstance(original, Parameter | Buffer):
        raise SettingError("register_parametrization", "the name of a parameter or buffer", repr(tensor_name))
    value = original.detach().clone()
    own = ParametrizationList([parametrization], original)
    if not unsafe:
        with no_grad():
            try:
                _check_like(value, own())
            except Exception:
                original.data = value
                raise
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.__class__ = type(f"Parametrized{type(module).__name__}", (type(module),), {})
        module.register_module("parametrizations", ModuleDict())
    setattr(type(module), tensor_name, _property(tensor_name))
    vars(_lists(module))[tensor_name] = own
    return module


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Makes a tensor a parameter or buffer again, with its present value, or without leave_parametrized its original.

    Raises SettingError where it is not parametrized, or has several originals and leave_parametrized is False.
    """
    if not is_parametrized(module, tensor_name):
        raise SettingError("remove_parametrizations", "the name of a parametrized tensor", repr(tensor_name))
    lists, own = _lists(module), _lists(module)[tensor_name]
    if not own.is_tensor and not leave_parametrized:
        raise SettingError("remove_parametrizations", "leave_parametrized=True of several originals", False)
    kept = own.originals()[0]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name)
        if own.is_tensor:
            kept.data = value
        else:
            learned = any(original.requires_grad for original in own.originals())
            kept = Parameter(value, learned) if isinstance(kept, Parameter) else Buffer(value)
    delattr(type(module), tensor_name)
    delattr(lists, tensor_name)
    if not len(lists):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    setattr(module, tensor_name, kept)
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the module has a parametrized tensor: one of that name, or any."""
    own = vars(module).get("parametrizations")
    return isinstance(own, ModuleDict) and (len(own) > 0 if tensor_name is None else tensor_name in own)


def _lists(module: Module) -> ModuleDict:
    """The parametrizations of a module, by the names of its tensors."""
    return vars(module)["parametrizations"]  # type: ignore[no-any-return]


def _property(name: str) -> property:
    """The attribute of a parametrized tensor."""

    def get(self: Any) -> Tensor:
        known, key = _computed.get(), (id(self), name)
        if known is None:
            return self.parametrizations[name]()  # type: ignore[no-any-return]
        if key not in known:
            known[key] = self.parametrizations[name]()
        return known[key]

    def put(self: Any, value: Tensor) -> None:
        (_computed.get() or {}).pop((id(self), name), None)
        self.parametrizations[name].right_inverse(value)

    return property(get, put)


def _inverse(modules: list[Module], value: Any, needed: bool) -> Any:
    """What gives the value, a Tensor or several. needed: raises KindError for a module that cannot tell."""
    for module in reversed(modules):
        if hasattr(module, "right_inverse"):
            value = module.right_inverse(value)
        elif needed:
            raise KindError("parametrize", "parametrizations with a right_inverse", type(module).__name__)
    if isinstance(value, Tensor) or (isinstance(value, list | tuple) and all(isinstance(v, Tensor) for v in value)):
        return value
    raise KindError("parametrize", "a Tensor or several from right_inverse", type(value).__name__)


def _check_like(before: Tensor, after: Any) -> None:
    if not isinstance(after, Tensor):
        raise KindError("register_parametrization", "a Tensor from the parametrization", type(after).__name__)
    if after.shape != before.shape or after.dtype != before.dtype:
        expected, found = (f"{t.shape} of {t.dtype}" for t in (before, after))
        raise ShapeError("register_parametrization", expected, found, "unsafe=True allows it")
