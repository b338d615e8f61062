"""What PyTorch's machinery offers and xdl needs not: accepted where it changes no result, and said once where it was
meant to change the speed."""

from __future__ import annotations

from typing import Any, Dict, Final, List, Optional, Tuple, TypeVar  # noqa: UP035  # names that scripts take from here

import xdl
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


def annotate(the_type: Any, the_value: F) -> F:
    """The value."""
    return the_value


def checkpoint(function: Any, *args: Any, use_reentrant: bool | None = None, **kwargs: Any) -> Any:
    """function(*args, **kwargs): its inner results are kept, and not computed again in the backward pass."""
    once("torch.utils.checkpoint saves no memory: xdl keeps what the backward pass reads")
    return function(*args, **kwargs)


def checkpoint_sequential(functions: Any, segments: int, input: Any, **_: Any) -> Any:
    """The functions one after the other, as `checkpoint`."""
    for function in functions:
        input = checkpoint(function, input)
    return input


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """Nothing: `torch.get_rng_state` holds the random numbers of every device."""
    return [], []


def set_device_states(devices: Any, states: Any, **_: Any) -> None:
    """Nothing to set."""


def _assert(condition: Any, message: str) -> None:
    """`assert`, as tracers need it. Raises AssertionError."""
    if not condition:
        raise AssertionError(message)


def get_float32_matmul_precision() -> str:
    """ "highest"."""
    return "highest"


def are_deterministic_algorithms_enabled() -> bool:
    """True."""
    return True


def set_float32_matmul_precision(precision: str) -> None:
    """Nothing on a CPU; `xdl.set_precision("tf32")` is xdl's switch on a card."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing: xdl's results are the same in every run."""


def set_printoptions(**_: Any) -> None:
    """Nothing: tensors are printed as NumPy prints."""


def set_flush_denormal(mode: bool) -> bool:
    """False: the processor's switch stays."""
    return False


def get_default_device() -> Any:
    """Where new tensors go."""
    return xdl.zeros(0).device


def set_default_device(device: Any) -> None:
    """New tensors go to that device. Raises BackendError for one that is not there."""
    xdl.use(str(device))


# how memory is ordered, which is the backend's affair
contiguous_format, preserve_format, channels_last, channels_last_3d = (
    "contiguous_format",
    "preserve_format",
    "channels_last",
    "channels_last_3d",
)

layout = memory_format = str
strided = "strided"

__all__ = ["_assert", "are_deterministic_algorithms_enabled", "checkpoint_sequential"]
__all__ += ["get_default_device", "get_device_states"]
__all__ += ["get_float32_matmul_precision", "layout", "memory_format", "set_default_device", "set_device_states"]
__all__ += ["set_flush_denormal", "strided"]
__all__ += [
    "Dict",
    "Final",
    "List",
    "Optional",
    "Tuple",
    "annotate",
    "channels_last",
    "channels_last_3d",
    "checkpoint",
    "contiguous_format",
]
__all__ += ["preserve_format"]
__all__ += ["compile", "export", "ignore", "interface", "is_scripting", "is_tracing", "script", "script_method"]
__all__ += ["set_float32_matmul_precision", "set_printoptions", "trace", "unused", "use_deterministic_algorithms"]
