"""What PyTorch's machinery offers and xdl needs not: accepted where it changes no result, and said once where it was
meant to change the speed."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from xdl.as_torch.said import once
from xdl.errors import BackendError

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


def annotate(the_type: Any, the_value: F) -> F:
    """The value."""
    return the_value


def checkpoint(function: Any, *args: Any, use_reentrant: bool | None = None, **kwargs: Any) -> Any:
    """function(*args, **kwargs): its inner results are kept, and not computed again in the backward pass."""
    once("torch.utils.checkpoint saves no memory: xdl keeps what the backward pass reads")
    return function(*args, **kwargs)


def load_state_dict_from_url(url: str, *_: Any, **__: Any) -> Any:
    """Raises BackendError: those files are pickles."""
    raise BackendError("load_state_dict_from_url", "weights in a safetensors file that is here", url)


load_url = load_state_dict_from_url


def set_float32_matmul_precision(precision: str) -> None:
    """Nothing on a CPU; `xdl.set_precision("tf32")` is xdl's switch on a card."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing: xdl's results are the same in every run."""


def set_printoptions(**_: Any) -> None:
    """Nothing: tensors are printed as NumPy prints."""


# how memory is ordered, which is the backend's affair
contiguous_format, preserve_format, channels_last, channels_last_3d = (
    "contiguous_format",
    "preserve_format",
    "channels_last",
    "channels_last_3d",
)

__all__ = ["Final", "annotate", "channels_last", "channels_last_3d", "checkpoint", "contiguous_format"]
__all__ += ["load_state_dict_from_url", "load_url", "preserve_format"]
__all__ += ["compile", "export", "ignore", "interface", "is_scripting", "is_tracing", "script", "script_method"]
__all__ += ["set_float32_matmul_precision", "set_printoptions", "trace", "unused", "use_deterministic_algorithms"]
