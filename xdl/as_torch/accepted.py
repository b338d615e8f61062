"""What PyTorch's machinery offers and xdl needs not: accepted where it changes no result, and said once where it was
meant to change the speed."""

from __future__ import annotations

from typing import Any, TypeVar

from xdl.as_torch.said import once

F = TypeVar("F")


def compile(model: F | None = None, **_: Any) -> Any:
    """The model or function itself, also as a decorator: xdl compiles nothing."""
    once("torch.compile changes nothing: xdl runs the model as it is written")
    return _itself(model)


def script(obj: F | None = None, *_: Any, **__: Any) -> Any:
    """The same for `torch.jit.script`."""
    once("torch.jit changes nothing: xdl runs the model as it is written")
    return _itself(obj)


def trace(func: F, *_: Any, **__: Any) -> F:
    """The same for `torch.jit.trace`."""
    return script(func)  # type: ignore[no-any-return]


def _itself(thing: Any) -> Any:
    return (lambda given: given) if thing is None else thing


def ignore(drop: Any = False, **_: Any) -> Any:
    """A decorator of `torch.jit` that changes nothing."""
    return drop if callable(drop) else _itself(None)


unused = export = script_method = interface = ignore


def is_scripting() -> bool:
    """False."""
    return False


is_tracing = is_scripting


def set_float32_matmul_precision(precision: str) -> None:
    """Nothing on a CPU; `xdl.set_precision("tf32")` is xdl's switch on a card."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing: xdl's results are the same in every run."""


def set_printoptions(**_: Any) -> None:
    """Nothing: tensors are printed as NumPy prints."""


__all__ = ["compile", "export", "ignore", "interface", "is_scripting", "is_tracing", "script", "script_method"]
__all__ += ["set_float32_matmul_precision", "set_printoptions", "trace", "unused", "use_deterministic_algorithms"]
