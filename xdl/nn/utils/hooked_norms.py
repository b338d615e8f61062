"""Weight and spectral normalization by hooks, PyTorch's older form: the weight is made anew before each forward.

The module holds name_g and name_v, or name_orig, name_u and name_v, in the place of the parameter `name`, which is then
a plain Tensor. What is computed is in `normed.py`; the newer form is in `parametrizations.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from xdl.errors import SettingError
from xdl.nn.module import Module
from xdl.nn.parameter import Buffer, Parameter
from xdl.nn.utils import normed
from xdl.tensor import Tensor, no_grad

M = TypeVar("M", bound=Module)


class _WeightNorm:
    """The hook: weight = g v / |v|."""

    kind: ClassVar[str] = "weight_norm"
    parts: ClassVar[tuple[str, ...]] = ("_g", "_v")

    def __init__(self, name: str, dim: int) -> None:
        self.name, self.dim = name, dim

    def weight(self, module: Module, training: bool) -> Tensor:
        """The weight as it is now."""
        g, v = (getattr(module, self.name + part) for part in self.parts)
        return normed.of_length(v, g, self.dim)

    def __call__(self, module: Module, args: Any) -> None:
        setattr(module, self.name, self.weight(module, module.training))


class _SpectralNorm(_WeightNorm):
    """The hook: weight = the original over its largest singular value."""

    kind: ClassVar[str] = "spectral_norm"
    parts: ClassVar[tuple[str, ...]] = ("_orig", "_u", "_v")

    def __init__(self, name: str, dim: int, rounds: int, eps: float) -> None:
        super().__init__(name, dim)
        self.rounds, self.eps = rounds, eps

    def weight(self, module: Module, training: bool) -> Tensor:
        """The weight, in training after the rounds of the power method."""
        w, a, b = (getattr(module, self.name + part) for part in self.parts)
        if training:
            normed.power_method(w, a, b, self.rounds, self.eps, self.dim, right_first=True)
        return normed.over_spectrum(w, a, b, self.dim)


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Splits a parameter into its lengths along dim, name_g, and its direction, name_v; returns the module.

    dim None: one length of all of it. Raises SettingError where there is no such parameter, or it is split already.
    """
    w = _own(module, name, _WeightNorm.kind)
    hook = _WeightNorm(name, -1 if dim is None else dim)
    g = normed.lengths(w.detach(), hook.dim)
    delattr(module, name)
    module.register_parameter(name + "_g", Parameter(g, w.requires_grad))
    module.register_parameter(name + "_v", Parameter(w.detach(), w.requires_grad))
    hook(module, ())
    module.register_forward_pre_hook(hook)
    return module


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divides a parameter by its largest singular value, as a matrix whose rows go along dim; returns the module.

    dim is by default 1 for transposed convolutions, else 0. Raises SettingError where there is no such parameter, or
    it is divided already.
    """
    w = _own(module, name, _SpectralNorm.kind)
    _, rows = normed.spectral_settings(module, name, n_power_iterations, dim)
    a, b = normed.spectral_start(w, rows, eps)
    delattr(module, name)
    module.register_parameter(name + "_orig", w)
    setattr(module, name, w.detach())
    module.register_buffer(name + "_u", Buffer(a))
    module.register_buffer(name + "_v", Buffer(b))
    module.register_forward_pre_hook(_SpectralNorm(name, rows, n_power_iterations, eps))
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Makes the parameter whole again, with the values that it has. Raises SettingError where it is not split."""
    return _removed(module, name, _WeightNorm)


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Makes the divided values the parameter. Raises SettingError where it is not divided."""
    return _removed(module, name, _SpectralNorm)


def _removed(module: M, name: str, kind: type[_WeightNorm]) -> M:
    for key, hook in _hooks(module).items():
        if type(hook) is kind and hook.name == name:
            with no_grad():
                weight = hook.weight(module, False)
            learned = getattr(module, name + hook.parts[0]).requires_grad
            for part in ("", *hook.parts):
                delattr(module, name + part)
            del _hooks(module)[key]
            module.register_parameter(name, Parameter(weight, learned))
            return module
    raise SettingError(f"remove_{kind.kind}", f"a module with {kind.kind} of {name!r}", type(module).__name__)


def _own(module: Module, name: str, kind: str) -> Parameter:
    """The parameter of that name. Raises SettingError."""
    if any(isinstance(hook, _WeightNorm) and hook.name == name for hook in _hooks(module).values()):
        raise SettingError(kind, "a parameter that is not normalized already", repr(name))
    w = vars(module).get(name)
    if not isinstance(w, Parameter):
        raise SettingError(kind, "the name of a parameter", repr(name))
    return w


def _hooks(module: Module) -> dict[int, Any]:
    return module._hooks["before"] if module._hooks else {}
