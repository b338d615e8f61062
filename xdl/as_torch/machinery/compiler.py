"""What scripts ask of PyTorch's compilers and tracers: there is none here, and functions stay what they are."""

from __future__ import annotations

from typing import Any

from xdl.errors import BackendError


def is_compiling() -> bool:
    """False."""
    return False


is_dynamo_compiling = is_exporting = is_in_onnx_export = is_compiling


def is_fake(x: Any) -> bool:
    """False: every tensor has values."""
    return False


def get_proxy_mode() -> None:
    """None: nothing is traced."""


def disable(fn: Any = None, *_: Any, **__: Any) -> Any:
    """The function itself, also as a decorator with settings."""
    return fn if callable(fn) else (lambda given: given)


def allow_in_graph(fn: Any) -> Any:
    """The function itself."""
    return fn


wrap = assume_constant_result = substitute_in_graph = allow_in_graph


def reset() -> None:
    """Nothing to forget."""


cudagraph_mark_step_begin = graph_break = reset


def export(*_: Any, **__: Any) -> None:
    """Raises BackendError: `xdl export` writes ONNX files of xdl's own networks."""
    raise BackendError("torch.onnx.export", "a network of `xdl export RUN`", "a call of PyTorch's exporter")


__all__ = ["allow_in_graph", "assume_constant_result", "cudagraph_mark_step_begin", "disable", "export", "graph_break"]
__all__ += ["is_compiling", "is_dynamo_compiling", "is_exporting", "is_in_onnx_export", "reset", "substitute_in_graph"]
__all__ += ["get_proxy_mode", "is_fake", "wrap"]
